// SPDX-License-Identifier: GPL-2.0-only
#include "map/table.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

uint64_t map_table_sectors(const struct found_archive *archive)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < archive->count; i++)
		bytes += archive->files[i].id.chunk_length;
	return bytes / SECTOR_BYTES;
}

char *map_table_params(const struct found_archive *archive)
{
	char *text = NULL, path[ESCAPED_PATH_BYTES];
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool failed = false;

	if (!out)
		return NULL;
	fprintf(out, "%zu", archive->count);
	for (size_t i = 0; i < archive->count; i++) {
		const struct chunkfile *file = &archive->files[i];

		failed |= !escape_path(file->path, path, sizeof path);
		fprintf(out, " %s %" PRIu64 " %" PRIu64, path, file->offset / SECTOR_BYTES, file->id.chunk_length / SECTOR_BYTES);
	}
	failed |= ferror(out) != 0;
	/* Closing moves the text: it is where it stays only after that. */
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
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
	    __builtin_add_overflow(row->start, row->length, &row->start) || !unescape_path(path, length, row->path, sizeof row->path))
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

bool map_table_file(const char *params, unsigned index, char *ret_path, size_t size, uint64_t *ret_first, uint64_t *ret_length)
{
	struct row row = { .start = 0 };
	unsigned files = 0;
	const char *at = first_row(params, &files);

	if (!at || index >= files)
		return false;
	for (unsigned i = 0; i <= index; i++)
		if (!next_row(&at, &row))
			return false;
	*ret_first = row.first;
	*ret_length = row.length;
	return snprintf(ret_path, size, "%s", row.path) < (int)size;
}
