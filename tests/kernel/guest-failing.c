// SPDX-License-Identifier: GPL-2.0-only
/* Cases: a filesystem on a disk that shrinks or fails under it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define B MNT "/b.bin"
#define BASE_SECTORS (100 * MIB / SECTOR)
#define MANY 100

static const struct row good = { 0, BASE_SECTORS, "linear", ALIGNED " 2048" };
static const struct row failing = { 0, BASE_SECTORS, "error", "" };

static bool begin(void)
{
	int r = dm_create("base", &good, 1, WRITABLE);

	return check(!r, "dm-linear: %s", strerror(-r)) && vfat(dm_path("base"), "-F 32 -s 8");
}

static void end(void)
{
	check(!dm_reload("base", &good, 1, WRITABLE), "reload");
	umount_fs();
	check(!dm_remove("base"), "remove");
}

/* Where the file system says that a sector of the file lies; vfat counts in its blocks of 512 bytes here. */
static int sector_of(const char *path, int sector)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), block = sector;

	check(!ioctl(fd, FIBMAP, &block), "FIBMAP: %s", strerror(errno));
	close(fd);
	return block;
}

static bool read_fails(const char *device, uint64_t sector)
{
	static char buffer[4096] __attribute__((aligned(4096)));
	int fd = open(device, O_RDONLY | O_DIRECT | O_CLOEXEC);
	bool failed = pread(fd, buffer, SECTOR, sector * SECTOR) < 0 && errno == EIO;

	close(fd);
	return failed;
}

/* A failed read is counted and named by file and offset, many only now and then; the next good one is good. */
static void read_error(void)
{
	struct range r[] = { { A, 5, 100 }, { B, 7, 100 } };
	unsigned int lines;
	char line[128];

	if (!begin())
		return;
	if (write_file(A, MIB) && write_file(B, MIB) && attach_ranges(r, 2)) {
		snprintf(line, sizeof(line), ": error -5 reading file " B " at byte 5120, sector %d of %s: bad sector",
			 sector_of(B, 10), strrchr(dm_path("base"), '/') + 1);
		dm_reload("base", &failing, 1, WRITABLE);
		log_mark();
		check(read_fails(dm_path("t"), 103), "a failed read succeeds");
		check(log_has(line), "the log lacks \"%s\"", line);
		check(tool_says("\"gone\": false"), "the tool does not know that the disk is there");
		check(status().errors == 1 && !status().lost, "%lld errors counted", status().errors);
		log_mark();
		for (int i = 0; i < MANY; i++)
			check(read_fails(dm_path("t"), 103), "a failed read succeeds");
		lines = log_count(" reading file " B);
		check(lines && lines < MANY / 2, "%u lines for %u errors", lines, MANY);
		dm_reload("base", &good, 1, WRITABLE);
		compare_ranges(r, 2);
		check(status().errors == 1 + MANY, "%lld errors counted", status().errors);
		detach();
	}
	end();
}

static void write_back(void)
{
	if (!begin())
		return;
	sync();
	if (write_file(A, MIB)) {
		dm_reload("base", &failing, 1, WRITABLE);
		expect_refusal(EIO, "File cannot be written back to its disk", 8, "1 " A " 0 8");
	}
	end();
}

static void shrunk_disk(void)
{
	struct row small = good;

	if (!begin())
		return;
	/* The FAT lies before the clusters, so all but the file still fits. */
	if (write_file(B, 40 * MIB) && write_file(A, MIB)) {
		sync();
		small.sectors = 20 * MIB / SECTOR;
		dm_reload("base", &small, 1, WRITABLE);
		expect_refusal(EUCLEAN, "File lies partly beyond the end of its disk", 8, "1 " A " 0 8");
		expect_refusal(EUCLEAN, "File lies partly beyond the end of its disk", 40 * MIB / SECTOR,
			       "1 " B " 0 %lu", 40 * MIB / SECTOR);
		check(!attach(8, "1 " B " 0 8"), "the part that is there");
		detach();
	}
	end();
}

/* A SCSI disk in memory, all of whose sectors can turn bad; NULL where the kernel has none. */
static const char *scsi_disk_make(void)
{
	static char path[32];
	glob_t found = { 0 };

	if (run("modprobe scsi_debug dev_size_mb=32 medium_error_start=0 medium_error_count=65536"))
		return NULL;
	*path = '\0';
	wait_for(!glob("/sys/bus/pseudo/drivers/scsi_debug/adapter0/host*/target*/*/block/*", 0, NULL, &found), 10);
	if (check(found.gl_pathc, "no disk"))
		snprintf(path, sizeof(path), "/dev/%s", strrchr(found.gl_pathv[0], '/') + 1);
	globfree(&found);
	return wait_for(!access(path, R_OK), 10) ? path : NULL;
}

static void scsi_disk_spoil(bool bad)
{
	FILE *f = fopen("/sys/bus/pseudo/drivers/scsi_debug/opts", "w");

	check(f && fputs(bad ? "2" : "0", f) > 0 && !fclose(f), "scsi_debug: %s", strerror(errno));
}

/* The disk itself says that the sector is bad: nobody has to ask, or to wait, whether it is there. */
static void medium_error(void)
{
	static char buffer[4096] __attribute__((aligned(4096)));
	const char *disk = scsi_disk_make();
	struct timespec begin, now;
	int fd;

	if (!disk)
		return skip("the kernel has no scsi_debug");
	if (vfat(disk, "-F 16 -s 4") && write_file(A, MIB) && check(!attach(2048, "1 " A " 0 2048 2 hold 600"), "attach")) {
		fd = open(dm_path("t"), O_RDONLY | O_DIRECT | O_CLOEXEC);
		scsi_disk_spoil(true);
		log_mark();
		clock_gettime(CLOCK_MONOTONIC, &begin);
		check(pread(fd, buffer, SECTOR, 0) < 0 && errno == ENODATA, "a bad sector: %s", strerror(errno));
		clock_gettime(CLOCK_MONOTONIC, &now);
		check((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < 1000, "it took too long to fail");
		check(log_has(": error -61 reading file " A " at byte 0, sector "), "the log does not tell");
		check(status().errors == 1 && !status().lost && !strcmp(status().state, "live"), "%s, %lld errors",
		      status().state, status().errors);
		scsi_disk_spoil(false);
		check(pread(fd, buffer, SECTOR, 0) == SECTOR, "a good sector is not read");
		close(fd);
		detach();
	}
	umount_fs();
	check(!run("busybox rmmod scsi_debug"), "the disk is in use");
}

const struct test disk_tests[] = {
	/* Before the case that exhausts the limit of lines in the log. */
	{ "medium-error", "with hold, a disk that reports a bad sector fails the read at once", medium_error },
	{ "read-error", "a failed read is counted and named", read_error },
	{ "write-back", "a file that cannot be written back is refused", write_back },
	{ "shrunk-disk", "a file beyond the end of the disk is refused", shrunk_disk },
	{ 0 }
};
