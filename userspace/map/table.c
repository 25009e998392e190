// SPDX-License-Identifier: GPL-2.0-only
#include "map/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

uint64_t map_table_sectors(const struct found_archive *archive)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < archive->count; i++)
		bytes += archive->files[i].id.chunk_length;
	return bytes / SECTOR_BYTES;
}

/*
 * The target decodes %XX in paths (kmod/target.c): libdevmapper doubles every backslash, so the
 * kernel's own quoting of blanks (dm_split_args in drivers/md/dm-table.c) cannot be reached through it.
 */
static void print_path(FILE *out, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c <= ' ' || c == 0x7f || c == '%' || c == '\\')
			fprintf(out, "%%%02X", c);
		else
			fputc(c, out);
	}
}

char *map_table_params(const struct found_archive *archive)
{
	char *text = NULL;
	size_t length;
	autofclose FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	fprintf(out, "%zu", archive->count);
	for (size_t i = 0; i < archive->count; i++) {
		const struct chunkfile *file = &archive->files[i];

		fputc(' ', out);
		print_path(out, file->path);
		fprintf(out, " %" PRIu64 " %" PRIu64, file->offset / SECTOR_BYTES, file->id.chunk_length / SECTOR_BYTES);
	}
	if (fflush(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
