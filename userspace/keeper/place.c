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

int place_open(struct place *ret, struct error *error)
{
	ret->dev = open_folder("/dev", error);
	ret->proc = ret->dev < 0 ? -1 : open_folder("/proc", error);
	ret->run = ret->proc < 0 ? -1 : open_folder("/run", error);
	ret->sys = ret->run < 0 ? -1 : open_folder("/sys", error);
	return ret->sys < 0 ? -1 : 0;
}

int place_enter(const struct place *place, struct error *error)
{
	static const char *const folders[] = { PLACE_SMALL_ROOT, PLACE_SMALL_ROOT "/dev", PLACE_SMALL_ROOT "/run", PLACE_SMALL_ROOT "/run/ukiblk",
					       PLACE_SMALL_ROOT PLACE_CARRIER };
	autoclose int root = -1;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (mkdirat(place->dev, folders[i] + strlen("/dev/"), 0700) < 0 && errno != EEXIST)
			return fail(error, -errno, "Cannot make the folder %s: %s", folders[i], strerror(errno));
	root = openat(place->dev, PLACE_SMALL_ROOT + strlen("/dev/"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0 || fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail(error, -errno, "Cannot enter the folder %s: %s", PLACE_SMALL_ROOT, strerror(errno));
	return 0;
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
