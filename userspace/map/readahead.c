// SPDX-License-Identifier: GPL-2.0-only
#include "map/readahead.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "format/fat.h"

#define STEP_BYTES (1u << 20)

/* The byte of its filesystem at which the file begins; the first block needs no table. */
static bool find_start(int fd, uint64_t *ret)
{
	int block = 0, block_bytes;

	if (ioctl(fd, FIGETBSZ, &block_bytes) < 0 || ioctl(fd, FIBMAP, &block) < 0 || block <= 0 || block_bytes <= 0)
		return false;
	*ret = (uint64_t)block * (uint64_t)block_bytes;
	return true;
}

static int open_disk_of(int fd)
{
	char node[64];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	snprintf(node, sizeof node, "/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	return open(node, O_RDONLY | O_CLOEXEC);
}

static void read_through(int disk, uint64_t offset, uint64_t bytes)
{
	autofree uint8_t *buffer = malloc(STEP_BYTES);

	for (uint64_t done = 0; buffer && done < bytes; done += STEP_BYTES) {
		size_t step = bytes - done < STEP_BYTES ? (size_t)(bytes - done) : STEP_BYTES;

		if (io_interrupted || io_read_at(disk, buffer, step, offset + done) < 0)
			return;
	}
}

void map_read_ahead(const struct found_archive *archive)
{
	for (size_t i = 0; i < archive->count; i++) {
		const struct chunkfile *file = &archive->files[i];
		uint8_t sector[FAT_BOOT_SECTOR_BYTES];
		uint64_t start, offset, bytes;
		struct fat_layout layout;
		autoclose int fd = open(file->path, O_RDONLY | O_CLOEXEC);
		autoclose int disk = fd < 0 ? -1 : open_disk_of(fd);

		if (disk >= 0 && io_read_at(disk, sector, sizeof sector, 0) >= 0 && fat_parse_boot_sector(sector, &layout) >= 0 &&
		    find_start(fd, &start) && fat_table_part(&layout, start, file->offset + file->id.chunk_length, &offset, &bytes) >= 0)
			read_through(disk, offset, bytes);
	}
}
