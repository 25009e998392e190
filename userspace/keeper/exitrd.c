// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/exitrd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "keeper/dm.h"
#include "keeper/machine.h"
#include "keeper/mountlist.h"

#define TEARDOWN_SECONDS 8	/* a disk that is gone or hangs must not keep the machine from going off */
#define MAX_MOUNTS 512
#define MAX_ROUNDS 8		/* each lets go of what kept the next one */

static void say(const char *text)
{
	autoclose int console = open("/dev/console", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (console < 0 || write(console, text, strlen(text)) < 0)
		return;
}

/* The new root and the kernel's own filesystems in it; what is below these goes, as the keeper's mount in /dev. */
static bool stays(const char *target)
{
	static const char *const list[] = { "/", "/dev", "/proc", "/sys", "/run" };

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (strcmp(target, list[i]) == 0)
			return true;
	return false;
}

/* The mount points to go, in the order in which they were mounted; the caller frees each. */
static size_t list_mounts(char *ret[static MAX_MOUNTS])
{
	autofclose FILE *file = fopen("/proc/self/mountinfo", "re");
	autofree char *line = NULL;
	size_t size = 0, count = 0;

	while (file && count < MAX_MOUNTS && getline(&line, &size, file) > 0) {
		const char *target = mountlist_parse_target(line);

		if (target && !stays(target) && (ret[count] = strdup(target)))
			count++;
	}
	return count;
}

/* What is left. @last: read-only where it cannot go, so that it is at least clean. */
static size_t unmount_round(bool last)
{
	char *targets[MAX_MOUNTS];
	size_t count = list_mounts(targets), left = 0;

	for (size_t i = count; i-- > 0; free(targets[i])) {
		if (umount2(targets[i], UMOUNT_NOFOLLOW) == 0)
			continue;
		left++;
		if (last && mount(NULL, targets[i], NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0)
			left--;
	}
	return left;
}

static size_t unmount_all(bool last)
{
	size_t left = unmount_round(false), before = left + 1;

	for (int round = 0; round < MAX_ROUNDS && left > 0 && left < before; round++) {
		before = left;
		left = unmount_round(last);
	}
	return left;
}

#define MAX_DEVICES 64
#define DEVICE_NAME_BYTES 128	/* of linux/dm-ioctl.h */

struct devices {
	char names[MAX_DEVICES][DEVICE_NAME_BYTES];
	size_t count;
};

static void note_device(void *context, const char *name, unsigned major, unsigned minor)
{
	struct devices *devices = context;

	(void)major;
	(void)minor;
	if (devices->count < MAX_DEVICES)
		snprintf(devices->names[devices->count++], DEVICE_NAME_BYTES, "%s", name);
}

/* A device of the target "ukiblk" whose disk is gone (kmod/README.md, Status). */
static bool is_gone(struct dm *dm, const char *name, uint64_t *ret_sectors)
{
	struct dm_answer answer;
	char state[16];

	if (dm_status(dm, name, &answer) < 0 || strcmp(answer.type, "ukiblk") != 0 || sscanf(answer.params, "%*u %*u %*d %15s", state) != 1)
		return false;
	*ret_sectors = answer.sectors;
	return strcmp(state, "live") != 0;
}

/* Nobody may wait any longer for a disk that is gone: he would keep its device, and us. */
static void fail_waiting(struct dm *dm, const struct devices *devices)
{
	uint64_t sectors;

	for (size_t i = 0; i < devices->count; i++)
		if (is_gone(dm, devices->names[i], &sectors) && dm_load(dm, devices->names[i], sectors, "error", "") == 0 &&
		    dm_suspend(dm, devices->names[i]) == 0)
			dm_resume(dm, devices->names[i]);
}

/* Every device that nothing uses, again as long as that sets others free. */
static void remove_devices(struct dm *dm)
{
	static struct devices devices;
	bool changed = true;

	for (int round = 0; round < MAX_ROUNDS && changed; round++) {
		changed = false;
		devices.count = 0;
		dm_list(dm, note_device, &devices);
		for (size_t i = 0; i < devices.count; i++)
			changed |= dm_remove(dm, devices.names[i]) == 0;
	}
}

/* In a child: any step of it may never end. Exit code 0: nothing is left. */
static _Noreturn void tear_down(void)
{
	static struct devices devices;
	struct dm dm;
	size_t left;

	if (dm_init(&dm, open("/dev/mapper/control", O_RDWR | O_CLOEXEC), 0) < 0)
		_exit(1);
	dm_list(&dm, note_device, &devices);
	fail_waiting(&dm, &devices);
	sync();
	unmount_all(false);
	remove_devices(&dm);	/* lets go of the files on the carrier, and of those deleted meanwhile */
	left = unmount_all(true);
	sync();
	_exit(left > 0);
}

/* False when it did not end in time. */
static bool wait_for(pid_t child, int seconds, int *ret_status)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	for (int i = 0; i < seconds * 50; i++) {
		if (waitpid(child, ret_status, WNOHANG) == child)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

void exitrd_run(const char *kind)
{
	int status = -1;
	pid_t child;

	/* Those that outlived the final killing, the keeper among them, were needed by a root that is no more. */
	kill(-1, SIGKILL);
	child = fork();
	if (child == 0)
		tear_down();
	if (child < 0 || !wait_for(child, TEARDOWN_SECONDS, &status))
		say("ukiblk: the root could not be taken down in time; the machine goes down without.\n");
	else if (status != 0)
		say("ukiblk: something still uses the root; the machine goes down with it mounted read-only.\n");
	machine_end(kind, open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (;;)
		pause();
}
