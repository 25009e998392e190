// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/exitrd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "keeper/dm_end.h"
#include "keeper/mountlist.h"

#define TEARDOWN_SECONDS 8	/* a disk that is gone or hangs must not keep the machine from going off */
#define MAX_MOUNTS 512
#define MAX_ROUNDS 8		/* each lets go of what kept the next one */
#define REBOOT_PARAMETER "/run/systemd/reboot-param"	/* reboot(8), --reboot-argument of systemctl(1) */

static void say(const char *text)
{
	autoclose int console = open("/dev/console", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (console < 0 || write(console, text, strlen(text)) < 0)
		return;
}

/* The new root and the kernel's own filesystems in it stay; those of the old root below /oldroot go. */
static bool stays(const char *target)
{
	return strcmp(target, "/") == 0 || mountlist_is_below(target, "/dev") || mountlist_is_below(target, "/proc") ||
	       mountlist_is_below(target, "/sys") || mountlist_is_below(target, "/run");
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

/* In a child: any step of it may never end. Exit code 0: nothing is left. */
static _Noreturn void tear_down(void)
{
	size_t left;

	dm_end_waiting();
	sync();
	unmount_all(false);
	dm_end_devices();	/* lets go of the files on the carrier, and of those deleted meanwhile */
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

static void end_machine(const char *kind)
{
	char parameter[256] = "";
	autoclose int fd = open(REBOOT_PARAMETER, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, parameter, sizeof parameter - 1) : -1;

	if (strcmp(kind, "poweroff") == 0)
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, NULL);
	else if (strcmp(kind, "halt") == 0)
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_HALT, NULL);
	else if (strcmp(kind, "kexec") == 0)
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	else if (n > 0 && (parameter[strcspn(parameter, "\n")] = '\0', *parameter))
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART2, parameter);
	/* Also when there is no other kernel to start, or the firmware does not know the parameter. */
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, NULL);
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
	end_machine(kind);
	for (;;)
		pause();
}
