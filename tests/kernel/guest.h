/* SPDX-License-Identifier: GPL-2.0-only */
/* What the test cases in the virtual machine share. Sizes are bytes, except where named sectors. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SECTOR 512
#define MIB (1024 * 1024UL)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DEBUG "/sys/kernel/debug"
#define PRINTF(a, b) __attribute__((format(printf, a, b)))

/* guest.c: the run. A case that fails one check fails; one that calls skip() counts as skipped. */
struct test {
	const char *name;	/* to choose it alone on the command line */
	const char *what;
	void (*run)(void);
};

extern const struct test byte_tests[], filesystem_tests[], xfs_tests[], pin_tests[], refuse_tests[], disk_tests[],
	attach_tests[], load_tests[], pull_tests[], suspend_tests[], example_tests[], fault_tests[];

bool check_at(const char *where, bool ok, const char *what, ...) PRINTF(3, 4);
#define STRING_(x) #x
#define STRING(x) STRING_(x)
#define check(ok, ...) check_at(__FILE__ ":" STRING(__LINE__), ok, __VA_ARGS__)
void note(const char *what, ...) PRINTF(1, 2);	/* in the report, beside the case */
void skip(const char *why);
int run(const char *command, ...) PRINTF(1, 2);	/* words split at spaces; returns the exit code */
bool have_program(const char *path);
bool tool_says(const char *text);	/* "ukiblk status --errors --json" does, or there is no tool */
int module_remove(void);	/* 0 or a negative errno */
bool module_loaded(void);
void sleep_ms(unsigned int ms);
FILE *open_port(const char *name, const char *mode);	/* a virtio port; NULL when there is none */
const char *boot_word(const char *key);	/* what follows "key=" on the kernel command line; NULL; until the next call */
/* Ask every 20 ms; false when the condition is not true after so many seconds. */
#define wait_for(condition, seconds) \
	({ \
		unsigned int tries_ = 0; \
		while (!(condition) && tries_++ < (seconds) * 50) \
			sleep_ms(20); \
		tries_ <= (seconds) * 50; \
	})

/* guest-disk.c: disks, filesystems, files. */
#define ALIGNED "/dev/vda1"	/* 512 MiB, at 1 MiB */
#define ODD "/dev/vda2"		/* 256 MiB, at an odd sector */
#define NATIVE_4K "/dev/vdb1"	/* 512 MiB on a disk of 4096-byte sectors, at its sector 7 */
#define WHOLE "/dev/vdc"	/* 256 MiB, no partitions */
#define MNT "/mnt"
#define MNT2 "/mnt2"		/* where a disk that returns is mounted */

void make_partitions(void);
bool make_fs(const char *device, const char *mkfs, ...) PRINTF(2, 3);	/* and nothing else */
bool mount_fs(const char *device, const char *type);			/* on MNT */
bool vfat(const char *device, const char *options);			/* make and mount */
void umount_fs(void);		/* complains when the filesystem is still in use */
bool write_file(const char *path, size_t size);		/* every sector of every file is unlike any other */
bool write_alternating(const char *a, const char *b, size_t unit, unsigned int count);
uint64_t free_bytes(void);
bool make_iso(const char *device);	/* DATA.BIN, 1 MiB, and PACKED.BIN, a zisofs file */

/* guest-null.c: a disk in memory. It is there after null_disk_set("power", "1"). */
#define NULL_DISK "/dev/nullb0"

bool null_disk_make(const char *mebibytes);
bool null_disk_set(const char *name, const char *value);
void null_disk_remove(void);

/* guest-qemu.c: the disk "stick", of kind "virtio" or "usb". Pulled, and back under any name. */
const char *stick_plug(const char *kind);	/* its path, valid until the next call; NULL */
bool stick_pull(void);

/* guest-dm.c: device-mapper by its ioctls, and its words in the kernel log. */
struct row {
	uint64_t start, sectors;
	const char *type;
	const char *parameters;
};

#define WRITABLE 1	/* the table is not read-only */
/* All return 0 or a negative errno. A device that cannot be loaded is removed again. */
int dm_create(const char *name, const struct row *rows, unsigned int count, int flags);
int dm_reload(const char *name, const struct row *rows, unsigned int count, int flags);
/* The same without flush: reads that wait go through the new table. No rows: the same table again. */
int dm_swap(const char *name, const struct row *rows, unsigned int count, int flags);
int dm_suspend(const char *name);	/* with flush */
int dm_resume(const char *name);
int dm_remove(const char *name);
uint32_t dm_events(const char *name);	/* the number of the last event */
/* One row read back: kind is 'i' for status, 't' for table. */
int dm_get(const char *name, char kind, uint64_t *sectors, char *parameters, size_t size);
/* The ioctls themselves: a request, which the caller frees, and what the kernel says to it. */
struct dm_ioctl;
struct dm_ioctl *dm_request(const char *name, unsigned int flags);
struct dm_ioctl *dm_load_request(const char *name, const struct row *rows, unsigned int count, int flags);
int dm_call(unsigned long command, struct dm_ioctl *dm);
const char *dm_path(const char *name);		/* /dev/dm-N; valid until the next call */

int attach(uint64_t sectors, const char *parameters, ...) PRINTF(2, 3);	/* target "ukiblk", device "t" */
bool detach(void);
/* The status of "t". */
struct status { unsigned int files, extents; long long errors; char state[16]; unsigned int waiting; long long lost; unsigned int nameless; };
struct status status(void);
void expect_refusal(int error, const char *sentence, uint64_t sectors, const char *parameters, ...) PRINTF(4, 5);
void log_mark(void);		/* look at later lines only */
bool log_has(const char *text);
unsigned int log_count(const char *text);	/* lines since the mark, which moves */
/* A refusal of the target since the mark says exactly this. */
bool log_has_sentence(const char *sentence);

/* guest-compare.c: the device against the files. */
struct range {
	const char *path;
	uint64_t first, sectors;
};

/* Attach the ranges, read the device in every way and compare with the files, the extents too; stays attached. */
bool attach_ranges(const struct range *ranges, unsigned int count);
void compare_ranges(const struct range *ranges, unsigned int count);
bool same_bytes(int a, uint64_t at_a, int b, uint64_t at_b, size_t size);
unsigned int count_runs(const struct range *ranges, unsigned int count);	/* of blocks in a row, as FIBMAP tells */
uint64_t device_sum(const char *path);	/* a hash of everything, read with O_DIRECT */
uint64_t file_sectors(const char *path);

/*
 * guest-readers.c: processes that read "t", directly and through the page cache, from and to any
 * sector, and compare everything with what it held when they were started.
 */
bool readers_start(void);
unsigned long long readers_reads(void);		/* of the reader with the fewest, right ones only */
unsigned long long readers_failed(void);	/* of all, with EIO */
bool readers_all_wait(unsigned int ms);		/* none of them ended a read in this time */
void readers_stop(bool may_fail);		/* checks that none is stuck, saw wrong bytes, or failed */
void readers_abandon(void);			/* whatever is left of them */

/* guest-fuse.c: a FUSE filesystem on the folder with one file "a"; it lives until it is unmounted. */
bool fuse_mount(const char *folder);

#endif
