// SPDX-License-Identifier: GPL-2.0-only
#include "locate/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "format/chunkset.h"

void archive_release_files(struct chunkfile *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		chunkfile_release(&files[i]);
	free(files);
}

void archive_release(struct found_archive *archive)
{
	archive_release_files(archive->files, archive->count);
	*archive = (struct found_archive){ 0 };
}

/* NAME.erofs or NAME.erofs.001: without an identifier such a file is worth a word. */
static bool is_chunk_name(const char *name)
{
	char stem[NAME_MAX + 1];
	size_t length = strlen(name), digits = strspn(name + length - (length < 3 ? length : 3), "0123456789");

	if (text_has_suffix(name, ".erofs"))
		return true;
	if (length < 5 || length > NAME_MAX || digits != 3 || name[length - 4] != '.')
		return false;
	snprintf(stem, sizeof stem, "%.*s", (int)(length - 4), name);
	return text_has_suffix(stem, ".erofs");
}

struct scan {
	struct chunkfile *files;
	size_t count;
	archive_note *note;
	void *context;
};

static int scan_file(struct scan *scan, int dirfd, const char *name, const char *path)
{
	struct chunkfile file, *grown;
	struct error reason;
	int r = chunkfile_read(dirfd, name, path, &file, &reason);

	if (r == -ENOENT && is_chunk_name(name))
		snprintf(reason.text, sizeof reason.text,
			 "The file is named like an archive but does not end with an identifier: it is cut off. Copy it again");
	if (r < 0) {
		if (scan->note && (r != -ENOENT || is_chunk_name(name)))
			scan->note(scan->context, path, r, reason.text);
		return 0;
	}
	grown = reallocarray(scan->files, scan->count + 1, sizeof *grown);
	if (!grown) {
		chunkfile_release(&file);
		return -ENOMEM;
	}
	scan->files = grown;
	scan->files[scan->count++] = file;
	return 0;
}

int archive_scan_folder(const char *folder, struct chunkfile **ret_files, size_t *ret_count, archive_note *note,
			void *context, struct error *error)
{
	struct scan scan = { .note = note, .context = context };
	autoclosedir DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];

	if (!dir)
		return fail(error, -errno, "Cannot read the folder %s: %s", folder, strerror(errno));
	for (unsigned seen = 0; seen < FOLDER_MAX_ENTRIES && (entry = readdir(dir)); seen++) {
		if (!is_chunk_name(entry->d_name) && !text_has_suffix(entry->d_name, ".efi"))
			continue;
		if (snprintf(path, sizeof path, "%s%s%s", folder, text_has_suffix(folder, "/") ? "" : "/", entry->d_name) >=
		    (int)sizeof path)
			continue;
		if (scan_file(&scan, dirfd(dir), entry->d_name, path) < 0) {
			archive_release_files(scan.files, scan.count);
			return fail(error, -ENOMEM, "Out of memory");
		}
	}
	*ret_files = scan.files;
	*ret_count = scan.count;
	return 0;
}

/* Entries whose file an earlier archive has taken are passed over. */
static size_t list_live(const struct chunkfile *files, size_t count, struct identifier *ret_ids, size_t *ret_indices)
{
	size_t live = 0;

	for (size_t i = 0; i < count; i++) {
		if (!files[i].path)
			continue;
		ret_ids[live] = files[i].id;
		ret_indices[live++] = i;
	}
	return live;
}

int archive_collect(struct chunkfile *files, size_t count, size_t first, struct found_archive *ret, struct error *error)
{
	autofree struct identifier *ids = calloc(count, sizeof *ids);
	autofree size_t *order = calloc(count, sizeof *order), *indices = calloc(count, sizeof *indices);
	struct chunkfile *ordered;
	size_t live, start = 0;
	int chunks;

	if (!ids || !order || !indices)
		return fail(error, -ENOMEM, "Out of memory");
	live = list_live(files, count, ids, indices);
	while (indices[start] != first)
		start++;
	chunks = chunkset_order(ids, live, start, order, error);
	if (chunks < 0)
		return chunks;
	ordered = calloc((size_t)chunks, sizeof *ordered);
	if (!ordered)
		return fail(error, -ENOMEM, "Out of memory");
	for (int i = 0; i < chunks; i++) {
		struct chunkfile *file = &files[indices[order[i]]];

		ordered[i] = *file;
		file->path = NULL;
	}
	*ret = (struct found_archive){ ordered, (size_t)chunks };
	return 0;
}

/* The named file first in the list, so that of two copies of a chunk the one asked for is taken. */
static int with_siblings(struct chunkfile *file, struct chunkfile **ret_files, size_t *ret_count, struct error *error)
{
	autofree char *copy = strdup(file->path);
	struct chunkfile *siblings = NULL, *files;
	size_t count = 0;
	int r = 0;

	if (!copy)
		return fail(error, -ENOMEM, "Out of memory");
	if (file->id.chunk_count > 1)
		r = archive_scan_folder(dirname(copy), &siblings, &count, NULL, NULL, error);
	if (r < 0)
		return r;
	files = calloc(count + 1, sizeof *files);
	if (!files) {
		archive_release_files(siblings, count);
		return fail(error, -ENOMEM, "Out of memory");
	}
	files[0] = *file;
	file->path = NULL;
	if (count > 0)
		memcpy(files + 1, siblings, count * sizeof *files);
	free(siblings);
	*ret_files = files;
	*ret_count = count + 1;
	return 0;
}

int archive_open_file(const char *path, struct found_archive *ret, struct error *error)
{
	struct chunkfile file, *files = NULL;
	struct error reason;
	size_t count = 0;
	int r;

	r = chunkfile_read(AT_FDCWD, path, path, &file, &reason);
	if (r < 0)
		return fail(error, r, "%s carries no usable archive. %s", path, reason.text);
	r = with_siblings(&file, &files, &count, error);
	chunkfile_release(&file);
	if (r < 0)
		return r;
	r = archive_collect(files, count, 0, ret, error);
	archive_release_files(files, count);
	return r < 0 ? r : 0;
}

/* Reads what of the range lies in one chunk file. */
static int read_from_file(const struct chunkfile *file, uint8_t *buffer, size_t length, uint64_t offset, struct error *error)
{
	uint64_t start = file->id.chunk_offset, end = start + file->id.chunk_length;
	uint64_t from = offset > start ? offset : start, to = offset + length < end ? offset + length : end;
	autoclose int fd = -1;
	int r;

	if (from >= to)
		return 0;
	fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(error, -errno, "Cannot open %s: %s", file->path, strerror(errno));
	r = io_read_at(fd, buffer + (from - offset), (size_t)(to - from), file->offset + (from - start));
	if (r < 0)
		return fail(error, r, "Cannot read %s: %s", file->path, strerror(-r));
	return 0;
}

int archive_read_at(const struct found_archive *archive, void *buffer, size_t length, uint64_t offset, struct error *error)
{
	if (length > archive->files[0].id.total_length || offset > archive->files[0].id.total_length - length)
		return fail(error, -EINVAL, "The range lies outside the archive");
	for (size_t i = 0; i < archive->count; i++) {
		int r = read_from_file(&archive->files[i], buffer, length, offset, error);

		if (r < 0)
			return r;
	}
	return 0;
}
