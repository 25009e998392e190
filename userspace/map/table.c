// SPDX-License-Identifier: GPL-2.0-only
#include "map/table.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

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

/* The word @text of @length bytes with its %XX decoded. */
static bool decode_path(const char *text, size_t length, char *ret, size_t size)
{
	for (size_t i = 0; i < length; i++) {
		int high = text[i] == '%' && i + 2 < length ? text_hex_digit(text[i + 1]) : -1, low = high < 0 ? -1 : text_hex_digit(text[i + 2]);

		if ((text[i] == '%' && low < 0) || size < 2)
			return false;
		*ret++ = text[i] == '%' ? (char)(high * 16 + low) : text[i];
		i += text[i] == '%' ? 2 : 0;
		size--;
	}
	*ret = '\0';
	return true;
}

/* A file's place in the mapped device, all in bytes. */
struct row {
	char path[PATH_MAX];
	uint64_t start, first, length;
};

/* The next file of the parameters at *@at, which moves on; @row->start is the sum of those before. */
static bool next_row(const char **at, struct row *row)
{
	const char *path = *at + strspn(*at, " ");
	size_t length = strcspn(path, " ");
	uint64_t first, sectors;
	int used = 0;

	if (length == 0 || sscanf(path + length, " %" SCNu64 " %" SCNu64 "%n", &first, &sectors, &used) != 2 || used == 0 ||
	    first > INT64_MAX / SECTOR_BYTES || sectors > INT64_MAX / SECTOR_BYTES ||
	    __builtin_add_overflow(row->start, row->length, &row->start) || !decode_path(path, length, row->path, sizeof row->path))
		return false;
	row->first = first * SECTOR_BYTES;
	row->length = sectors * SECTOR_BYTES;
	*at = path + length + used;
	return true;
}

/* Behind the number of files. */
static const char *first_row(const char *params, unsigned *ret_files)
{
	int used = 0;

	return sscanf(params, "%u %n", ret_files, &used) == 1 && used ? params + used : NULL;
}

bool map_table_find(const char *params, uint64_t offset, char *ret_path, size_t size, uint64_t *ret_file_offset)
{
	struct row row = { .start = 0 };
	unsigned files = 0;
	const char *at = first_row(params, &files);

	while (at && files-- > 0 && next_row(&at, &row)) {
		if (offset < row.start || offset - row.start >= row.length)
			continue;
		*ret_file_offset = row.first + (offset - row.start);
		return snprintf(ret_path, size, "%s", row.path) < (int)size;
	}
	return false;
}

bool map_table_find_file(const char *params, const char *path, uint64_t file_offset, uint64_t *ret_offset)
{
	struct row row = { .start = 0 };
	unsigned files = 0;
	const char *at = first_row(params, &files);

	while (at && files-- > 0 && next_row(&at, &row)) {
		if (strcmp(row.path, path) != 0 || file_offset < row.first || file_offset - row.first >= row.length)
			continue;
		*ret_offset = row.start + (file_offset - row.first);
		return true;
	}
	return false;
}
