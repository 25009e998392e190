// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of tests/ram/pace's machine: what the copy to memory costs those who read from the same stick, and how
 * long it takes when nobody does. The command line says which: measure=latency or measure=copy. Lines on the result port:
 *   latency READER COPY P50 P99 COUNT      milliseconds of single blocks; READER: busy, 10ms or 100ms between two;
 *                                          COPY: none, paced, greedy (pieces of 1 MiB, one after another)
 *   read KIND SECONDS                      all of the archive: dd (read and thrown away), brd, loop (copied into one)
 *   random KIND MICROSECONDS               a block of the ramdisk, past the page cache
 * Called as "modprobe" it loads a module with its words.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../boot/guest/port.h"
#include "../kernel/guest.h"
#include "base/clock.h"
#include "base/error.h"
#include "ram/copy.h"
#include "ram/pace.h"

#define BLOCK 4096
#define FULL (1 << 20)
#define MOUNT "/mnt"
#define MAX_READS 1500
#define ROUNDS 5

static const struct reader { const char *name; unsigned pause_us, reads; } readers[] = {
	{ "busy", 0, 1500 },
	{ "10ms", 10000, 300 },
	{ "100ms", 100000, 100 },
};
static const char *const copies[] = { "none", "paced", "greedy" };

static FILE *port;
static char stick[64];	/* /dev/dm-N */
static unsigned char buffer[FULL] __attribute__((aligned(BLOCK)));

_Noreturn static void give_up(const char *what)
{
	fprintf(port ? port : stderr, "failed: %s: %s\n", what, strerror(errno));
	port_power_off(port);
	abort();
}

/* guest-dm.c's complaints. */
bool check_at(const char *where, bool ok, const char *what, ...)
{
	(void)what;
	if (!ok)
		give_up(where);
	return true;
}

static int load(const char *path, const char *words)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, words, 0))
		return -errno;
	return close(fd);
}

static void load_modules(void)
{
	char path[512];
	FILE *list = fopen("/modules/list", "re");
	int r;

	while (list && fscanf(list, "%511s", path) == 1) {
		r = load(path, "");
		/* EEXIST: built in, or loaded by another one; ENODEV: not for this processor */
		if (r && r != -EEXIST && r != -ENODEV)
			give_up(path);
	}
}

/* brd.ko is the only one asked for by name. */
static int be_modprobe(int count, char **words)
{
	char all[256] = "";

	for (int i = 2; i < count; i++) {
		strncat(all, words[i], sizeof all - strlen(all) - 2);
		strcat(all, " ");
	}
	return load("/brd.ko", all) ? 1 : 0;
}

/* The disk may take a while to appear. */
static void mount_stick(void)
{
	for (int i = 0; i < 300; i++) {
		if (mount("/dev/sda1", MOUNT, "vfat", MS_RDONLY, NULL) == 0)
			return;
		usleep(100000);
	}
	give_up("mount");
}

static uint64_t attach_archive(void)
{
	static char parameters[128];
	struct stat st;
	struct row row = { 0, 0, "ukiblk", parameters };

	if (stat(MOUNT "/archive", &st))
		give_up("archive");
	row.sectors = (uint64_t)st.st_size / 512;
	snprintf(parameters, sizeof parameters, "1 " MOUNT "/archive 0 %llu", (unsigned long long)row.sectors);
	errno = -dm_create("archive", &row, 1, 0);
	if (errno)
		give_up("dm");
	snprintf(stick, sizeof stick, "%s", dm_path("archive"));
	return (uint64_t)st.st_size;
}

static int open_direct(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		give_up(path);
	return fd;
}

static int read_failed(void *context, uint64_t offset, int code, struct error *error)
{
	(void)context;
	return fail(error, code, "byte %llu", (unsigned long long)offset);
}

static double copy_to(const struct ramdisk *disk)
{
	struct ram_copy work = { .source = open_direct(stick), .disk = disk, .carrier = MOUNT, .read_failed = read_failed };
	struct ram_copied times;
	struct error error;

	if (ram_copy(&work, &times, &error) < 0) {
		fprintf(port, "# %s\n", error.text);
		give_up("copy");
	}
	close(work.source);
	return times.end - times.begin;
}

static void copy_forever(const char *how, uint64_t bytes)
{
	struct ramdisk disk = { .kind = RAMDISK_LOOP, .fd = open("/dev/null", O_WRONLY), .loop = -1, .bytes = bytes };
	int fd = open_direct(stick);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (strcmp(how, "paced") == 0)
			copy_to(&disk);
		else
			for (uint64_t at = 0; at < bytes; at += FULL)
				if (pread(fd, buffer, FULL, (off_t)at) != FULL)
					give_up("greedy");
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static unsigned long seed = 1;
static off_t random_block(uint64_t bytes)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (off_t)((seed >> 33) % (bytes / BLOCK) * BLOCK);
}

static void read_blocks(const struct reader *reader, const char *copy, uint64_t bytes)
{
	static double times[MAX_READS];
	int fd = open_direct(stick);
	unsigned n = reader->reads;

	for (unsigned i = 0; i < n; i++) {
		double begin = clock_seconds(CLOCK_MONOTONIC);

		if (pread(fd, buffer, BLOCK, random_block(bytes)) != BLOCK)
			give_up("read");
		times[i] = (clock_seconds(CLOCK_MONOTONIC) - begin) * 1e3;
		if (reader->pause_us)
			usleep(reader->pause_us);
	}
	close(fd);
	qsort(times, n, sizeof *times, by_size);
	fprintf(port, "latency %s %s %.3f %.3f %u\n", reader->name, copy, times[n / 2], times[n * 99 / 100], n);
}

static void measure_latency(uint64_t bytes)
{
	for (size_t r = 0; r < ARRAY_SIZE(readers); r++)
		for (size_t c = 0; c < ARRAY_SIZE(copies); c++) {
			pid_t child = c ? fork() : 0;

			if (c && child == 0)
				copy_forever(copies[c], bytes);
			read_blocks(&readers[r], copies[c], bytes);
			if (child > 0) {
				kill(child, SIGKILL);
				waitpid(child, NULL, 0);
			}
		}
}

static void measure_dd(uint64_t bytes)
{
	double begin = clock_seconds(CLOCK_MONOTONIC);
	int fd = open_direct(stick);

	for (uint64_t at = 0; at < bytes; at += FULL)
		if (pread(fd, buffer, FULL, (off_t)at) != FULL)
			give_up("dd");
	close(fd);
	fprintf(port, "read dd %.3f\n", clock_seconds(CLOCK_MONOTONIC) - begin);
}

static void measure_ramdisk(enum ramdisk_kind kind, uint64_t bytes)
{
	struct ramdisk disk;
	struct error error;
	double begin;
	int fd;

	if (ramdisk_create(bytes, &disk, &error) < 0 || disk.kind != kind)
		give_up("ramdisk");
	fprintf(port, "read %s %.3f\n", ramdisk_name(kind), copy_to(&disk));
	if (ramdisk_seal(&disk, &error) < 0)
		give_up(error.text);
	fd = open_direct(disk.node);
	begin = clock_seconds(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < MAX_READS; i++)
		if (pread(fd, buffer, BLOCK, random_block(bytes)) != BLOCK)
			give_up("random");
	fprintf(port, "random %s %.1f\n", ramdisk_name(kind), (clock_seconds(CLOCK_MONOTONIC) - begin) * 1e6 / MAX_READS);
	close(fd);
	ramdisk_release(&disk);
}

static void measure_copies(uint64_t bytes)
{
	measure_dd(bytes);
	measure_ramdisk(RAMDISK_BRD, bytes);
	rename("/brd.ko", "/brd.away");
	measure_ramdisk(RAMDISK_LOOP, bytes);
	rename("/brd.away", "/brd.ko");
}

static bool has_word(const char *word)
{
	char cmdline[1024] = "";
	FILE *file = fopen("/proc/cmdline", "re");

	if (!file || !fgets(cmdline, sizeof cmdline, file))
		give_up("/proc/cmdline");
	fclose(file);
	return strstr(cmdline, word);
}

int main(int count, char **words)
{
	uint64_t bytes;

	if (strstr(words[0], "modprobe"))
		return be_modprobe(count, words);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	load_modules();
	mkdir("/dev/mapper", 0755);
	mknod("/dev/mapper/control", S_IFCHR | 0600, makedev(10, 236));
	port = port_open();
	if (!port)
		port_power_off(NULL);
	mount_stick();
	bytes = attach_archive();
	measure_dd(bytes);	/* the host's page cache */
	if (has_word("measure=latency"))
		measure_latency(bytes);
	else
		for (int round = 0; round < ROUNDS; round++)
			measure_copies(bytes);
	fprintf(port, "end\n");
	port_power_off(port);
}
