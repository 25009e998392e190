// SPDX-License-Identifier: GPL-2.0-only
#include "archive/workfolder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

int work_folder_open(const char *output, struct work_folder *ret, struct error *error)
{
	struct work_folder folder = { 0 };

	if (snprintf(folder.output, sizeof folder.output, "%s", output) >= (int)sizeof folder.output ||
	    snprintf(folder.path, sizeof folder.path, "%s/.ukiblk-XXXXXX", output) >= (int)sizeof folder.path)
		return fail(error, -ENAMETOOLONG, "The path of the output folder is too long");
	if (!mkdtemp(folder.path))
		return fail(error, -errno, "Cannot write to the output folder %s: %s", output, strerror(errno));
	folder.dir = opendir(folder.path);
	if (!folder.dir) {
		int code = -errno;

		rmdir(folder.path);
		return fail(error, code, "Cannot read the folder %s: %s", folder.path, strerror(-code));
	}
	*ret = folder;
	return 0;
}

void work_folder_close(struct work_folder *folder)
{
	struct dirent *entry;

	if (!folder->dir)
		return;
	rewinddir(folder->dir);
	while ((entry = readdir(folder->dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(folder->dir), entry->d_name, 0);
	closedir(folder->dir);
	rmdir(folder->path);
	*folder = (struct work_folder){ 0 };
}

bool work_folder_path(const struct work_folder *folder, const char *name, char ret_path[static PATH_MAX])
{
	return snprintf(ret_path, PATH_MAX, "%s/%s", folder->path, name) < PATH_MAX;
}

/* Whether @file is NAME.efi, NAME.erofs or NAME.erofs.NNN. */
static bool is_result(const char *file, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(file, name, length) != 0)
		return false;
	file += length;
	if (strcmp(file, ".efi") == 0)
		return true;
	if (strncmp(file, ".erofs", 6) != 0)
		return false;
	file += 6;
	return *file == '\0' || (*file == '.' && strspn(file + 1, "0123456789") == 3 && strlen(file) == 4);
}

typedef int each_result(struct work_folder *folder, int dirfd, const char *file, struct error *error);

static int for_each_result(struct work_folder *folder, DIR *dir, const char *name, each_result *each, struct error *error)
{
	struct dirent *entry;

	rewinddir(dir);
	while ((entry = readdir(dir))) {
		int r = is_result(entry->d_name, name) ? each(folder, dirfd(dir), entry->d_name, error) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int refuse(struct work_folder *folder, int dirfd, const char *file, struct error *error)
{
	(void)dirfd;
	return fail(error, -EEXIST, "%s/%s exists already. Use --force to replace it", folder->output, file);
}

static int drop(struct work_folder *folder, int dirfd, const char *file, struct error *error)
{
	if (unlinkat(dirfd, file, 0) < 0)
		return fail(error, -errno, "Cannot remove the old %s/%s: %s", folder->output, file, strerror(errno));
	return 0;
}

/* @flags: 0, or RENAME_NOREPLACE */
static int rename_out(struct work_folder *folder, const char *file, unsigned flags, struct error *error)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (!work_folder_path(folder, file, from) || snprintf(to, sizeof to, "%s/%s", folder->output, file) >= (int)sizeof to)
		return fail(error, -ENAMETOOLONG, "The path of the output is too long");
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) == 0)
		return 0;
	if (errno == EEXIST)
		return refuse(folder, AT_FDCWD, file, error);
	return fail(error, -errno, "Cannot rename the result to %s: %s", to, strerror(errno));
}

static int move(struct work_folder *folder, int dirfd, const char *file, struct error *error)
{
	(void)dirfd;
	return rename_out(folder, file, 0, error);
}

int work_folder_publish_file(struct work_folder *folder, const char *file, bool force, struct error *error)
{
	return rename_out(folder, file, force ? 0 : RENAME_NOREPLACE, error);
}

static int for_each_old(struct work_folder *folder, const char *name, each_result *each, struct error *error)
{
	autoclosedir DIR *dir = opendir(folder->output);

	if (!dir)
		return fail(error, -errno, "Cannot read the folder %s: %s", folder->output, strerror(errno));
	return for_each_result(folder, dir, name, each, error);
}

int work_folder_check(struct work_folder *folder, const char *name, bool force, struct error *error)
{
	return force ? 0 : for_each_old(folder, name, refuse, error);
}

int work_folder_publish(struct work_folder *folder, const char *name, bool force, struct error *error)
{
	int r = for_each_old(folder, name, force ? drop : refuse, error);

	return r < 0 ? r : for_each_result(folder, folder->dir, name, move, error);
}
