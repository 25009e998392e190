// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sbin/init of the tiny root whose disk is pulled while it runs. It is locked into memory: what it says of the root
 * must not need it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/dm-ioctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "cases.h"
#include "checks.h"
#include "hand.h"
#include "wait.h"

#define KEEPER "/run/ukiblk/keeper/ukiblk-keeper"

static bool start_keeper(void)
{
	pid_t child = fork();

	if (child == 0) {
		execl(KEEPER, KEEPER, "run", NULL);
		_exit(127);
	}
	return child > 0 && wait_for(*status_of("state"), 20);
}

static bool kill_keeper(void)
{
	long pid = status_number("pid");

	return pid > 1 && kill((pid_t)pid, SIGKILL) == 0 && wait_for((waitpid(-1, NULL, WNOHANG), !*status_of("state")), 10);
}

static bool link_is(const char *path, const char *wanted)
{
	char target[256];
	ssize_t n = readlink(path, target, sizeof target - 1);

	target[n > 0 ? n : 0] = '\0';
	return strcmp(target, wanted) == 0;
}

static void check_process(void)
{
	long pid = status_number("pid"), locked = status_number("locked-kib");
	char path[64], text[256] = "";
	int fd;

	snprintf(text, sizeof text, "the keeper has locked %ld KiB", locked);
	checks_note(text);
	check(locked > 0 && locked <= 4096, "at most 4 MiB are locked");
	snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && read(fd, text, sizeof text - 1) > 0 && *text == '@', "its name begins with an @: it is not killed at the end");
	close(fd);
	snprintf(path, sizeof path, "/proc/%ld/oom_score_adj", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	memset(text, 0, sizeof text);
	check(fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strcmp(text, "-1000\n") == 0, "nor when memory is short");
	close(fd);
	snprintf(path, sizeof path, "/proc/%ld/exe", pid);
	/* By the mount of /run that the initrd had. */
	check(link_is(path, KEEPER + strlen("/run")), "its program is in memory");
	snprintf(path, sizeof path, "/proc/%ld/root", pid);
	check(wait_for(link_is(path, "/dev/ukiblk-keeper"), 10), "its root is its own, in the new root's /dev");
}

static void check_socket(void)
{
	struct stat st;
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(setuid(1000) == 0 && !*ask("status") && errno == EACCES ? 0 : 1);
	check(waitpid(child, &status, 0) == child && status == 0, "nobody but root may speak with it");
	check(stat("/run/ukiblk/keeper.sock", &st) == 0 && (st.st_mode & 0777) == 0600, "by the mode of its socket");
	check(strncmp(ask("nonsense"), "error 22 There is no such request\n", 34) == 0, "what it does not know it refuses");
	check(strncmp(ask("ram 1"), "error 22 ram wants the device MAJOR:MINOR\n", 42) == 0, "and what is not complete");
	check(strncmp(ask("carrier"), "error 114 The system runs from its disk already\n", 48) == 0, "and what is so already");
}

/* What a keeper that dies between two steps of a change of the table leaves. */
static bool suspend_archive(void)
{
	struct dm_ioctl call = { .version = { DM_VERSION_MAJOR }, .data_size = sizeof call, .data_start = sizeof call,
				 .flags = DM_SUSPEND_FLAG | DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG };
	int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	bool good;

	snprintf(call.name, sizeof call.name, "%s", status_of("device"));
	good = ioctl(control, DM_DEV_SUSPEND, &call) == 0;
	close(control);
	return good;
}

static void keeper_dies(void)
{
	check(suspend_archive() && kill_keeper(), "keeper killed while it changes the table: nobody can read");
	check(start_keeper() && is_state("kept") && !reading_fails(), "keeper killed while it changes the table: the next one lets them");
	check(kill_keeper(), "keeper killed: it is gone");
	check(!reading_fails(), "keeper killed: the root can be read all the same");
	check(start_keeper() && is_state("kept"), "keeper killed: a new one takes over");
	pull_and_return("after that", "stick", 2, READ);
	check(hand_pull() && wait_for(is_state("gone"), 20), "keeper killed while the disk is gone: pulled");
	check(kill_keeper() && start_keeper() && is_state("gone"), "keeper killed while the disk is gone: a new one waits for it");
	plug_right("keeper killed while the disk is gone");
	/* It comes back when nobody looks. */
	check(hand_pull() && kill_keeper() && hand_plug("stick", "usb.0"), "keeper killed, and the disk comes back without one");
	sleep(4);
	check(start_keeper() && wait_for(is_state("kept"), 20), "a new keeper finds it");
	check(!reading_fails(), "and the root can be read");
}

static void asked_twice(void)
{
	/* Pulled again in the middle of being recognised. */
	check(hand_pull() && hand_plug("stick", "usb2.0"), "second pull: plugged in");
	wait_for(access("/sys/block/sda/sda1", F_OK) == 0 || access("/sys/block/sdb/sdb1", F_OK) == 0, 20);
	check(hand_pull(), "second pull: and pulled at once");
	check(wait_for(is_state("gone"), 20), "second pull: it is waited for again");
	plug_right("second pull");
}

static void wrong_sticks(void)
{
	check(hand_pull() && wait_for(is_state("gone"), 20), "wrong sticks: pulled");
	plug_wrong("foreign", "is vfat 1234-5678, not vfat 756B-6962", "a stick with another filesystem");
	plug_wrong("other", "Its file tiny.erofs is another one: the identifier differs", "a stick with another archive of that name");
	plug_wrong("spoilt", "tiny.erofs is another one: the data differs", "a stick whose file was replaced by one of the same size");
	plug_wrong("missing", "Its file tiny.erofs.001 is missing", "a stick that lacks a file");
	plug_right("wrong sticks");
}

/* The disk the machine was started from has a FAT filesystem too, but was there all along. */
static void other_disks(void)
{
	check(access("/sys/class/block/vda1", F_OK) == 0, "other disks: there is one");
	forget_log();
	check(hand_pull() && wait_for(is_state("gone"), 20), "other disks: pulled");
	repeat_event("vda1", "change");
	repeat_event("vda1", "add");
	sleep(3);
	check(!log_has_already("not the disk of the system"), "other disks: nobody is told of one that was there all along");
	check(!*status_of("refused"), "other disks: and it is not what was refused");
	plug_right("other disks");
}

/* Of the sockets for kernel events (netlink family 15) one lost some. */
static bool events_were_lost(void)
{
	FILE *file = fopen("/proc/net/netlink", "re");
	unsigned family, drops, all = 0;
	char line[256];

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "%*s %u %*s %*s %*s %*s %*s %*s %u", &family, &drops) == 2 && family == 15)
			all += drops;
	if (file)
		fclose(file);
	return all > 0;
}

static void lost_events(void)
{
	long pulls = status_number("pulls");
	pid_t pid = (pid_t)status_number("pid");

	check(pid > 1 && kill(pid, SIGSTOP) == 0, "lost events: the keeper gets no time");
	for (int i = 0; i < 8000 && !events_were_lost(); i++)
		for (int k = 0; k < 100; k++)
			repeat_event("vda1", "change");
	check(events_were_lost(), "lost events: the kernel told it more than it can take");
	check(hand_pull() && hand_plug("stick", "usb.0") && wait_for(*find_partition(), 30), "lost events: pulled and plugged in meanwhile");
	kill(pid, SIGCONT);
	check(wait_for(status_number("pulls") == pulls + 1 && is_state("kept"), 20), "lost events: it finds out, and has the disk back");
	check(!reading_fails(), "lost events: every file can be read");
}

static void busy_stick(void)
{
	pid_t pid = (pid_t)status_number("pid");
	int fd;

	check(hand_pull() && wait_for(is_state("gone"), 20), "stick in use: pulled");
	forget_log();
	check(pid > 1 && kill(pid, SIGSTOP) == 0 && hand_plug("stick", "usb.0") && wait_for(*find_partition(), 30), "stick in use: plugged in");
	wait_for(access(find_partition(), F_OK) == 0, 10);
	fd = open(find_partition(), O_RDONLY | O_EXCL | O_CLOEXEC);
	kill(pid, SIGCONT);
	check(fd >= 0 && wait_for(strstr(status_of("refused"), "It is in use by another program"), 30), "stick in use: somebody has it for himself");
	check(log_has(" cannot be taken as the disk of the system. It is in use by another program, which must let go of it first."),
	      "stick in use: which is said");
	check(is_state("gone"), "stick in use: it is waited for");
	close(fd);
	check(wait_for(is_state("kept"), 20), "stick in use: and taken when it is free");
	check(!reading_fails(), "stick in use: every file can be read");
}

static unsigned count_fds(void)
{
	char pattern[64];
	glob_t found;
	unsigned count;

	snprintf(pattern, sizeof pattern, "/proc/%ld/fd/*", status_number("pid"));
	count = glob(pattern, 0, NULL, &found) == 0 ? (unsigned)found.gl_pathc : 0;
	globfree(&found);
	return count;
}

static void no_return(void)
{
	double begin = now();
	pid_t reader;
	int status = 0;

	drop_caches();
	check(hand_pull() && wait_for(is_state("gone"), 20), "no return: pulled");
	reader = fork();
	if (reader == 0)
		_exit(reading_fails() ? 7 : 0);
	check(wait_for(status_number("waiting") > 0, 20), "no return: reads wait");
	check(status_number("left") > 0 && status_number("left") <= HOLD, "no return: the seconds left are told");
	check(log_has("Waiting for the disk of the system, "), "no return: and said");
	check(wait_for(is_state("failed"), HOLD + 20), "no return: the time ends");
	check(now() - begin >= HOLD - 1, "no return: not before it should");
	check(waitpid(reader, &status, 0) == reader && WIFEXITED(status) && WEXITSTATUS(status) == 7, "no return: reads fail");
	check(log_has("did not return within 40 s: what needs it fails now"), "no return: which is said");
	plug_right("after the time");
}

int main(void)
{
	unsigned fds;
	long locked;

	checks_begin();
	mlockall(MCL_CURRENT | MCL_FUTURE);
	check(hand_open(), "QEMU's monitor can be spoken to");
	check(wait_for(is_state("kept"), 30), "the keeper watches over the disk");
	if (checks_asked("test_short")) {
		char text[96];

		snprintf(text, sizeof text, "pulled %ld times", status_number("pulls"));
		checks_note(text);
		check(status_number("pulls") >= 1, "it was pulled before the root was switched");
		check_stack();
		check_files("/manifest", NULL);
		check_carrier_disk();
		pull_and_return("afterwards", "stick", 2, READ);
		checks_end();
	}
	watch_for_hung_tasks();
	check_stack();
	check_files("/manifest", NULL);
	check_process();
	check_socket();
	pull_and_return("first", "stick", 1, READ);
	sleep(1);	/* and the answer's connection is closed */
	fds = count_fds();
	locked = status_number("locked-kib");
	run_cycles();
	wrong_sticks();
	other_disks();
	busy_stick();
	asked_twice();
	mounted_by_others();
	lost_events();
	check(fds > 5 && wait_for(count_fds() == fds, 5), "after all that it has as many files open as after the first pull");
	check(status_number("locked-kib") <= locked + 64, "and as much memory");
	keeper_dies();
	to_ram_and_back();
	check_tool();
	no_return();
	check_files("/manifest", NULL);
	check_carrier_disk();
	checks_end();
}
