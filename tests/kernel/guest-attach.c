// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases: large files on a FAT of 4 KiB clusters. How often the tool's "attach" reads the disk, counted by
 * the disk, with the chain read ahead and without: a boot sector without its signature is not known as
 * FAT by the tool, while the kernel does not look at it.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define TOOL "/usr/sbin/ukiblk"
#define LARGE "/dev/vdd"	/* 5 GiB, sparse, no partitions */
#define LARGE_SECTORS (5UL << 30 >> 9)
#define FILE_NAME MNT "/data.bin"
#define CLUSTER 4096
#define MANY 1022362	/* clusters: 3.9 GiB */
#define FEW 1200
#define FIRST 3		/* 2 is the root folder */
#define END_OF_CHAIN 0x0fffffff

struct fat {
	int fd;
	off_t table, data;
	size_t table_bytes;
};

static unsigned int get16(const unsigned char *p)
{
	return p[0] | p[1] << 8;
}

static bool fat_open(struct fat *fat)
{
	unsigned char boot[SECTOR] = { 0 };

	fat->fd = open(LARGE, O_RDWR | O_CLOEXEC);
	if (!check(pread(fat->fd, boot, sizeof(boot), 0) == sizeof(boot), "boot sector: %s", strerror(errno)))
		return false;
	fat->table = get16(boot + 14) * SECTOR;
	fat->table_bytes = (get16(boot + 36) | (size_t)get16(boot + 38) << 16) * SECTOR;
	fat->data = fat->table + boot[16] * fat->table_bytes;
	return check(boot[13] * SECTOR == CLUSTER, "clusters of %u sectors", boot[13]);
}

static bool fat_write(const struct fat *fat, const void *bytes, size_t size, off_t at)
{
	return check(pwrite(fat->fd, bytes, size, at) == (ssize_t)size, "write %s: %s", LARGE, strerror(errno));
}

static void fat_write_table(const struct fat *fat, const uint32_t *chain, unsigned int count)
{
	uint32_t *table = calloc(1, fat->table_bytes);

	if (check(table && pread(fat->fd, table, fat->table_bytes, fat->table) == (ssize_t)fat->table_bytes, "read the table")) {
		for (unsigned int i = 0; i < count; i++)
			table[chain[i]] = i + 1 < count ? chain[i + 1] : END_OF_CHAIN;
		fat_write(fat, table, fat->table_bytes, fat->table);
	}
	free(table);
}

/* The one file of the root folder, of whole clusters. */
static void fat_write_folder(const struct fat *fat, uint32_t first, unsigned int count)
{
	unsigned char entry[32] = "DATA    BIN\x20";
	uint32_t size = count * CLUSTER;

	entry[20] = first >> 16;
	entry[21] = first >> 24;
	entry[26] = first;
	entry[27] = first >> 8;
	for (int i = 0; i < 4; i++)
		entry[28 + i] = size >> 8 * i;
	fat_write(fat, entry, sizeof(entry), fat->data);
}

/* What makes an archive of it: the host has made an identifier for a file of so many clusters. */
static void fat_write_identifier(const struct fat *fat, uint32_t last, unsigned int count)
{
	unsigned char block[CLUSTER];
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/identifier-%u", count);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (check(read(fd, block, sizeof(block)) == sizeof(block), "%s: %s", path, strerror(errno)))
		fat_write(fat, block, sizeof(block), fat->data + (off_t)(last - 2) * CLUSTER);
	close(fd);
}

static bool make_file(const uint32_t *chain, unsigned int count)
{
	struct fat fat;

	if (!make_fs(LARGE, "mkfs.vfat -I -F 32 -s 8") || !fat_open(&fat))
		return false;
	fat_write_table(&fat, chain, count);
	fat_write_folder(&fat, chain[0], count);
	fat_write_identifier(&fat, chain[count - 1], count);
	return check(!fsync(fat.fd) && !close(fat.fd), "write back: %s", strerror(errno));
}

/* Off: the tool then reads nothing ahead. */
static void set_signature(bool on)
{
	int fd = open(LARGE, O_RDWR | O_CLOEXEC);

	check(pwrite(fd, on ? "\x55\xaa" : "\0\0", 2, 510) == 2 && !fsync(fd), "signature: %s", strerror(errno));
	close(fd);
}

/* Reads the disk has completed, of any size. */
static long disk_reads(void)
{
	FILE *f = fopen("/sys/block/vdd/stat", "r");
	long reads = -1;

	check(f && fscanf(f, "%ld", &reads) == 1, "no statistics of the disk");
	if (f)
		fclose(f);
	return reads;
}

/* What udev makes: by this name the tool finds the disk below a file. */
static void make_link(void)
{
	char path[64] = "/dev/block/";
	FILE *f = fopen("/sys/block/vdd/dev", "r");

	check(f && fscanf(f, "%40s", path + strlen(path)) == 1, "no number of the disk");
	if (f)
		fclose(f);
	mkdir("/dev/block", 0755);
	check(!symlink(LARGE, path) || errno == EEXIST, "%s: %s", path, strerror(errno));
}

/* Also the sectors that a processor has looked at last: a page which is not whole may be read in several requests. */
static void drop_caches(void)
{
	FILE *f = fopen("/proc/sys/vm/drop_caches", "w");
	int fd = open(LARGE, O_RDONLY | O_CLOEXEC);

	sync();
	check(!ioctl(fd, BLKFLSBUF), "BLKFLSBUF: %s", strerror(errno));
	check(f && fputs("3", f) > 0 && !fclose(f), "drop_caches: %s", strerror(errno));
	close(fd);
}

static unsigned int attached_extents(unsigned int count)
{
	unsigned int files = 0, extents = 0;
	char text[256] = "";
	uint64_t sectors = 0;

	check(!dm_get("ukiblk-large", 'i', &sectors, text, sizeof(text)) && sscanf(text, "%u %u", &files, &extents) == 2,
	      "status \"%s\"", text);
	check(sectors == (count - 1UL) * CLUSTER / SECTOR, "%llu sectors", (unsigned long long)sectors);
	return extents;
}

/* The reads of one attach, from a cold cache. */
static long attach_reads(unsigned int count, unsigned int *extents)
{
	long reads;
	int r;

	if (!check(!mount(LARGE, MNT, "vfat", MS_RDONLY, NULL), "mount: %s", strerror(errno)))
		return -1;
	drop_caches();
	reads = disk_reads();
	r = run("ukiblk attach --unverified --map ukiblk --name large " FILE_NAME);
	reads = disk_reads() - reads;
	if (check(!r, "ukiblk attach: exit code %d", r)) {
		*extents = attached_extents(count);
		check(!run("ukiblk detach large"), "ukiblk detach");
	}
	umount_fs();
	return reads;
}

/* Returns the reads with read-ahead, *plain are those without. */
static long compare_reads(const uint32_t *chain, unsigned int count, long *plain, unsigned int *extents)
{
	long reads;

	if (!have_program(TOOL)) {
		skip("the tool is not built (make stage)");
		return -1;
	}
	if (!make_file(chain, count))
		return -1;
	make_link();
	set_signature(false);
	*plain = attach_reads(count, extents);
	set_signature(true);
	reads = attach_reads(count, extents);
	note("%u clusters, %u extents: %ld reads, %ld without read-ahead", count, *extents, reads, *plain);
	return reads;
}

static uint32_t *make_chain(unsigned int count, unsigned int step)
{
	uint32_t *chain = calloc(count, sizeof(*chain));

	for (unsigned int i = 0; i < count; i++)
		chain[i] = FIRST + i * step;
	return chain;
}

static void shuffle(uint32_t *chain, unsigned int count)
{
	uint64_t state = 88172645463325252;

	for (unsigned int i = count - 1; i > 0; i--) {
		unsigned int other;
		uint32_t swap = chain[i];

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		other = state % (i + 1);
		chain[i] = chain[other];
		chain[other] = swap;
	}
}

static void contiguous(void)
{
	uint32_t *chain = make_chain(MANY, 1);
	unsigned int extents = 0;
	long plain = 0, reads = compare_reads(chain, MANY, &plain, &extents);

	free(chain);
	if (reads < 0)
		return;
	check(extents == 1, "%u extents", extents);
	check(plain >= MANY / 128, "%ld reads for %u sectors of the table: the disk does not count them", plain, MANY / 128);
	check(reads <= 100, "%ld reads", reads);
}

static void check_random(unsigned int count, unsigned int step)
{
	uint32_t *chain = make_chain(count, step);
	unsigned int extents = 0;
	long plain = 0, reads;

	shuffle(chain, count);
	reads = compare_reads(chain, count, &plain, &extents);
	free(chain);
	if (reads < 0)
		return;
	check(extents > count - 10, "%u extents", extents);
	check(plain >= count / 128, "%ld reads: the disk does not count them", plain);
	check(reads <= plain, "%ld reads, and %ld without read-ahead", reads, plain);
}

static void random_order(void)
{
	check_random(MANY, 1);
}

/* Each cluster in a page of the table of its own: nothing can be won. */
static void scattered(void)
{
	check_random(FEW, 1024);
}

/* And nothing can be won for one that runs from page to page, a cluster in each. */
static void striding(void)
{
	uint32_t *chain = make_chain(FEW, 1024);
	unsigned int extents = 0;
	long plain = 0, reads = compare_reads(chain, FEW, &plain, &extents);

	free(chain);
	if (reads >= 0)
		check(reads <= plain, "%ld reads, and %ld without read-ahead", reads, plain);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void attach_and_die(void)
{
	pid_t pid = fork();
	double begin;
	int st;

	if (!pid)
		_exit(attach((uint64_t)MANY * CLUSTER / SECTOR, "1 " FILE_NAME " 0 %lu", (uint64_t)MANY * CLUSTER / SECTOR) != 0);
	sleep(2);
	check(!waitpid(pid, &st, WNOHANG), "the walk did not take long");
	begin = seconds();
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	check(WIFSIGNALED(st), "the walk was not killed");
	check(seconds() - begin < 2, "the walk went on for %.1f s", seconds() - begin);
}

/* A walk that would take an hour, as each sector of the table does 200 ms. */
static void killed_slow(void)
{
	static const struct row delay = { 0, LARGE_SECTORS, "delay", LARGE " 0 200" };
	uint32_t *chain = make_chain(MANY, 1);

	shuffle(chain, MANY);
	run("modprobe -a dm-delay ukiblk");
	if (make_file(chain, MANY) && check(!dm_create("base", &delay, 1, WRITABLE), "dm-delay")) {
		check(!mount(dm_path("base"), MNT, "vfat", MS_RDONLY, NULL), "mount: %s", strerror(errno));
		drop_caches();
		log_mark();
		attach_and_die();
		check(log_has_sentence("Killed while looking up the extents"), "sentence");
		/* The device was made, but has no table. */
		check(!dm_remove("t"), "remove");
		check(!module_remove(), "the module is in use");
		umount_fs();
		check(!dm_remove("base"), "the disk is in use");
	}
	free(chain);
}

const struct test attach_tests[] = {
	{ "attach-contiguous", "the tool attaches 3.9 GiB in one piece with at most 100 reads", contiguous },
	{ "attach-random", "3.9 GiB in a million pieces, with no more reads than without read-ahead", random_order },
	{ "attach-scattered", "1200 clusters all over the disk, with no more either", scattered },
	{ "attach-striding", "nor 1200 clusters in regular distances", striding },
	{ "killed-slow", "a walk on a slow disk ends when killed, and holds nothing", killed_slow },
	{ 0 }
};
