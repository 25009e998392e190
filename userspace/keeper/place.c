// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

static int open_folder(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? fail(error, -errno, "Cannot open %s: %s", path, strerror(errno)) : fd;
}

/* 0: not known. */
static uint64_t find_root(const struct place *place)
{
	struct statx st;

	return statx(place->proc, "1/root", AT_STATX_DONT_SYNC, STATX_MNT_ID, &st) == 0 ? st.stx_mnt_id : 0;
}

int place_open(struct place *ret, struct error *error)
{
	ret->dev = open_folder("/dev", error);
	ret->proc = ret->dev < 0 ? -1 : open_folder("/proc", error);
	ret->run = ret->proc < 0 ? -1 : open_folder("/run", error);
	ret->sys = ret->run < 0 ? -1 : open_folder("/sys", error);
	if (ret->sys < 0)
		return -1;
	ret->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	ret->root = find_root(ret);
	return 0;
}

static int enter(const struct place *place)
{
	autoclose int root = openat(place->dev, PLACE_SMALL_ROOT + strlen("/dev/"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return root < 0 || fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0 ? -1 : 0;
}

int place_enter(const struct place *place, struct error *error)
{
	static const char *const folders[] = { PLACE_SMALL_ROOT, PLACE_SMALL_ROOT "/dev", PLACE_SMALL_ROOT "/run", PLACE_SMALL_ROOT "/run/ukiblk",
					       PLACE_SMALL_ROOT PLACE_CARRIER };

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (mkdirat(place->dev, folders[i] + strlen("/dev/"), 0700) < 0 && errno != EEXIST)
			return fail(error, -errno, "Cannot make the folder %s: %s", folders[i], strerror(errno));
	return enter(place) < 0 ? fail(error, -errno, "Cannot enter the folder %s: %s", PLACE_SMALL_ROOT, strerror(errno)) : 0;
}

static void follow_folder(int proc, int *handle, const char *path)
{
	autoclose int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat old, new;

	/* The same filesystem, mounted there. */
	if (fd < 0 || fstat(*handle, &old) < 0 || fstat(fd, &new) < 0 || old.st_dev != new.st_dev)
		return;
	close(*handle);
	*handle = take_fd(fd);
}

bool place_follow(struct place *place)
{
	uint64_t root = find_root(place);

	if (root == place->root)
		return false;
	place->root = root;
	follow_folder(place->proc, &place->dev, "1/root/dev");
	follow_folder(place->proc, &place->run, "1/root/run");
	follow_folder(place->proc, &place->sys, "1/root/sys");
	follow_folder(place->proc, &place->proc, "1/root/proc");
	enter(place);
	return true;
}

static void node_path(const char *name, char ret[static 80])
{
	snprintf(ret, 80, "/dev/%.64s", name);
	/* cciss/c0d0 has a slash in its name, and sysfs a "!" there */
	for (char *p = ret + strlen("/dev/"); *p; p++)
		*p = *p == '/' ? '!' : *p;
}

int place_make_node(const char *name, unsigned major, unsigned minor)
{
	char path[80];

	node_path(name, path);
	unlink(path);
	return mknod(path, S_IFBLK | 0600, makedev(major, minor)) < 0 ? -errno : 0;
}

void place_remove_node(const char *name)
{
	char path[80];

	node_path(name, path);
	unlink(path);
}

int place_lock_memory(struct error *error)
{
	autoclose int adjust = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* Not the first to go when memory is short; where a service file says so already, twice. */
	if (adjust >= 0 && write(adjust, "-1000", 5) < 0)
		return fail(error, -errno, "Cannot be kept from being killed when memory is short: %s", strerror(errno));
	/* Linux 5.6; without it reclaim on our behalf could wait for the disk that is gone. */
	prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		return fail(error, -errno, "Cannot lock its memory: %s", strerror(errno));
	return 0;
}

unsigned place_locked_kib(const struct place *place)
{
	int fd = openat(place->proc, "self/status", O_RDONLY | O_CLOEXEC);
	autofclose FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	unsigned kib = 0;
	char line[256];

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmLck: %u", &kib) == 1)
			break;
	return kib;
}
