// SPDX-License-Identifier: GPL-2.0-only
#include "locate/carrier.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"
#include "format/chunkset.h"

struct search {
	const uint8_t *root_hash;
	carrier_found *found;
	archive_note *note;
	void *context;
};

/* "holds the archive X with another root hash": true for every chunk, said once for the first. */
static void note_other(const struct search *search, const struct chunkfile *file)
{
	struct error reason;
	char hex[2 * HASH_BYTES + 1];

	if (file->id.chunk_index != 0)
		return;
	text_format_hex(file->id.root_hash, HASH_BYTES, hex);
	fail(&reason, -ENOENT, "Archive \"%s\" is another one: its root hash is %.16s...", file->id.name, hex);
	search->note(search->context, file->path, -ENOENT, reason.text);
}

static bool is_wanted(const struct search *search, const struct chunkfile *file)
{
	return !search->root_hash || memcmp(file->id.root_hash, search->root_hash, HASH_BYTES) == 0;
}

/* The first file of a wanted archive that was not part of one tried; count when there is none. */
static size_t next_wanted(const struct search *search, const struct chunkfile *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (files[i].path && !files[i].is_used && is_wanted(search, &files[i]))
			return i;
	return count;
}

static int try_archive(const struct search *search, struct chunkfile *files, size_t count, size_t first)
{
	struct found_archive archive;
	struct error reason;
	int r = archive_collect(files, count, first, &archive, &reason);

	if (r < 0) {
		search->note(search->context, files[first].path, r, reason.text);
		/* Where a chunk is missing, the archive's other chunks would give the same answer. */
		for (size_t i = 0; r == -ENODATA && i < count; i++)
			if (i != first && files[i].path && chunkset_same_archive(&files[i].id, &files[first].id))
				chunkfile_release(&files[i]);
		chunkfile_release(&files[first]);
		return r;
	}
	r = search->found(search->context, &archive);
	archive_release(&archive);
	return r;
}

static int search_folder(const struct search *search, const char *folder)
{
	struct chunkfile *files;
	struct error reason;
	size_t count, wanted;
	int r;

	r = archive_scan_folder(folder, &files, &count, search->note, search->context, &reason);
	if (r < 0) {
		/* Most carriers lack most of the folders. */
		if (r != -ENOENT && r != -ENOTDIR)
			search->note(search->context, folder, r, reason.text);
		return -ENOENT;
	}
	r = -ENOENT;
	for (size_t i = 0; i < count; i++)
		if (!is_wanted(search, &files[i]))
			note_other(search, &files[i]);
	while (r < 0 && (wanted = next_wanted(search, files, count)) < count)
		r = try_archive(search, files, count, wanted);
	archive_release_files(files, count);
	return r < 0 ? -ENOENT : 0;
}

/* FAT has no case: /efi/boot and /EFI/BOOT are one folder and are searched once. */
static bool is_default_folder(const char *folder)
{
	static const char *const folders[] = CARRIER_FOLDERS;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (strcasecmp(folders[i], folder) == 0)
			return true;
	return false;
}

static bool folder_of(const char *uki_path, char ret_folder[static PATH_MAX])
{
	const char *slash = strrchr(uki_path, '/');

	if (!slash || strstr(uki_path, "/../"))
		return false;
	snprintf(ret_folder, PATH_MAX, "%.*s", (int)(slash > uki_path ? slash - uki_path : 1), uki_path);
	return true;
}

int carrier_search(const char *mount, const char *uki_path, const uint8_t *root_hash, carrier_found *found,
		   archive_note *note, void *context)
{
	static const char *const folders[] = CARRIER_FOLDERS;
	const struct search search = { root_hash, found, note, context };
	char own[PATH_MAX], path[2 * PATH_MAX];

	if (folder_of(uki_path, own) && !is_default_folder(own)) {
		snprintf(path, sizeof path, "%s%s", mount, own);
		if (search_folder(&search, path) == 0)
			return 0;
	}
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s%s", mount, folders[i]);
		if (search_folder(&search, path) == 0)
			return 0;
	}
	return -ENOENT;
}
