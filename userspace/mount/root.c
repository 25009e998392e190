// SPDX-License-Identifier: GPL-2.0-only
#include "mount/root.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "mount/mount.h"

#define ROOT_RW ROOT_RUN "/rw"
#define ROOT_UPPER ROOT_RW "/upper"
#define ROOT_WORK ROOT_RW "/work"

int root_mount_lower(const char *source, struct error *error)
{
	const struct mount_request request = { .fstype = "erofs", .source = source, .target = ROOT_LOWER, .read_only = true };

	return mount_filesystem(&request, error);
}

int root_mount_overlay(const char *sysroot, const char *tmpfs_size, struct error *error)
{
	const char *const tmpfs_options[][2] = { { "mode", "0755" }, { "size", tmpfs_size }, { NULL, NULL } };
	const struct mount_request tmpfs = { .fstype = "tmpfs", .source = "ukiblk", .target = ROOT_RW, .options = tmpfs_options };
	const char *const overlay_options[][2] = { { "lowerdir", ROOT_LOWER }, { "upperdir", ROOT_UPPER },
						   { "workdir", ROOT_WORK }, { NULL, NULL } };
	const struct mount_request overlay = { .fstype = "overlay", .source = "ukiblk", .target = sysroot,
					       .options = overlay_options };
	int r;

	r = mount_filesystem(&tmpfs, error);
	if (r < 0)
		return r;
	r = mount_make_folder(ROOT_UPPER, error);
	if (r >= 0)
		r = mount_make_folder(ROOT_WORK, error);
	if (r >= 0)
		r = mount_filesystem(&overlay, error);
	if (r < 0)
		mount_detach(ROOT_RW);
	return r;
}

/* True for a missing folder too: it will be made. */
static bool is_empty_folder(const char *path)
{
	autoclosedir DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return errno == ENOENT;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

int root_offer_carrier(const char *sysroot, struct error *error)
{
	char efi[PATH_MAX];

	if (snprintf(efi, sizeof efi, "%s/efi", sysroot) >= (int)sizeof efi)
		return fail(error, -ENAMETOOLONG, "The path of the new root is too long");
	if (!is_empty_folder(efi))
		return 0;
	return mount_bind(ROOT_CARRIER, efi, error);
}
