// SPDX-License-Identifier: GPL-2.0-only
/* Disks, filesystems and files with recognisable bytes. */
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "guest.h"

/* The kernel is told the partitions; no table is on the disk, and no tool has to know 4096-byte sectors. */
static void add_partition(const char *disk, int number, long long start, long long length)
{
	struct blkpg_partition part = { .start = start, .length = length, .pno = number };
	struct blkpg_ioctl_arg arg = { BLKPG_ADD_PARTITION, 0, sizeof(part), &part };
	int fd = open(disk, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, BLKPG, &arg))
		fprintf(stderr, "partition %d of %s: %m\n", number, disk);
	close(fd);
}

void make_partitions(void)
{
	add_partition("/dev/vda", 1, MIB, 512 * MIB);
	add_partition("/dev/vda", 2, 600 * MIB + SECTOR, 256 * MIB);
	add_partition("/dev/vdb", 1, 7 * 4096, 512 * MIB);
}

bool make_fs(const char *device, const char *mkfs, ...)
{
	char options[256];
	va_list ap;
	int r;

	va_start(ap, mkfs);
	vsnprintf(options, sizeof(options), mkfs, ap);
	va_end(ap);
	r = run("%s %s", options, device);
	return check(!r, "%s on %s: exit code %d", options, device, r);
}

bool mount_fs(const char *device, const char *type)
{
	return check(!mount(device, MNT, type, 0, NULL), "mount %s (%s): %s", device, type, strerror(errno));
}

bool vfat(const char *device, const char *options)
{
	return make_fs(device, "mkfs.vfat -I %s", options) && mount_fs(device, "vfat");
}

void umount_fs(void)
{
	check(!umount(MNT), "umount: %s", strerror(errno));
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* Counts on over all files of the run, so that a sector of an older filesystem never looks right. */
static void fill(uint64_t *words, size_t bytes)
{
	static uint64_t counter;

	for (size_t i = 0; i < bytes / 8; i++)
		words[i] = mix(counter++);
}

/*
 * Room first: when our page goes while the kernel copies it (memory is compacted, huge pages are made),
 * the FAT driver gives back the clusters of the part that was not copied, and goes on behind them.
 */
static bool write_unit(int fd, size_t bytes)
{
	static uint64_t buffer[MIB / 8];

	fill(buffer, bytes);
	return !ftruncate(fd, lseek(fd, 0, SEEK_CUR) + bytes) && write(fd, buffer, bytes) == (ssize_t)bytes;
}

bool write_file(const char *path, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok = fd >= 0;

	for (size_t n; ok && size; size -= n) {
		n = size < MIB ? size : MIB;
		ok = write_unit(fd, n);
	}
	check(ok, "write %s: %s", path, strerror(errno));
	close(fd);
	return ok;
}

/* The allocator of FAT goes on where it stopped, so that each unit becomes an extent of its own. */
bool write_alternating(const char *a, const char *b, size_t unit, unsigned int count)
{
	int fd[2] = {
		open(a, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
		open(b, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
	};
	bool ok = fd[0] >= 0 && fd[1] >= 0;

	for (unsigned int i = 0; ok && i < 2 * count; i++)
		ok = write_unit(fd[i % 2], unit);
	check(ok, "write %s and %s: %s", a, b, strerror(errno));
	close(fd[0]);
	close(fd[1]);
	return ok;
}

uint64_t free_bytes(void)
{
	struct statvfs st;

	return statvfs(MNT, &st) ? 0 : (uint64_t)st.f_bfree * st.f_frsize;
}

/* ISO 9660 by hand (ECMA-119): no maker of it is in the tools tree. */

static void both_endian(unsigned char *at, uint32_t v)
{
	for (int i = 0; i < 4; i++) {
		at[i] = v >> (8 * i);
		at[7 - i] = v >> (8 * i);
	}
}

/* ECMA-119 9.1; returns where the next record goes. */
static unsigned char *iso_record(unsigned char *at, const char *name, size_t name_length, uint32_t block,
				 uint32_t size, bool directory, const void *extra, size_t extra_length)
{
	size_t base = (33 + name_length + 1) & ~1UL;

	at[0] = base + extra_length;
	both_endian(at + 2, block);
	both_endian(at + 10, size);
	at[18] = 126;
	at[19] = at[20] = 1;
	at[25] = directory ? 2 : 0;
	at[28] = at[31] = 1;
	at[32] = name_length;
	memcpy(at + 33, name, name_length);
	memcpy(at + base, extra, extra_length);
	return at + at[0];
}

static void iso_volume(unsigned char *at)
{
	memcpy(at, "\1CD001\1", 7);
	both_endian(at + 80, 1024);
	at[120] = at[123] = 1;			/* volume set size */
	at[124] = at[127] = 1;			/* its number in the set */
	at[129] = at[130] = 2048 >> 8;		/* logical block size */
	iso_record(at + 156, "", 1, 20, 2048, true, "", 0);
	at[881] = 1;
	memcpy(at + 2048, "\377CD001\1", 7);	/* terminator */
}

bool make_iso(const char *device)
{
	/* SUSP "SP", and "ZF": packed with zisofs, 16-byte header, blocks of 2^15, 32768 bytes unpacked. */
	static const char sp[] = "SP\7\1\xbe\xef", zf[] = "ZF\20\1pz\4\17\0\x80\0\0\0\0\x80";
	static unsigned char image[2 * MIB];
	unsigned char *at = image + 20 * 2048;
	int fd = open(device, O_WRONLY | O_CLOEXEC);
	bool ok;

	iso_volume(image + 16 * 2048);
	at = iso_record(at, "", 1, 20, 2048, true, sp, 7);
	at = iso_record(at, "\1", 1, 20, 2048, true, "", 0);
	at = iso_record(at, "DATA.BIN;1", 10, 32, MIB, false, "", 0);
	iso_record(at, "PACKED.BIN;1", 12, 600, 2048, false, zf, 16);
	fill((uint64_t *)(image + 32 * 2048), MIB);
	ok = fd >= 0 && write(fd, image, sizeof(image)) == sizeof(image);
	close(fd);
	return check(ok, "ISO 9660 on %s: %s", device, strerror(errno));
}
