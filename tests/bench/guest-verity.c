// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of tests/bench/verity's machine: reads an archive through dm-verity with each of a few
 * options, in turn, and writes one line for each measurement to the result port:
 *   DISK OPTION cold|again|random SECONDS
 * The command line says: bench_rounds=N bench_data=BLOCKS bench_fec=BLOCK (where the parity begins)
 * bench_covered=BLOCKS bench_roots=N bench_salt=HEX bench_root=HEX.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../kernel/guest.h"
#include "machine.h"

#define RANDOM_READS 1000
#define DEFAULT_PREFETCH 262144
#define PREFETCH "/sys/module/dm_verity/parameters/prefetch_cluster"

static const struct option {
	const char *name;
	const char *words;	/* in the table */
	const char *hash;	/* NULL: sha256, the quickest that is loaded */
	bool parity, bare;	/* bare: the filesystem without verity */
	unsigned prefetch_bytes;	/* 0: as it is */
	unsigned read_ahead_sectors;	/* of the verity device; 0: as it is */
} options[] = {
	{ .name = "default" },
	{ .name = "no-verity", .bare = true },
	{ .name = "plain-sha256", .hash = "sha256-generic" },
	{ .name = "parity", .parity = true },
	{ .name = "check_at_most_once", .words = "check_at_most_once" },
	{ .name = "try_verify_in_tasklet", .words = "try_verify_in_tasklet" },
	{ .name = "ignore_zero_blocks", .words = "ignore_zero_blocks" },
	{ .name = "prefetch=32K", .prefetch_bytes = 32768 },
	{ .name = "prefetch=1M", .prefetch_bytes = 1 << 20 },
	{ .name = "read-ahead=1M", .read_ahead_sectors = 2048 },
};
static const struct disk { const char *name, *node; } disks[] = { { "fast", "/dev/vda" }, { "stick", "/dev/vdb" } };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int read_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static char buffer[1 << 17];
	int fd;
	ssize_t n;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while ((n = read(fd, buffer, sizeof buffer)) > 0)
		;
	if (fd < 0 || n < 0)
		give_up(path);
	close(fd);
	return 0;
}

static double read_tree(void)
{
	double start = now();

	if (nftw("/mnt", read_file, 32, FTW_PHYS))
		give_up("/mnt");
	return now() - start;
}

/* Single blocks past the page cache, the same ones for everybody. */
static double read_random(const char *node, unsigned long blocks)
{
	int fd = open(node, O_RDONLY | O_DIRECT | O_CLOEXEC);
	static char buffer[4096] __attribute__((aligned(4096)));
	unsigned long seed = 1;
	double start = now();

	for (unsigned i = 0; i < RANDOM_READS; i++) {
		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		if (pread(fd, buffer, sizeof buffer, (off_t)((seed >> 33) % blocks * 4096)) != sizeof buffer)
			give_up(node);
	}
	close(fd);
	return now() - start;
}

static const char *make_verity(const struct disk *disk, const struct option *option)
{
	static char parameters[1024];
	unsigned long blocks = number("bench_data=");
	struct row row = { 0, blocks * 8, "verity", parameters };
	char salt[128], extra[256] = "";
	unsigned words = 0;

	if (option->words)
		words += (unsigned)snprintf(extra, sizeof extra, " %s", option->words) > 0;
	if (option->parity) {
		char start[32], covered[32];

		snprintf(start, sizeof start, "%s", word("bench_fec="));
		snprintf(covered, sizeof covered, "%s", word("bench_covered="));
		snprintf(extra, sizeof extra, " use_fec_from_device %s fec_start %s fec_blocks %s fec_roots %s", disk->node, start, covered,
			 word("bench_roots="));
		words += 8;
	}
	snprintf(salt, sizeof salt, "%s", word("bench_salt="));
	snprintf(parameters, sizeof parameters, "1 %s %s 4096 4096 %lu %lu %s %s", disk->node, disk->node, blocks, blocks + 1,
		 option->hash ? option->hash : "sha256", word("bench_root="));
	snprintf(parameters + strlen(parameters), sizeof parameters - strlen(parameters), " %s", salt);
	if (words)
		snprintf(parameters + strlen(parameters), sizeof parameters - strlen(parameters), " %u%s", words, extra);
	errno = -dm_create("verity", &row, 1, 0);
	if (errno)
		give_up(parameters);
	return dm_path("verity");
}

static void set_up(const struct option *option, const char *node)
{
	char text[32];
	int fd = open(node, O_RDONLY | O_CLOEXEC);

	snprintf(text, sizeof text, "%u", option->prefetch_bytes ? option->prefetch_bytes : DEFAULT_PREFETCH);
	write_text(PREFETCH, text);
	if (option->read_ahead_sectors && (fd < 0 || ioctl(fd, BLKRASET, (unsigned long)option->read_ahead_sectors)))
		give_up("BLKRASET");
	close(fd);
}

static void measure(const struct disk *disk, const struct option *option)
{
	const char *node = option->bare ? disk->node : make_verity(disk, option);
	double seconds;

	set_up(option, node);
	write_text("/proc/sys/vm/drop_caches", "3");
	seconds = read_random(node, number("bench_data="));
	fprintf(port, "%s %s random %.4f\n", disk->name, option->name, seconds);
	if (!option->bare) {	/* nothing of it may be known to verity */
		dm_remove("verity");
		node = make_verity(disk, option);
		set_up(option, node);
	}
	write_text("/proc/sys/vm/drop_caches", "3");
	if (mount(node, "/mnt", "erofs", MS_RDONLY, NULL))
		give_up("mount");
	fprintf(port, "%s %s cold %.4f\n", disk->name, option->name, read_tree());
	/* Only the page cache: what verity has of the tree stays, as when memory is short for files. */
	write_text("/proc/sys/vm/drop_caches", "1");
	fprintf(port, "%s %s again %.4f\n", disk->name, option->name, read_tree());
	if (umount("/mnt") || (!option->bare && dm_remove("verity")))
		give_up("umount");
}

int main(void)
{
	unsigned count = sizeof options / sizeof *options;

	start_up();
	/* Not counted: the host's page cache. */
	for (unsigned d = 0; d < 2; d++)
		measure(&disks[d], &(struct option){ .name = "warm-up" });
	for (unsigned long round = 0; round < number("bench_rounds="); round++)
		for (unsigned i = 0; i < count; i++)
			for (unsigned d = 0; d < 2; d++)
				measure(&disks[d], &options[(round + i) % count]);
	finish();
}
