// SPDX-License-Identifier: GPL-2.0-only
/* Cases: the device holds the bytes of the files, on every layout. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define B MNT "/b.bin"

static void attach_compare_detach(const struct range *ranges, unsigned int count, unsigned int extents)
{
	struct status s;

	if (!attach_ranges(ranges, count))
		return;
	compare_ranges(ranges, count);
	s = status();
	check(s.files == count && s.extents == extents && !s.errors,
	      "status: %u files, %u extents, %lld errors", s.files, s.extents, s.errors);
	detach();
}

/* Two fragmented files, one extent a cluster: whole and from an odd sector inside a cluster. */
static void fragments(const char *device, const char *mkfs, size_t cluster, unsigned int count)
{
	if (!vfat(device, mkfs))
		return;
	if (write_alternating(A, B, cluster, count)) {
		struct range whole = { A, 0, file_sectors(A) };
		struct range middle = { B, 77, file_sectors(B) - 77 - 5 };

		attach_compare_detach(&whole, 1, count);
		attach_compare_detach(&middle, 1, count - 77 * SECTOR / cluster - 5 * SECTOR / cluster);
	}
	umount_fs();
}

static void contiguous(void)
{
	if (!vfat(ALIGNED, "-F 32 -s 8"))
		return;
	if (write_file(A, 8 * MIB)) {
		struct range whole = { A, 0, file_sectors(A) };

		check(count_runs(&whole, 1) == 1, "the FAT driver wrote it in %u pieces", count_runs(&whole, 1));
		attach_compare_detach(&whole, 1, 1);
	}
	umount_fs();
}

static void fragmented(void)
{
	fragments(ALIGNED, "-F 32 -s 8", 4096, 2500);
}

static void cluster_512(void)
{
	fragments(ALIGNED, "-F 32 -s 1", 512, 2500);
}

static void cluster_32k(void)
{
	fragments(ALIGNED, "-F 32 -s 64", 32768, 100);
}

static void fat16(void)
{
	fragments(ODD, "-F 16 -s 16", 8192, 200);
}

static void unaligned(void)
{
	fragments(ODD, "-F 32 -s 1", 512, 500);
}

static void whole_disk(void)
{
	fragments(WHOLE, "-F 32 -s 8", 4096, 200);
}

static void three_chunks(void)
{
	static const char *const names[] = { MNT "/n.erofs", MNT "/n.erofs.001", MNT "/n.erofs.002" };
	struct range r[] = { { names[0], 0, 0 }, { names[1], 9, 0 }, { names[2], 1, 1 } };

	if (!vfat(ALIGNED, "-F 32 -s 8"))
		return;
	if (write_alternating(names[0], names[1], 4096, 300) && write_file(names[2], 5000)) {
		r[0].sectors = file_sectors(names[0]);
		r[1].sectors = file_sectors(names[1]) - 100;	/* clusters 1 to 288 */
		attach_compare_detach(r, 3, 300 + 288 + 1);
	}
	umount_fs();
}

/* Neighbours on the disk and in the table are one extent, also across files. */
static void merged(void)
{
	struct range r[] = { { A, 0, 100 }, { A, 100, 2048 - 100 }, { A, 0, 8 } };

	if (!vfat(ALIGNED, "-F 32 -s 8"))
		return;
	if (write_file(A, MIB) && attach_ranges(r, 3)) {
		compare_ranges(r, 3);
		check(status().files == 3 && status().extents == 2, "%u extents", status().extents);
		detach();
	}
	umount_fs();
}

static void native_4k(void)
{
	int size = 0, fd;

	if (!vfat(NATIVE_4K, "-S 4096 -F 32 -s 2"))
		return;
	if (write_alternating(A, B, 8192, 500)) {
		struct range r[] = { { A, 8, file_sectors(A) - 16 }, { B, 24, file_sectors(B) - 24 } };

		attach_compare_detach(r, 2, 500 + 500 - 1);
		attach_ranges(r, 2);
		fd = open(dm_path("t"), O_RDONLY | O_CLOEXEC);
		check(!ioctl(fd, BLKSSZGET, &size) && size == 4096, "logical block of %d bytes", size);
		close(fd);
		detach();
	}
	umount_fs();
}

/* The rows of dm-linear for a file, by FIBMAP of every block; returns their number. */
static unsigned int linear_rows(const char *path, const char *disk, struct row *rows, unsigned int room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t sectors = file_sectors(path);
	unsigned int n = 0;
	char text[64];

	for (uint64_t s = 0; s < sectors && n < room; s += 8) {
		int block = s;

		if (!check(!ioctl(fd, FIBMAP, &block), "FIBMAP: %s", strerror(errno)))
			break;
		snprintf(text, sizeof(text), "%s %d", disk, block);
		rows[n++] = (struct row){ s, 8, "linear", strdup(text) };
	}
	close(fd);
	return n;
}

static void linear_oracle(void)
{
	static struct row rows[3000];
	uint64_t through_files = 0;
	unsigned int n = 0;
	int r;

	if (!vfat(ALIGNED, "-F 32 -s 8"))
		return;
	if (write_alternating(A, B, 4096, 2200)) {
		struct range whole = { A, 0, file_sectors(A) };

		n = linear_rows(A, ALIGNED, rows, ARRAY_SIZE(rows));
		if (attach_ranges(&whole, 1)) {
			check(status().extents >= 2200, "%u extents", status().extents);
			through_files = device_sum(dm_path("t"));
			detach();
		}
	}
	umount_fs();
	r = dm_create("oracle", rows, n, 0);
	check(!r, "dm-linear with %u rows: %s", n, strerror(-r));
	check(!r && device_sum(dm_path("oracle")) == through_files, "dm-linear reads other bytes");
	dm_remove("oracle");
	for (unsigned int i = 0; i < n; i++)
		free((char *)rows[i].parameters);
}

static void readers(void)
{
	struct range whole = { A, 0, 0 };
	uint64_t sum;
	int st;

	if (!vfat(ALIGNED, "-F 32 -s 1"))
		return;
	if (write_alternating(A, B, 512, 2000)) {
		whole.sectors = file_sectors(A);
		attach_ranges(&whole, 1);
		sum = device_sum(dm_path("t"));
		for (int i = 0; i < 4; i++)
			if (!fork()) {
				bool same = true;

				for (int n = 0; n < 5; n++)
					same &= device_sum(dm_path("t")) == sum;
				_exit(!same);
			}
		for (int i = 0; i < 4; i++)
			check(wait(&st) > 0 && !st, "a reader saw other bytes");
		detach();
	}
	umount_fs();
}

const struct test byte_tests[] = {
	{ "contiguous", "a contiguous file is one extent", contiguous },
	{ "fragmented", "2500 extents, 4 KiB clusters", fragmented },
	{ "cluster-512", "2500 extents, 512-byte clusters", cluster_512 },
	{ "cluster-32k", "32 KiB clusters", cluster_32k },
	{ "fat16", "FAT16", fat16 },
	{ "unaligned", "a partition at an odd sector", unaligned },
	{ "whole-disk", "a disk without partitions", whole_disk },
	{ "three-chunks", "three files are one device", three_chunks },
	{ "merged", "neighbouring runs become one extent", merged },
	{ "4kn", "a disk of 4096-byte sectors", native_4k },
	{ "linear-oracle", "dm-linear over the same sectors reads the same bytes", linear_oracle },
	{ "readers", "four readers at once", readers },
	{ 0 }
};
