// SPDX-License-Identifier: GPL-2.0-only
#include "mount/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

int mount_make_folder(const char *path, struct error *error)
{
	char partial[PATH_MAX];

	if (snprintf(partial, sizeof partial, "%s", path) >= (int)sizeof partial)
		return fail(error, -ENAMETOOLONG, "The path %s is too long", path);
	for (char *slash = strchr(partial + 1, '/'); ; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return fail(error, -errno, "Cannot make the folder %s: %s", partial, strerror(errno));
		if (!slash)
			return 0;
		*slash = '/';
	}
}

/* The kernel leaves messages like "e erofs: cannot read superblock" in the context's descriptor. */
static int fail_mount(int context, int code, const struct mount_request *request, struct error *error)
{
	char said[512];
	ssize_t n = context >= 0 ? read(context, said, sizeof said - 1) : -1;

	if (n > 2 && said[1] == ' ') {
		said[n] = '\0';
		said[strcspn(said, "\n")] = '\0';
		return fail(error, code, "Cannot mount %s (%s): %s (%s)", request->source ? request->source : request->target,
			    request->fstype, strerror(-code), said + 2);
	}
	return fail(error, code, "Cannot mount %s (%s): %s", request->source ? request->source : request->target,
		    request->fstype, strerror(-code));
}

static int configure(int context, const struct mount_request *request)
{
	if (request->source && fsconfig(context, FSCONFIG_SET_STRING, "source", request->source, 0) < 0)
		return -errno;
	if (request->read_only && fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)
		return -errno;
	for (const char *const (*option)[2] = request->options; option && (*option)[0]; option++) {
		int r = (*option)[1] ? fsconfig(context, FSCONFIG_SET_STRING, (*option)[0], (*option)[1], 0)
				     : fsconfig(context, FSCONFIG_SET_FLAG, (*option)[0], NULL, 0);

		if (r < 0)
			return -errno;
	}
	return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno : 0;
}

int mount_filesystem(const struct mount_request *request, struct error *error)
{
	unsigned attributes = request->confined ? MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC : 0;
	autoclose int context = -1, mount = -1;
	int r;

	r = mount_make_folder(request->target, error);
	if (r < 0)
		return r;
	context = fsopen(request->fstype, FSOPEN_CLOEXEC);
	if (context < 0)
		return fail_mount(-1, -errno, request, error);
	r = configure(context, request);
	if (r < 0)
		return fail_mount(context, r, request, error);
	mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	if (mount < 0)
		return fail_mount(context, -errno, request, error);
	if (move_mount(mount, "", AT_FDCWD, request->target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return fail_mount(context, -errno, request, error);
	return 0;
}

int mount_bind(const char *from, const char *to, struct error *error)
{
	int r = mount_make_folder(to, error);

	if (r < 0)
		return r;
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return fail(error, -errno, "Cannot show %s at %s: %s", from, to, strerror(errno));
	return 0;
}

void mount_detach(const char *path)
{
	umount2(path, MNT_DETACH);
}

/* Waits until the parent has given up @root, and is then its last user. */
static _Noreturn void let_go_last(int root, int parent)
{
	char nothing;

	while (read(parent, &nothing, 1) < 0 && errno == EINTR)
		;
	close(root);
	_exit(0);
}

void mount_abandon(const char *path)
{
	/* Only a name: neither opening nor closing it asks the disk, and with it the mount has a user left. */
	autoclose int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int ends[2];
	pid_t child;

	if (root < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return;
	child = fork();
	if (child == 0) {
		close(ends[1]);
		let_go_last(root, ends[0]);
	}
	close(ends[0]);
	if (child > 0)
		umount2(path, MNT_DETACH);
	close(root);
	root = -1;
	close(ends[1]);
}

bool mount_is_at(const char *path, const char *fstype)
{
	struct libmnt_table *table = mnt_new_table_from_file("/proc/self/mountinfo");
	struct libmnt_fs *fs = table ? mnt_table_find_target(table, path, MNT_ITER_BACKWARD) : NULL;
	bool found = fs && strcmp(mnt_fs_get_fstype(fs), fstype) == 0;

	mnt_unref_table(table);
	return found;
}

bool mount_find_source(const char *source, char *ret_path, size_t size)
{
	struct libmnt_table *table = mnt_new_table_from_file("/proc/self/mountinfo");
	struct libmnt_fs *fs = table ? mnt_table_find_srcpath(table, source, MNT_ITER_BACKWARD) : NULL;
	bool found = fs && snprintf(ret_path, size, "%s", mnt_fs_get_target(fs)) < (int)size;

	mnt_unref_table(table);
	return found;
}
