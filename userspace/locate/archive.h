/* SPDX-License-Identifier: GPL-2.0-only */
/* An archive that was found: its chunk files in order. What locate hands to map and verify. */
#pragma once

#include "locate/chunkfile.h"

struct found_archive {
	struct chunkfile *files;	/* chunk 0 first; owned */
	size_t count;
};

/*
 * Looks at every regular file of @folder for chunks. Files ending in .efi, .erofs or .erofs.<digits>
 * are read; nothing else is opened. Bounded by two numbers, and @note is told when a folder has more.
 * @note, when given, is told of every file that is named like an archive but is none, and of every
 * damaged identifier. The caller releases the list with archive_release_files.
 */
#define FOLDER_MAX_ENTRIES 65536	/* names: as many as a FAT folder can have */
#define FOLDER_MAX_FILES 4096	/* files opened */
typedef void archive_note(void *context, const char *path, int code, const char *sentence);
int archive_scan_folder(const char *folder, struct chunkfile **ret_files, size_t *ret_count, archive_note *note,
			void *context, struct error *error);
void archive_release_files(struct chunkfile *files, size_t count);

/*
 * The archive that files[first] (whose path is not NULL) belongs to, with it, chunks in order. The entries
 * used are marked; of copies of a chunk an unused one is preferred. Errors as chunkset_order.
 */
int archive_collect(struct chunkfile *files, size_t count, size_t first, struct found_archive *ret, struct error *error);
/*
 * The archive of which @path is one chunk; the others are looked for in its folder.
 * -ENOENT: @path carries no archive.
 */
int archive_open_file(const char *path, struct found_archive *ret, struct error *error);
void archive_release(struct found_archive *archive);

/* Reads bytes of the archive's payload, wherever its chunks cut it, from the files themselves. */
int archive_read_at(const struct found_archive *archive, void *buffer, size_t length, uint64_t offset, struct error *error);
