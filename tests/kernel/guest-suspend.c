// SPDX-License-Identifier: GPL-2.0-only
/* Cases: a signal ends a suspend that waits for a read, and the target goes on as before. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define BASE_SECTORS (100 * MIB / SECTOR)
#define FILE_SECTORS 2048
#define TABLE "1 " A " 0 2048 2 hold 600"
#define READ_BYTES 4096
#define SLOW "3000"			/* milliseconds a read takes */
#define SLOW_NANOSECONDS SLOW "000000"

/* A process with one read or one suspend to do. Its exit code is an errno. */
struct doing {
	pid_t pid;
	int error;	/* once it has ended */
};

static bool has_ended(struct doing *d)
{
	int st;

	if (d->pid && waitpid(d->pid, &st, WNOHANG) == d->pid) {
		d->pid = 0;
		d->error = WIFEXITED(st) ? WEXITSTATUS(st) : 255;
	}
	return !d->pid;
}

static void expect_end(struct doing *d, int error, unsigned int seconds, const char *what)
{
	if (check(wait_for(has_ended(d), seconds), "%s has not ended", what))
		check(d->error == error, "%s ended with: %s", what, strerror(d->error));
	else
		kill(d->pid, SIGKILL);
}

static unsigned char expected[MIB];

static bool make_file(void)
{
	int fd;
	bool ok;

	if (!write_file(A, MIB))
		return false;
	fd = open(A, O_RDONLY | O_CLOEXEC);
	ok = check(read(fd, expected, MIB) == (ssize_t)MIB, "read " A ": %s", strerror(errno));
	close(fd);
	return ok;
}

static int read_sector(uint64_t sector)
{
	static unsigned char buffer[READ_BYTES] __attribute__((aligned(4096)));
	int fd = open(dm_path("t"), O_RDONLY | O_DIRECT | O_CLOEXEC);
	int r = pread(fd, buffer, READ_BYTES, sector * SECTOR) == READ_BYTES ? 0 : errno;

	close(fd);
	return r ? r : memcmp(buffer, expected + sector * SECTOR, READ_BYTES) ? EILSEQ : 0;
}

static struct doing start_read(uint64_t sector)
{
	struct doing d = { fork(), 0 };

	if (!d.pid)
		_exit(read_sector(sector));
	return d;
}

/* Reads on their way to a disk, by its name in sysfs. */
static unsigned int in_flight(const char *disk)
{
	unsigned int reads = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/block/%s/inflight", disk);
	f = fopen(path, "r");
	check(f && fscanf(f, "%u", &reads) == 1, "%s: %s", path, strerror(errno));
	if (f)
		fclose(f);
	return reads;
}

static void on_signal(int number)
{
	(void)number;
}

/* SIGUSR1 interrupts it. */
static struct doing start_suspend(bool flush)
{
	struct doing d = { fork(), 0 };

	if (!d.pid) {
		sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_signal }, NULL);
		_exit(-dm_call(DM_DEV_SUSPEND, dm_request("t", DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG |
							       (flush ? 0 : DM_NOFLUSH_FLAG))));
	}
	return d;
}

/* The first signal may come before it waits. */
static void interrupt(struct doing *d)
{
	for (int i = 0; i < 20 && !has_ended(d); i++) {
		kill(d->pid, SIGUSR1);
		sleep_ms(50);
	}
	expect_end(d, EINTR, 1, "the suspend");
}

/* The disk lives and is slow. */
static void interrupt_slow(bool flush)
{
	static const struct row delay = { 0, BASE_SECTORS, "delay", ALIGNED " 2048 " SLOW };
	static const struct row linear = { 0, BASE_SECTORS, "linear", ALIGNED " 2048" };
	struct doing first, second, suspend;

	check(!dm_reload("base", &delay, 1, WRITABLE), "dm-delay");
	first = start_read(0);
	check(wait_for(in_flight(strrchr(dm_path("t"), '/') + 1), 2), "no read is on its way");
	suspend = start_suspend(flush);
	sleep_ms(300);
	second = start_read(1000);
	interrupt(&suspend);
	expect_end(&first, 0, 30, "the read before the suspend");
	expect_end(&second, 0, 30, "the read that came meanwhile");
	check(!dm_reload("base", &linear, 1, WRITABLE), "dm-linear");
	check(!read_sector(500), "read");
	check(!status().errors && !strcmp(status().state, "live"), "%s, %lld errors", status().state, status().errors);
	check(!dm_suspend("t") && !dm_resume("t") && !dm_swap("t", NULL, 0, 0), "suspend");
}

static void interrupted(void)
{
	static const struct row linear = { 0, BASE_SECTORS, "linear", ALIGNED " 2048" };

	run("modprobe dm-delay");
	if (!check(!dm_create("base", &linear, 1, WRITABLE), "dm-linear") || !vfat(dm_path("base"), "-F 32 -s 8"))
		return;
	if (make_file() && check(!attach(FILE_SECTORS, TABLE), "attach")) {
		interrupt_slow(true);
		interrupt_slow(false);
		detach();
	}
	umount_fs();
	check(!dm_remove("base"), "remove");
}

/* A file on a disk that takes its time, attached. The disk keeps its content while it is off. */
static bool begin_gone(void)
{
	if (!null_disk_make("64") || !null_disk_set("power", "1") || !vfat(NULL_DISK, "-I -F 16 -s 8") ||
	    !make_file())
		return false;
	umount_fs();
	return null_disk_set("power", "0") && null_disk_set("irqmode", "2") &&
	       null_disk_set("completion_nsec", SLOW_NANOSECONDS) && null_disk_set("power", "1") &&
	       check(!mount(NULL_DISK, MNT, "vfat", MS_RDONLY, NULL), "mount: %s", strerror(errno)) &&
	       check(!attach(FILE_SECTORS, TABLE), "attach");
}

static bool opens(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd >= 0;
}

/* Taking it away ends when the last read has; from its begin on nobody can open the disk. */
static struct doing start_taking_away(void)
{
	struct doing d = { fork(), 0 };

	if (!d.pid)
		_exit(null_disk_set("power", "0") ? 0 : EIO);
	check(wait_for(!opens(NULL_DISK), 10), "the disk stays");
	return d;
}

/* A moment later it takes no reads. One that was in time ends like the one before. */
static struct doing start_waiting_read(void)
{
	struct doing d = { 0 };

	for (int i = 0; i < 4 && !status().waiting; i++) {
		d = start_read(1000);
		for (int n = 0; n < 15 && !status().waiting; n++)
			sleep_ms(20);
	}
	return d;
}

/* The disk is gone, one read waits, and an older one is still on its way. */
static void interrupt_gone(bool flush)
{
	struct doing slow, waiting, away, suspend;

	slow = start_read(0);
	check(wait_for(in_flight("nullb0"), 2), "no read is on its way");
	away = start_taking_away();
	waiting = start_waiting_read();
	check(wait_for(status().waiting == 1, 2), "%u reads wait: %s", status().waiting, status().state);
	suspend = start_suspend(flush);
	if (flush)
		expect_end(&waiting, EIO, 2, "the read that waited");
	else
		check(wait_for(!status().waiting, 2), "the read is not given back");
	interrupt(&suspend);
	check(!has_ended(&slow), "the suspend had nothing to wait for");
	if (flush)
		waiting = start_read(1000);
	check(wait_for(status().waiting == 1, 2), "no read waits after the suspend: %s", status().state);
	expect_end(&slow, 0, 10, "the read on its way");
	expect_end(&away, 0, 10, "taking the disk away");
	check(!has_ended(&waiting) && status().errors == flush, "%lld errors", status().errors);
	check(!dm_suspend("t") && !dm_resume("t"), "suspend");
	expect_end(&waiting, EIO, 2, "the read that waits");
}

static void gone(bool flush)
{
	if (begin_gone()) {
		interrupt_gone(flush);
		detach();
		umount_fs();
		check(!module_remove(), "the module does not unload");
	}
	null_disk_remove();
}

static void interrupted_gone(void)
{
	gone(true);
}

static void interrupted_gone_noflush(void)
{
	gone(false);
}

const struct test suspend_tests[] = {
	{ "suspend-slow", "a signal ends a suspend that waits for a slow disk", interrupted },
	{ "suspend-gone", "and one with flush while the disk is gone: reads wait again", interrupted_gone },
	{ "suspend-gone-noflush", "and one without: reads that were given back wait again", interrupted_gone_noflush },
	{ 0 }
};
