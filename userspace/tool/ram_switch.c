// SPDX-License-Identifier: GPL-2.0-only
#include "tool/ram_switch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"

#define SETTLE_LOOKS 100	/* after a mount, and 50 ms apart: the root itself changes a moment later */
#define SETTLE_MILLISECONDS 50
#define LOOK_MILLISECONDS 1000	/* else: a signal that came right before the wait does not end it */

static bool is_in_memory(int root)
{
	struct statfs fs;

	return fstatfs(root, &fs) == 0 && (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC);
}

bool ram_switch_is_ahead(void)
{
	autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root >= 0 && is_in_memory(root);
}

int ram_switch_prepare(struct ram_switch *ret, struct error *error)
{
	autoclose int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autoclose int mounts = proc < 0 ? -1 : openat(proc, "1/mountinfo", O_RDONLY | O_CLOEXEC);

	if (mounts < 0)
		return fail(error, -errno, "Cannot open /proc/1/mountinfo: %s", strerror(errno));
	*ret = (struct ram_switch){ take_fd(proc), take_fd(mounts) };
	return 0;
}

static int enter(int root, struct error *error)
{
	if (fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail(error, -errno, "Cannot change to the new root: %s", strerror(errno));
	return 0;
}

static int wait_for_root(const struct ram_switch *handles, struct error *error)
{
	struct pollfd event = { .fd = handles->mounts, .events = POLLPRI };
	unsigned looks = 0;

	while (!io_interrupted) {
		autoclose int root = openat(handles->proc, "1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root >= 0 && !is_in_memory(root))
			return enter(root, error);
		if (poll(&event, 1, looks > 0 ? SETTLE_MILLISECONDS : LOOK_MILLISECONDS) > 0)
			looks = SETTLE_LOOKS;
		else if (looks > 0)
			looks--;
	}
	return fail(error, -EINTR, "Stopped");
}

int ram_switch_wait(struct ram_switch *handles, struct error *error)
{
	int r = wait_for_root(handles, error);

	close(handles->proc);
	close(handles->mounts);
	return r;
}
