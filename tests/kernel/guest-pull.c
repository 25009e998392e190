// SPDX-License-Identifier: GPL-2.0-only
/* Cases: the disk is pulled while it is read, and comes back, or does not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define UNITS 1000	/* of 4 KiB in each of the two files, each an extent */

/* The table over both files, at odd sectors: reads are cut at extents, units and files. */
static const char *table(const char *folder, unsigned int hold)
{
	static char text[256];
	unsigned int sectors = UNITS * 8;

	snprintf(text, sizeof(text), "2 %s/a.efi 3 %u %s/b.bin 0 %u 2 hold %u", folder, sectors - 3, folder,
		 sectors - 5, hold);
	return text;
}

static struct row table_row(const char *folder, unsigned int hold)
{
	return (struct row){ 0, 2 * UNITS * 8 - 8, "ukiblk", table(folder, hold) };
}

static bool mount_stick(const char *disk, const char *folder)
{
	return check(!mount(disk, folder, "vfat", MS_RDONLY, NULL), "mount %s: %s", disk, strerror(errno));
}

/* Plug the disk, make its files, attach them, and read. */
static bool begin(const char *kind, unsigned int hold)
{
	struct row row = table_row(MNT, hold);
	const char *disk = stick_plug(kind);
	int r;

	if (!disk || !vfat(disk, "-F 32 -s 8"))
		return false;
	write_alternating(MNT "/a.efi", MNT "/b.bin", 4096, UNITS);
	umount_fs();
	if (!mount_stick(disk, MNT))
		return false;
	r = dm_create("t", &row, 1, 0);
	return check(!r, "attach: %s", strerror(-r)) && readers_start() &&
	       check(wait_for(readers_reads() > 2, 60), "the readers do not read");
}

static bool is_state(const char *state)
{
	return !strcmp(status().state, state);
}

/* Pull it; all readers must wait. */
static bool pull(unsigned int hold)
{
	uint32_t events = dm_events("t");
	char line[64];

	log_mark();
	if (!stick_pull() || !check(wait_for(is_state("gone"), 20), "the disk is not seen to be gone: \"%s\"", status().state))
		return false;
	check(wait_for(status().waiting >= 5, 20), "%u reads wait", status().waiting);
	check(dm_events("t") == events + 1, "%u events", dm_events("t") - events);
	snprintf(line, sizeof(line), ") is gone: reads wait for %u s", hold);
	return check(log_has(line), "the log does not tell");
}

/* Plug it in again, mount it elsewhere, and send the reads there. */
static bool put_back(const char *kind, const char *folder, unsigned int hold)
{
	struct row row = table_row(folder, hold);
	const char *disk = stick_plug(kind);
	unsigned long long before;
	int r;

	if (!disk || !mount_stick(disk, folder))
		return false;
	r = dm_swap("t", &row, 1, 0);
	if (!check(!r, "the new table: %s", strerror(-r)))
		return false;
	before = readers_reads();
	check(is_state("live") && !status().errors, "after the return: %s, %lld errors", status().state, status().errors);
	return check(wait_for(readers_reads() > before + 2, 60), "a reader does not go on");
}

/* The table is at its end, and nothing stays. */
static void end(const char *folder)
{
	detach();
	check(!umount(folder), "umount: %s", strerror(errno));
	stick_pull();
	check(!module_remove(), "the module does not unload");
}

static void cycles(const char *kind)
{
	static const char *const folders[] = { MNT, MNT2 };
	const char *word = boot_word("ukiblk_cycles=");
	int count = word ? atoi(word) : 3, i;

	if (!begin(kind, 120))
		return;
	for (i = 0; i < count; i++) {
		sleep_ms(random() % 300);
		if (!pull(120) || !put_back(kind, folders[(i + 1) % 2], 120))
			break;
		check(!umount2(folders[i % 2], MNT_DETACH), "umount of the old mount: %s", strerror(errno));
		/* The old table went with its files, so nothing is left of the old disk. */
	}
	check(i == count, "ended in cycle %d of %d", i + 1, count);
	readers_stop(false);
	end(folders[i % 2]);
}

static void pull_virtio(void)
{
	cycles("virtio");
}

static void pull_usb(void)
{
	cycles("usb");
}

/* Reads wait as long as was asked for, then all of them fail, and later ones at once. A table helps even then. */
static void pull_timeout(void)
{
	struct status s;
	uint32_t events;
	time_t gone;

	if (!begin("usb", 10))
		return;
	gone = time(NULL);
	if (!pull(10))
		return;
	check(readers_all_wait(2000), "a reader did not wait");
	events = dm_events("t");
	log_mark();
	check(wait_for(is_state("failed"), 20), "the state stays %s", status().state);
	check(time(NULL) - gone >= 10, "the reads failed too early");
	check(wait_for(readers_failed() >= 10, 10), "%llu reads failed", readers_failed());
	s = status();
	check(!s.waiting && s.errors >= 10 && s.lost >= 10, "%u reads wait, %lld failed, %lld for the disk", s.waiting,
	      s.errors, s.lost);
	check(log_has("is gone and did not return in time: reads fail"), "the log does not tell");
	check(dm_events("t") == events + 1, "%u events", dm_events("t") - events);
	put_back("usb", MNT2, 10);
	check(!umount2(MNT, MNT_DETACH), "umount: %s", strerror(errno));
	readers_stop(true);
	end(MNT2);
}

/* Without the option, nothing waits; and a disk that is gone is not asked again. */
static void pull_no_hold(void)
{
	if (!begin("virtio", 0))
		return;
	log_mark();
	if (stick_pull()) {
		check(wait_for(is_state("failed"), 20), "the state is %s", status().state);
		check(wait_for(readers_failed() >= 10, 10), "%llu reads failed", readers_failed());
		check(log_has(") is gone: reads fail"), "the log does not tell");
		check(tool_says("\"gone\": true"), "the tool does not know that the disk is gone");
	}
	put_back("virtio", MNT2, 0);
	check(!umount2(MNT, MNT_DETACH), "umount: %s", strerror(errno));
	readers_stop(true);
	end(MNT2);
}

/* Runs it in a child: what hangs must not hang the test. Returns its exit code, or -1 after 20 s. */
static int bounded(int (*what)(void))
{
	pid_t pid = fork();
	int st = 0;

	if (!pid)
		_exit(-what());
	if (!wait_for(waitpid(pid, &st, WNOHANG) == pid, 20))
		return -1;
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

static int suspend_t(void)
{
	return dm_suspend("t");
}

static int remove_t(void)
{
	return dm_remove("t");
}

static int wipe_t(void)
{
	return -run("dmsetup wipe_table --noudevsync t");
}

static int force_t(void)
{
	return -run("dmsetup remove --force --noudevsync t");
}

/* A suspend with flush ends what waits; after the resume reads wait again, for what is left of the time. */
static void pull_suspend(void)
{
	struct row old = table_row(MNT, 20);
	unsigned long long failed;
	int r;

	if (!begin("usb", 20))
		return;
	if (!pull(20))
		return;
	r = bounded(suspend_t);
	check(!r, "suspend: %d", r);
	check(!status().waiting, "%u reads wait on a suspended device", status().waiting);
	check(!dm_resume("t"), "resume");
	check(wait_for(status().waiting >= 5, 10), "reads do not wait again");
	failed = readers_failed();
	check(failed >= 1, "no read failed");
	/* The same table again, without flush: they go through it, and wait on. */
	check(!dm_swap("t", NULL, 0, 0), "suspend without flush");
	check(wait_for(status().waiting >= 5, 10), "reads do not wait again");
	check(readers_failed() == failed, "a suspend without flush fails reads");
	log_mark();
	check(dm_swap("t", &old, 1, 0) == -ENODEV && log_has_sentence("File is on a disk that is gone"),
	      "a table on a disk that is gone is not refused");
	check(wait_for(is_state("failed"), 30), "the state stays %s", status().state);
	put_back("usb", MNT2, 20);
	check(!umount2(MNT, MNT_DETACH), "umount: %s", strerror(errno));
	readers_stop(true);
	end(MNT2);
}

/* An open device is not removed; wiped, it can be. */
static void remove_while_waiting(int (*way)(void))
{
	int r;

	if (!begin("virtio", 600))
		return;
	if (!pull(600))
		return;
	r = bounded(remove_t);
	check(r == EBUSY, "remove: %d", r);
	r = bounded(way);
	check(!r || way == force_t, "exit code %d", r);
	check(wait_for(readers_failed() >= 10, 10), "%llu reads failed", readers_failed());
	readers_stop(true);
	r = dm_remove("t");
	check(!r || (r == -ENXIO && way == force_t), "remove: %s", strerror(-r));
	umount_fs();
	check(!module_remove(), "the module does not unload");
}

static void pull_wipe(void)
{
	remove_while_waiting(wipe_t);
}

static void pull_force(void)
{
	remove_while_waiting(force_t);
}

/* A carrier with a bad sector, and one that only says it cannot read. It is not gone: nothing waits. */
static void bad_sector(void)
{
	static const struct row good = { 0, 100 * MIB / SECTOR, "linear", ALIGNED " 2048" };
	struct row broken[] = {
		{ 0, 0, "linear", ALIGNED " 2048" }, { 0, 100 * MIB / SECTOR, "error", "" },
	};
	static char sector[4096] __attribute__((aligned(4096)));
	struct timespec begin, now;
	int fd, r;

	r = dm_create("base", &good, 1, WRITABLE);
	if (!check(!r, "dm-linear: %s", strerror(-r)) || !vfat(dm_path("base"), "-F 32 -s 8"))
		return;
	write_file(MNT "/a.efi", 4 * MIB);
	r = attach(8192, "1 " MNT "/a.efi 0 8192 2 hold 600");
	check(!r, "attach: %s", strerror(-r));
	/* All but what lies before the data. */
	broken[0].sectors = broken[1].start = 32;
	broken[1].sectors -= 32;
	dm_reload("base", broken, 2, WRITABLE);
	fd = open(dm_path("t"), O_RDONLY | O_DIRECT | O_CLOEXEC);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	check(pread(fd, sector, 4096, 0) < 0 && errno == EIO, "a bad sector is read");
	clock_gettime(CLOCK_MONOTONIC, &now);
	check(now.tv_sec - begin.tv_sec < 2, "a bad sector took %ld s to fail", (long)(now.tv_sec - begin.tv_sec));
	/* Not even the first sector: for a moment that may be a disk that is being pulled. */
	broken[1].start = 0;
	broken[1].sectors = good.sectors;
	dm_reload("base", &broken[1], 1, WRITABLE);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	check(pread(fd, sector, 4096, 0) < 0 && errno == EIO, "a bad disk is read");
	clock_gettime(CLOCK_MONOTONIC, &now);
	check(now.tv_sec - begin.tv_sec < 10, "a bad disk took %ld s to fail", (long)(now.tv_sec - begin.tv_sec));
	check(is_state("live") && status().errors == 2 && !status().lost, "%s, %lld errors", status().state, status().errors);
	dm_reload("base", &good, 1, WRITABLE);
	check(pread(fd, sector, 4096, 0) == 4096, "a good sector is not read");
	close(fd);
	detach();
	umount_fs();
	check(!dm_remove("base"), "remove");
}

const struct test pull_tests[] = {
	{ "bad-sector", "with hold, a bad sector still fails at once", bad_sector },
	{ "pull-virtio", "a virtio disk is pulled and returns: no read is lost", pull_virtio },
	{ "pull-usb", "a USB disk is pulled and returns: no read is lost", pull_usb },
	{ "pull-timeout", "a disk that does not return: reads wait so long, then fail", pull_timeout },
	{ "pull-no-hold", "without hold, reads fail when the disk is pulled", pull_no_hold },
	{ "pull-suspend", "suspends while reads wait", pull_suspend },
	{ "pull-wipe", "wipe_table while reads wait", pull_wipe },
	{ "pull-force", "remove --force while reads wait", pull_force },
	{ 0 }
};
