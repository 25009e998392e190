// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "keeper/place.h"

/* The kernel leaves messages like "e FAT-fs: ..." in the context's descriptor. */
static int fail_mount(int context, int code, const char *name, struct error *error)
{
	char said[256];
	ssize_t n = context >= 0 ? read(context, said, sizeof said - 1) : -1;

	if (code == -EBUSY)
		return fail(error, code, "It is in use by another program, which must let go of it first");
	if (n > 2 && said[1] == ' ') {
		said[n] = '\0';
		said[strcspn(said, "\n")] = '\0';
		return fail(error, code, "/dev/%s cannot be mounted: %s (%s)", name, strerror(-code), said + 2);
	}
	return fail(error, code, "/dev/%s cannot be mounted: %s", name, strerror(-code));
}

/* fsmount(2) of a filesystem that is read-only itself, or only as this mount. */
static int make(const char *fstype, const char *name, bool is_read_only, struct error *error)
{
	autoclose int context = fsopen(fstype, FSOPEN_CLOEXEC);
	char source[80];
	int mount;

	if (context < 0)
		return fail_mount(-1, -errno, name, error);
	snprintf(source, sizeof source, "/dev/%s", name);
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", source, 0) < 0 ||
	    (is_read_only && fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0) || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_mount(context, -errno, name, error);
	mount = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	return mount < 0 ? fail_mount(context, -errno, name, error) : mount;
}

int mounts_make(const char *fstype, const char *name, struct error *error)
{
	int mount = make(fstype, name, true, error), shared = -1;
	struct error ignored;

	/* A desktop may have been quicker, and have it mounted for writing: the filesystem is shared. */
	if (mount == -EBUSY)
		shared = make(fstype, name, false, &ignored);
	return shared >= 0 ? shared : mount;
}

void mounts_take_away(void)
{
	umount2(PLACE_CARRIER, MNT_DETACH);
}

int mounts_put(int mount, struct error *error)
{
	mounts_take_away();
	if (move_mount(mount, "", AT_FDCWD, PLACE_CARRIER, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return fail(error, -errno, "The disk's filesystem cannot be put in its place: %s", strerror(errno));
	return 0;
}

void mounts_list(int proc, unsigned major, unsigned minor, struct mounts_places *ret)
{
	int fd = openat(proc, "1/mountinfo", O_RDONLY | O_CLOEXEC);
	autofclose FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	char line[4096], root[MOUNTS_PLACE_BYTES], at[MOUNTS_PLACE_BYTES];
	unsigned m, n;

	ret->count = 0;
	/* A blank in a path is written with a backslash: such a place is passed over. */
	while (file && ret->count < MOUNTS_MAX_PLACES && fgets(line, sizeof line, file))
		if (sscanf(line, "%*u %*u %u:%u %511s %511s", &m, &n, root, at) == 4 && m == major && n == minor &&
		    strcmp(root, "/") == 0 && !strchr(at, '\\') && strcmp(at, PLACE_SMALL_ROOT PLACE_CARRIER) != 0)
			snprintf(ret->at[ret->count++], MOUNTS_PLACE_BYTES, "%s", at);
}

void mounts_find_missing(struct mounts_places *places, const struct mounts_places *there)
{
	struct mounts_places all = *places;

	places->count = 0;
	for (size_t i = 0; i < all.count; i++) {
		const char *inner = text_after(all.at[i], "/sysroot/"), *at = inner ? inner - 1 : all.at[i];
		bool found = false;

		for (size_t k = 0; k < there->count; k++)
			found |= strcmp(there->at[k], at) == 0;
		if (!found)
			snprintf(places->at[places->count++], MOUNTS_PLACE_BYTES, "%s", at);
	}
}

/* Relative to /proc: the first process's own root. */
static void replace_at(const char *at, bool take_away, const char *fstype, const struct uevent *disk)
{
	char path[MOUNTS_PLACE_BYTES + 8];
	struct error ignored;
	/* The same filesystem as the one of the table, which is alive; made first, so that the place is empty for no time. */
	autoclose int mount = disk ? mounts_make(fstype, disk->name, &ignored) : -1;

	snprintf(path, sizeof path, "1/root%s", at);
	if (take_away)
		umount2(path, MNT_DETACH);
	if (mount >= 0)
		move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/*
 * These paths lead through the system's root, which works again by now, and the last one to let go of a dead filesystem
 * may have to wait: whatever happens here, the keeper goes on.
 */
static void replace(int proc, const struct mounts_places *places, bool take_away, const char *fstype, const struct uevent *disk)
{
	if (fork() != 0)
		return;
	if (fchdir(proc) == 0 && (!disk || place_make_node(disk->name, disk->major, disk->minor) == 0))
		for (size_t i = places->count; i > 0; i--)
			replace_at(places->at[i - 1], take_away, fstype, disk);
	_exit(0);
}

void mounts_replace(int proc, const struct mounts_places *places, const char *fstype, const struct uevent *disk)
{
	replace(proc, places, true, fstype, disk);
}

void mounts_add(int proc, const struct mounts_places *places, const char *fstype, const struct uevent *disk)
{
	replace(proc, places, false, fstype, disk);
}
