// SPDX-License-Identifier: GPL-2.0-only
#include "map/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t map_table_sectors(const struct found_archive *archive)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < archive->count; i++)
		bytes += archive->files[i].id.chunk_length;
	return bytes / SECTOR_BYTES;
}

/*
 * The target decodes %XX in paths (kmod/target.c). Quoting by backslash (dm_split_args in drivers/md/
 * dm-table.c) cannot be had through libdevmapper, which doubles every backslash; dmsetup ends a table
 * line at comma and semicolon; and the kernel's isspace() takes byte 0xa0 for a blank.
 */
static void print_path(FILE *out, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c <= ' ' || c == 0x7f || c == 0xa0 || strchr("%\\,;", c))
			fprintf(out, "%%%02X", c);
		else
			fputc(c, out);
	}
}

char *map_table_params(const struct found_archive *archive)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool failed;

	if (!out)
		return NULL;
	fprintf(out, "%zu", archive->count);
	for (size_t i = 0; i < archive->count; i++) {
		const struct chunkfile *file = &archive->files[i];

		fputc(' ', out);
		print_path(out, file->path);
		fprintf(out, " %" PRIu64 " %" PRIu64, file->offset / SECTOR_BYTES, file->id.chunk_length / SECTOR_BYTES);
	}
	failed = ferror(out);
	/* Closing moves the text: it is where it stays only after that. */
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
