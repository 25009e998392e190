// SPDX-License-Identifier: GPL-2.0-only
/* The device must hold the bytes of the files, however it is read. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define PIECE (256 * 1024)

static unsigned char buffer_a[PIECE] __attribute__((aligned(4096)));
static unsigned char buffer_b[PIECE] __attribute__((aligned(4096)));

uint64_t file_sectors(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_size / SECTOR;
}

bool same_bytes(int a, uint64_t at_a, int b, uint64_t at_b, size_t size)
{
	for (size_t n; size; size -= n, at_a += n, at_b += n) {
		n = size < PIECE ? size : PIECE;
		if (pread(a, buffer_a, n, at_a) != (ssize_t)n || pread(b, buffer_b, n, at_b) != (ssize_t)n)
			return false;
		if (memcmp(buffer_a, buffer_b, n))
			return false;
	}
	return true;
}

static int open_device(int flags)
{
	int fd = open(dm_path("t"), O_RDONLY | O_CLOEXEC | flags);

	check(fd >= 0, "open device: %s", strerror(errno));
	return fd;
}

/* Everything, in order. */
static void compare_all(int device, const char *how, const struct range *r, unsigned int count)
{
	uint64_t at = 0;

	for (unsigned int i = 0; i < count; at += r[i].sectors, i++) {
		int file = open(r[i].path, O_RDONLY | O_CLOEXEC);

		check(same_bytes(device, at * SECTOR, file, r[i].first * SECTOR, r[i].sectors * SECTOR),
		      "%s: the bytes of %s differ", how, r[i].path);
		close(file);
	}
}

/* Short reads at any sector cross the ends of extents everywhere. */
static void compare_random(int device, const struct range *r, uint64_t at, int logical_block)
{
	unsigned int step = logical_block / SECTOR;
	int file = open(r->path, O_RDONLY | O_CLOEXEC);

	for (int i = 0; i < 100; i++) {
		uint64_t from = random() % (r->sectors / step) * step;
		uint64_t most = r->sectors - from < 128 ? r->sectors - from : 128;
		uint64_t n = (random() % (most / step) + 1) * step;

		if (!check(same_bytes(device, (at + from) * SECTOR, file, (r->first + from) * SECTOR, n * SECTOR),
			   "direct: %llu sectors at %llu of %s differ", (unsigned long long)n,
			   (unsigned long long)from, r->path))
			break;
	}
	close(file);
}

/* Where the file's block with this sector begins, in sectors of the filesystem's device. */
static uint64_t block_sector(int fd, uint64_t sector, unsigned int block_sectors)
{
	int block = sector / block_sectors;

	check(!ioctl(fd, FIBMAP, &block), "FIBMAP: %s", strerror(errno));
	return (uint64_t)block * block_sectors;
}

unsigned int count_runs(const struct range *ranges, unsigned int count)
{
	uint64_t next = 0, end;
	unsigned int runs = 0;
	int bytes = SECTOR;

	for (const struct range *r = ranges; r < ranges + count; r++) {
		int fd = open(r->path, O_RDONLY | O_CLOEXEC);

		check(!ioctl(fd, FIGETBSZ, &bytes), "FIGETBSZ: %s", strerror(errno));
		for (uint64_t s = r->first; s < r->first + r->sectors; s = end) {
			unsigned int block = bytes / SECTOR, skip = s % block;
			uint64_t at = block_sector(fd, s, block) + skip;

			end = s - skip + block < r->first + r->sectors ? s - skip + block : r->first + r->sectors;
			runs += at != next;
			next = at + end - s;
		}
		close(fd);
	}
	return runs;
}

void compare_ranges(const struct range *ranges, unsigned int count)
{
	int direct = open_device(O_DIRECT), buffered = open_device(0), logical_block = SECTOR;
	unsigned int runs;
	uint64_t at = 0;

	ioctl(direct, BLKSSZGET, &logical_block);
	compare_all(buffered, "buffered", ranges, count);
	compare_all(direct, "direct", ranges, count);
	for (unsigned int i = 0; i < count; at += ranges[i].sectors, i++)
		compare_random(direct, &ranges[i], at, logical_block);
	close(direct);
	close(buffered);
	runs = count_runs(ranges, count);
	check(status().extents == runs, "%u extents, but the filesystem tells of %u runs", status().extents, runs);
}

bool attach_ranges(const struct range *ranges, unsigned int count)
{
	char parameters[4096];
	uint64_t sectors = 0;
	int n = sprintf(parameters, "%u", count), r;

	for (unsigned int i = 0; i < count; i++) {
		n += snprintf(parameters + n, sizeof(parameters) - n, " %s %llu %llu", ranges[i].path,
			      (unsigned long long)ranges[i].first, (unsigned long long)ranges[i].sectors);
		sectors += ranges[i].sectors;
	}
	r = attach(sectors, "%s", parameters);
	return check(!r, "attach %s: %s", parameters, strerror(-r));
}

uint64_t device_sum(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	uint64_t sum = 0xcbf29ce484222325, word;
	ssize_t n, i;

	check(fd >= 0, "open %s: %s", path, strerror(errno));
	while ((n = read(fd, buffer_a, PIECE)) > 0)
		for (i = 0; i < n; i += 8) {
			memcpy(&word, buffer_a + i, 8);
			sum = (sum ^ word) * 0x100000001b3;
		}
	check(n == 0, "read %s: %s", path, strerror(errno));
	close(fd);
	return sum;
}
