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
	const char *folder;
	int dirfd;
	struct chunkfile *files;
	size_t count;
	archive_note *note;
	void *context;
};

static void tell(const struct scan *scan, const char *path, int code, const char *sentence)
{
	if (scan->note)
		scan->note(scan->context, path, code, sentence);
}

static int scan_file(struct scan *scan, const char *name, const char *path)
{
	struct chunkfile file, *grown;
	struct error reason;
	int r = chunkfile_read(scan->dirfd, name, path, &file, &reason);

	if (r == -ENOMEM)
		return r;
	if (r == -ENOENT && is_chunk_name(name))
		snprintf(reason.text, sizeof reason.text,
			 "The file is named like an archive but does not end with an identifier: it is cut off. Copy it again");
	if (r < 0) {
		if (r != -ENOENT || is_chunk_name(name))
			tell(scan, path, r, reason.text);
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

static int scan_entries(struct scan *scan, DIR *dir)
{
	struct dirent *entry;
	char path[PATH_MAX];
	unsigned entries = 0, files = 0;
	int r = 0;

	while (r >= 0 && (entry = readdir(dir))) {
		bool is_candidate = is_chunk_name(entry->d_name) || text_has_suffix(entry->d_name, ".efi");

		if (++entries > FOLDER_MAX_ENTRIES || (is_candidate && ++files > FOLDER_MAX_FILES)) {
			tell(scan, scan->folder, -E2BIG, "The folder holds too many files; the rest of them was not looked at");
			break;
		}
		if (is_candidate && snprintf(path, sizeof path, "%s%s%s", scan->folder, text_has_suffix(scan->folder, "/") ? "" : "/",
					     entry->d_name) < (int)sizeof path)
			r = scan_file(scan, entry->d_name, path);
	}
	return r;
}

int archive_scan_folder(const char *folder, struct chunkfile **ret_files, size_t *ret_count, archive_note *note,
			void *context, struct error *error)
{
	autoclosedir DIR *dir = opendir(folder);
	struct scan scan = { .folder = folder, .note = note, .context = context };

	if (!dir)
		return fail(error, -errno, "Cannot read the folder %s: %s", folder, strerror(errno));
	scan.dirfd = dirfd(dir);
	if (scan_entries(&scan, dir) < 0) {
		archive_release_files(scan.files, scan.count);
		return fail(error, -ENOMEM, "Out of memory");
	}
	*ret_files = scan.files;
	*ret_count = scan.count;
	return 0;
}

/* All that have a path; of copies those come first that no archive has used yet. */
static size_t list_live(const struct chunkfile *files, size_t count, struct identifier *ret_ids, size_t *ret_indices)
{
	size_t live = 0;

	for (unsigned used = 0; used < 2; used++)
		for (size_t i = 0; i < count; i++) {
			if (!files[i].path || files[i].is_used != used)
				continue;
			ret_ids[live] = files[i].id;
			ret_indices[live++] = i;
		}
	return live;
}

/* Copies of the files in this order. */
static int copy_files(struct chunkfile *files, const size_t *order, size_t count, struct found_archive *ret)
{
	struct found_archive archive = { calloc(count, sizeof *archive.files), 0 };

	if (!archive.files)
		return -ENOMEM;
	for (; archive.count < count; archive.count++) {
		struct chunkfile *file = &archive.files[archive.count];

		*file = files[order[archive.count]];
		file->path = strdup(file->path);
		if (!file->path) {
			archive_release(&archive);
			return -ENOMEM;
		}
	}
	*ret = archive;
	return 0;
}

int archive_collect(struct chunkfile *files, size_t count, size_t first, struct found_archive *ret, struct error *error)
{
	autofree struct identifier *ids = calloc(count, sizeof *ids);
	autofree size_t *order = calloc(count, sizeof *order), *indices = calloc(count, sizeof *indices);
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
	for (int i = 0; i < chunks; i++)
		order[i] = indices[order[i]];
	if (copy_files(files, order, (size_t)chunks, ret) < 0)
		return fail(error, -ENOMEM, "Out of memory");
	for (int i = 0; i < chunks; i++)
		files[order[i]].is_used = true;
	return 0;
}

/* The named file first in the list: the archive is put together with it, whatever copies there are. */
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
