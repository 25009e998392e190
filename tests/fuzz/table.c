// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table text of paths in the input, taken apart as device-mapper and the target do it (their own code
 * for the paths): what went in comes out. Then the text itself from the input, as a person may type it.
 */
#include "map/table.h"

#include <errno.h>
#include <inttypes.h>

#include "../../kmod/path.h"
#include "fuzz.h"

#define MAX_FILES 8u
#define PATH_LIMIT 300u

/* dm_split_args() in drivers/md/dm-table.c: the blanks of the kernel's ctype table divide, a backslash quotes. */
static char *next_word(char **rest)
{
	static const char blanks[] = " \t\n\v\f\r\xa0";
	char *word = *rest + strspn(*rest, blanks), *end = word + strcspn(word, blanks);

	PROMISE(!memchr(word, '\\', (size_t)(end - word)));
	if (end == word)
		return NULL;
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static uint64_t next_number(char **rest)
{
	char *word = next_word(rest), *end;
	uint64_t number;

	PROMISE(word && *word >= '0' && *word <= '9');
	errno = 0;
	number = strtoull(word, &end, 10);
	PROMISE(errno == 0 && *end == '\0');
	return number;
}

static void promise_params(const struct found_archive *archive)
{
	char *params = map_table_params(archive), *rest = params;
	uint64_t sum = 0;

	PROMISE(params);
	/* dmsetup ends a line there. */
	PROMISE(!strpbrk(params, ",;\n"));
	PROMISE(next_number(&rest) == archive->count);
	for (size_t i = 0; i < archive->count; i++) {
		const struct chunkfile *file = &archive->files[i];
		char *path = next_word(&rest);

		PROMISE(path && ukiblk_path_decode(path) == 0);
		PROMISE(strcmp(path, file->path) == 0);
		PROMISE(next_number(&rest) * SECTOR_BYTES == file->offset);
		sum += file->id.chunk_length / SECTOR_BYTES;
		PROMISE(next_number(&rest) * SECTOR_BYTES == file->id.chunk_length);
	}
	PROMISE(!next_word(&rest));
	PROMISE(sum == map_table_sectors(archive));
	free(params);
}

/* What the decoder takes, the encoder (the one of "dmsetup table") gives back: the same path. */
static void promise_decoded(const char *text)
{
	char *path = strdup(text), *again, *out;

	if (!path)
		abort();
	if (ukiblk_path_decode(path) == 0) {
		PROMISE(strlen(path) <= strlen(text));
		out = again = malloc(3 * strlen(path) + 1);
		if (!again)
			abort();
		for (const char *p = path; *p; p++)
			out += sprintf(out, ukiblk_path_is_plain((unsigned char)*p) ? "%c" : "%%%02x", (unsigned char)*p);
		*out = '\0';
		PROMISE(!strpbrk(again, " \\,;\t\n\v\f\r\xa0\x7f") && ukiblk_path_decode(again) == 0 && strcmp(again, path) == 0);
		free(again);
	}
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	struct chunkfile files[MAX_FILES] = { 0 };
	struct found_archive archive = { files, 0 };

	while (input.left > 0 && archive.count < MAX_FILES) {
		struct chunkfile *file = &files[archive.count];

		file->offset = (take_number(&input, 7) << 12) & INT64_MAX;
		file->id.chunk_length = (take_number(&input, 6) << 12) & INT64_MAX;
		file->path = take_string(&input, PATH_LIMIT);
		promise_decoded(file->path);
		/* A file has a name. */
		if (*file->path)
			archive.count++;
		else
			chunkfile_release(file);
	}
	if (archive.count > 0)
		promise_params(&archive);
	for (size_t i = 0; i < archive.count; i++)
		chunkfile_release(&files[i]);
	return 0;
}
