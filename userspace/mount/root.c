// SPDX-License-Identifier: GPL-2.0-only
#include "mount/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "mount/mount.h"

#define ROOT_RW ROOT_RUN "/rw"
#define ROOT_UPPER ROOT_RW "/upper"
#define ROOT_WORK ROOT_RW "/work"

/* systemd-stub(7), since 257: the section .osrel of the UKI that was started. */
#define UKI_OS_RELEASE "/.extra/os-release"
#define OS_RELEASE_MAX_BYTES 65536u

int root_mount_lower(const char *source, const char *target, struct error *error)
{
	const struct mount_request request = { .fstype = "erofs", .source = source, .target = target, .read_only = true };

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

/* Links are the root's own: an absolute one must not lead back into the initrd. */
static int open_in_root(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC), .mode = flags & O_CREAT ? 0644 : 0,
				.resolve = RESOLVE_IN_ROOT };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

static bool has_os_release(int root)
{
	autoclose int etc = open_in_root(root, "etc/os-release", O_PATH);
	autoclose int usr = open_in_root(root, "usr/lib/os-release", O_PATH);

	return etc >= 0 || usr >= 0;
}

int root_identify(const char *sysroot, struct error *error)
{
	autoclose int root = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autoclose int fd = -1;
	autofree char *text = NULL;
	size_t length = 0;
	int r;

	if (root < 0)
		return fail(error, -errno, "Cannot open the new root %s: %s", sysroot, strerror(errno));
	if (has_os_release(root))
		return 0;
	/* An older stub left nothing; the empty file is valid too, and means "Linux". */
	r = io_read_file(UKI_OS_RELEASE, OS_RELEASE_MAX_BYTES, &text, &length);
	if (r < 0)
		length = 0;
	if (mkdirat(root, "etc", 0755) < 0 && errno != EEXIST)
		return fail(error, -errno, "The root has no os-release file, and /etc cannot be made in it: %s", strerror(errno));
	fd = open_in_root(root, "etc/os-release", O_WRONLY | O_CREAT);
	r = fd < 0 ? fd : io_write_at(fd, text, length, 0);
	if (r < 0)
		return fail(error, r, "The root has no os-release file, and none can be made in it: %s", strerror(-r));
	return 0;
}
