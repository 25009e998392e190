// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of tests/bench/block's machine: two files of one size on a FAT partition, "contiguous" and
 * "fragmented" (2000 extents), each read by fio as five block devices in turn. One line for each measurement:
 *   LAYOUT TARGET CASE READS NANOSECONDS IDLE_NANOSECONDS PAGE_CACHE_KIB      (idle: -1 when it is not known)
 * The command line says: bench_rounds=N bench_latency=NANOSECONDS (of the disk).
 *
 * The disk is null_blk with memory: it answers after the latency, by the guest's clock. Device-mapper claims a
 * partition for itself, so what is mounted and attached for one target is gone before the next.
 * Started by fio "before" and "after" each of its jobs, the same program notes the clock, the idle time and the
 * page cache, which is emptied before.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../kernel/guest.h"
#include "machine.h"

#define DISK "/dev/nullb0"
#define PARTITION "/dev/nullb0p1"
#define CONFIG "/sys/kernel/config/nullb/nullb0"
#define DISK_MIB 128
#define BLOCK 4096
#define EXTENTS 2000
#define EXTENT_BYTES 16384
#define FILE_BYTES ((uint64_t)EXTENTS * EXTENT_BYTES)
#define FILE_SECTORS (FILE_BYTES / SECTOR)
#define STAMPS "/tmp/stamps"

struct extent { uint64_t logical, physical, sectors; };

static struct layout {
	const char *name;
	unsigned count;
	struct extent at[EXTENTS];
	char node[64];		/* of the target that is set up */
} layouts[] = { { .name = "contiguous" }, { .name = "fragmented" } };

/* --- the stamps, in a process of fio's */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The sum of the numbers behind a word at the start of a line; -1 when there is none. */
static long long sum_of(const char *path, const char *const *words)
{
	FILE *file = fopen(path, "re");
	long long sum = -1, value;
	char line[256], key[256];

	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, " %255s %*[:] %lld", key, &value) != 2 && sscanf(line, " %255s %lld", key, &value) != 2)
			continue;
		for (const char *const *w = words; *w; w++)
			if (!strcmp(key, *w))
				sum = (sum < 0 ? 0 : sum) + value;
	}
	if (file)
		fclose(file);
	return sum;
}

/*
 * One processor: the sleep of its idle loop, interrupts not counted, as of the last time it ended. -1 on kernel 7.x, which tells it
 * by ticks only.
 */
static long long idle_time(void)
{
	return sum_of("/proc/timer_list", (const char *[]){ ".idle_sleeptime", ".iowait_sleeptime:", NULL });
}

static long long cached_kib(void)
{
	return sum_of("/proc/meminfo", (const char *[]){ "Buffers:", "Cached:", NULL });
}

static int stamp(bool before)
{
	uint64_t time = now();
	long long idle = idle_time(), cached;
	FILE *file = fopen(STAMPS, "ae");

	if (before) {
		write_text("/proc/sys/vm/drop_caches", "3");
		/* The kernel's own work after this and after the target's creation; a sleep costs nothing here. */
		nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
	}
	cached = cached_kib();
	if (!file || cached < 0)
		return 1;
	if (before) {
		idle = idle_time();
		time = now();
	}
	fprintf(file, "%" PRIu64 " %lld %lld\n", time, idle, cached);
	return fclose(file) ? 1 : 0;
}

/* --- disk and files */

static void configure(const char *key, unsigned long value)
{
	char path[128], text[32];

	snprintf(path, sizeof path, CONFIG "/%s", key);
	snprintf(text, sizeof text, "%lu", value);
	write_text(path, text);
}

static void make_disk(void)
{
	struct blkpg_partition part = { .start = MIB, .length = (DISK_MIB - 1) * MIB, .pno = 1 };
	struct blkpg_ioctl_arg arg = { BLKPG_ADD_PARTITION, 0, sizeof part, &part };
	int fd;

	if (mount("config", "/sys/kernel/config", "configfs", 0, NULL) || mkdir(CONFIG, 0755))
		give_up(CONFIG);
	configure("size", DISK_MIB);
	configure("memory_backed", 1);
	/* Its memory is copied block by block. */
	configure("blocksize", BLOCK);
	configure("irqmode", 2);
	configure("completion_nsec", number("bench_latency="));
	configure("power", 1);
	write_text("/sys/block/nullb0/queue/scheduler", "none");
	fd = open(DISK, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BLKPG, &arg))
		give_up(DISK);
	close(fd);
	errno = EIO;
	if (system("mkfs.vfat -F 16 -s 1 " PARTITION " >/dev/null"))
		give_up("mkfs.vfat");
}

static void write_blocks(int fd, size_t bytes)
{
	static uint64_t buffer[EXTENT_BYTES / 8], counter;

	for (size_t i = 0; i < ARRAY_SIZE(buffer); i++)
		buffer[i] = counter++ * 0x9e3779b97f4a7c15;
	for (; bytes; bytes -= sizeof buffer)
		if (write(fd, buffer, sizeof buffer) != sizeof buffer)
			give_up("write");
}

static int create(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, MNT "/%s", name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		give_up(path);
	return fd;
}

static void look_up(int fd, struct layout *layout)
{
	struct extent *last = NULL;

	for (uint64_t i = 0; i < FILE_BYTES / BLOCK; i++) {
		int block = (int)i;
		uint64_t physical;

		if (ioctl(fd, FIBMAP, &block) || !block)
			give_up("FIBMAP");
		physical = (uint64_t)block * (BLOCK / SECTOR);
		if (last && last->physical + last->sectors == physical) {
			last->sectors += BLOCK / SECTOR;
			continue;
		}
		errno = E2BIG;
		if (layout->count == EXTENTS)
			give_up(layout->name);
		last = &layout->at[layout->count++];
		*last = (struct extent){ i * (BLOCK / SECTOR), physical, BLOCK / SECTOR };
	}
}

static void mount_partition(unsigned long flags)
{
	if (mount(PARTITION, MNT, "vfat", flags, NULL))
		give_up(PARTITION);
}

static void umount_partition(void)
{
	if (umount(MNT))
		give_up(MNT);
}

static void make_files(void)
{
	int contiguous, fragmented, other;

	mount_partition(0);
	contiguous = create("contiguous");
	write_blocks(contiguous, FILE_BYTES);
	fragmented = create("fragmented");
	other = create("between");
	for (unsigned i = 0; i < EXTENTS; i++) {
		write_blocks(fragmented, EXTENT_BYTES);
		write_blocks(other, EXTENT_BYTES);
	}
	sync();
	look_up(contiguous, &layouts[0]);
	look_up(fragmented, &layouts[1]);
	errno = EINVAL;
	if (layouts[0].count != 1 || layouts[1].count != EXTENTS)
		give_up("extents");
	close(contiguous);
	close(fragmented);
	close(other);
	umount_partition();
}

/* --- targets */

static void create_device(struct layout *layout, const struct row *rows, unsigned count)
{
	errno = -dm_create(layout->name, rows, count, 0);
	if (errno)
		give_up(layout->name);
	snprintf(layout->node, sizeof layout->node, "%s", dm_path(layout->name));
}

static void remove_device(struct layout *layout)
{
	errno = -dm_remove(layout->name);
	if (errno)
		give_up(layout->name);
}

/* The sectors of the contiguous file, whatever the layout. */
static void raw_up(struct layout *layout)
{
	snprintf(layout->node, sizeof layout->node, PARTITION);
}

static void raw_down(struct layout *layout)
{
	(void)layout;
}

static void linear_up(struct layout *layout)
{
	static struct row rows[EXTENTS];
	static char parameters[EXTENTS][64];

	for (unsigned i = 0; i < layout->count; i++) {
		snprintf(parameters[i], sizeof parameters[i], PARTITION " %" PRIu64, layout->at[i].physical);
		rows[i] = (struct row){ layout->at[i].logical, layout->at[i].sectors, "linear", parameters[i] };
	}
	create_device(layout, rows, layout->count);
}

static void ukiblk_up(struct layout *layout)
{
	char parameters[128];
	struct row row = { 0, FILE_SECTORS, "ukiblk", parameters };

	snprintf(parameters, sizeof parameters, "1 " MNT "/%s 0 %" PRIu64, layout->name, row.sectors);
	create_device(layout, &row, 1);
}

/* With the logical blocks of the disk: without, direct I/O is refused. */
static void make_loop(struct layout *layout, uint32_t flags)
{
	struct loop_config config = { .block_size = BLOCK, .info = { .lo_flags = LO_FLAGS_READ_ONLY | flags } };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number, fd;
	char path[64];

	snprintf(path, sizeof path, MNT "/%s", layout->name);
	config.fd = (uint32_t)open(path, O_RDONLY | O_CLOEXEC);
	number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	snprintf(layout->node, sizeof layout->node, "/dev/loop%d", number);
	fd = open(layout->node, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, LOOP_CONFIGURE, &config) || ioctl(fd, LOOP_GET_STATUS64, &config.info))
		give_up(layout->node);
	errno = EOPNOTSUPP;
	if ((config.info.lo_flags & LO_FLAGS_DIRECT_IO) != flags)
		give_up("direct I/O of the loop device");
	close((int)config.fd);
	close(control);
	close(fd);
}

static void loop_up(struct layout *layout)
{
	make_loop(layout, 0);
}

static void loop_direct_up(struct layout *layout)
{
	make_loop(layout, LO_FLAGS_DIRECT_IO);
}

static void loop_down(struct layout *layout)
{
	int fd = open(layout->node, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, LOOP_CLR_FD))
		give_up(layout->node);
	close(fd);
}

static const struct target {
	const char *name;
	bool mounted, raw;
	void (*up)(struct layout *layout);
	void (*down)(struct layout *layout);
} targets[] = {
	{ "raw", false, true, raw_up, raw_down },
	{ "dm-linear", false, false, linear_up, remove_device },
	{ "ukiblk", true, false, ukiblk_up, remove_device },
	{ "loop", true, false, loop_up, loop_down },
	{ "loop-direct", true, false, loop_direct_up, loop_down },
};

static uint64_t offset_of(const struct target *target)
{
	return target->raw ? layouts[0].at[0].physical * SECTOR : 0;
}

/* --- measurements */

/*
 * The first is what the frame of a measurement costs. fio itself shall take as little as it can: no statistics, for each look at
 * the clock would be part of the read; many reads at once by io_uring, in its own buffers and by the eight.
 */
#define RANDOM "rw=randread\nbs=4k\nrandom_generator=lfsr\n"
static const struct job {
	const char *name;
	const char *words;	/* of fio's job file */
	unsigned reads;
} jobs[] = {
	{ "frame", RANDOM "number_ios=1\n", 1 },
	{ "randread-qd1", RANDOM "number_ios=2000\n", 2000 },
	{ "randread-qd32", RANDOM "number_ios=6000\nioengine=io_uring\niodepth=32\nfixedbufs\nregisterfiles\n"
		"iodepth_batch=8\niodepth_batch_complete_min=8\n", 6000 },
	{ "sequential", "rw=read\nbs=128k\nio_size=64000k\n", 500 },
	{ "buffered", "rw=read\nbs=128k\ndirect=0\n", 250 },
};

static void write_jobs(const struct target *target, const struct layout *layout)
{
	FILE *file = fopen("/tmp/jobs", "we");

	if (!file)
		give_up("/tmp/jobs");
	fprintf(file, "[global]\nfilename=%s\noffset=%" PRIu64 "\nsize=%" PRIu64 "\nioengine=psync\ndirect=1\nthread\n"
		"gtod_reduce=1\nclocksource=clock_gettime\nexec_prerun=exec /init before\nexec_postrun=exec /init after\n",
		layout->node, offset_of(target), FILE_BYTES);
	for (unsigned i = 0; i < ARRAY_SIZE(jobs); i++)
		fprintf(file, "[%s]\nstonewall\n%s", jobs[i].name, jobs[i].words);
	if (fclose(file))
		give_up("/tmp/jobs");
}

static void complain_of_fio(int status)
{
	FILE *file = fopen("/tmp/fio", "re");
	char line[256];

	fprintf(port, "fio: status %d\n", status);
	while (file && fgets(line, sizeof line, file))
		fputs(line, port);
	errno = EIO;
	give_up("fio");
}

static void report(const struct target *target, const struct layout *layout)
{
	FILE *file = fopen(STAMPS, "re");

	for (unsigned i = 0; i < ARRAY_SIZE(jobs); i++) {
		long long t[2][3];

		for (unsigned n = 0; n < 2; n++)
			if (!file || fscanf(file, "%lld %lld %lld", &t[n][0], &t[n][1], &t[n][2]) != 3)
				give_up(STAMPS);
		fprintf(port, "%s %s %s %u %lld %lld %lld\n", layout->name, target->name, jobs[i].name, jobs[i].reads,
			t[1][0] - t[0][0], t[0][1] < 0 ? -1 : t[1][1] - t[0][1], t[1][2] - t[0][2]);
	}
	fclose(file);
}

static void measure(const struct target *target, const struct layout *layout)
{
	int status;

	unlink(STAMPS);
	write_jobs(target, layout);
	status = system("fio --readonly --eta=never --output=/tmp/fio /tmp/jobs");
	if (status)
		complain_of_fio(status);
	report(target, layout);
}

/* All targets hold the same bytes. */
static uint64_t sum_of_device(const char *node, uint64_t offset)
{
	static uint64_t buffer[MIB / 8] __attribute__((aligned(BLOCK)));
	int fd = open(node, O_RDONLY | O_DIRECT | O_CLOEXEC);
	uint64_t sum = 0;

	for (uint64_t at = 0; at < FILE_BYTES; at += EXTENT_BYTES) {
		if (fd < 0 || pread(fd, buffer, EXTENT_BYTES, (off_t)(offset + at)) != EXTENT_BYTES)
			give_up(node);
		for (unsigned i = 0; i < EXTENT_BYTES / 8; i++)
			sum = sum * 31 + buffer[i];
	}
	close(fd);
	return sum;
}

static void compare(const struct target *target, unsigned layout)
{
	static uint64_t expected[ARRAY_SIZE(layouts)];
	uint64_t sum = sum_of_device(layouts[layout].node, offset_of(target));

	if (target->raw && layout)
		return;
	errno = EILSEQ;
	if (expected[layout] && expected[layout] != sum)
		give_up(target->name);
	expected[layout] = sum;
}

static void visit(const struct target *target, bool warm_up)
{
	if (target->mounted)
		mount_partition(MS_RDONLY);
	for (unsigned i = 0; i < ARRAY_SIZE(layouts); i++) {
		target->up(&layouts[i]);
		if (warm_up)
			compare(target, i);
		else
			measure(target, &layouts[i]);
		target->down(&layouts[i]);
	}
	if (target->mounted)
		umount_partition();
}

int main(int argc, char **argv)
{
	unsigned count = ARRAY_SIZE(targets);

	if (argc > 1)
		return stamp(!strcmp(argv[1], "before"));
	start_up();
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	setenv("PATH", "/usr/sbin:/usr/bin", 1);
	if (chdir("/tmp"))
		give_up("/tmp");
	make_disk();
	make_files();
	for (unsigned i = 0; i < count; i++)
		visit(&targets[i], true);
	for (unsigned long round = 0; round < number("bench_rounds="); round++)
		for (unsigned i = 0; i < count; i++)
			visit(&targets[(round + i) % count], false);
	finish();
}
