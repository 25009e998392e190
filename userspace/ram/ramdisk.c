// SPDX-License-Identifier: GPL-2.0-only
#include "ram/ramdisk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/process.h"

#define BRD_NODE "/dev/ram0"
#define LOOP_BLOCK_BYTES 4096u
#define UNLOAD_TRIES 50	/* of 100 ms: udev may still look at the device */
#define LOOP_TRIES 16	/* somebody else may take the free device first */

const char *ramdisk_name(enum ramdisk_kind kind)
{
	return kind == RAMDISK_BRD ? "brd" : "loop";
}

static int unload_brd(void)
{
	for (int i = 0; i < UNLOAD_TRIES; i++) {
		if (syscall(SYS_delete_module, "brd", O_NONBLOCK) == 0 || errno == ENOENT)
			return 0;
		if (errno != EWOULDBLOCK && errno != EBUSY)
			return -errno;
		usleep(100000);
	}
	return -EBUSY;
}

static int note_device(struct ramdisk *disk, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	disk->major = major(st.st_rdev);
	disk->minor = minor(st.st_rdev);
	return 0;
}

static int open_brd(struct ramdisk *disk)
{
	uint64_t bytes = 0;

	disk->fd = open(BRD_NODE, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (disk->fd < 0)
		return -errno;
	/* Words of modprobe.d(5) may have come between. */
	if (ioctl(disk->fd, BLKGETSIZE64, &bytes) < 0 || bytes != disk->bytes)
		return -EINVAL;
	snprintf(disk->node, sizeof disk->node, BRD_NODE);
	return note_device(disk, disk->fd);
}

/* @disk->fd is -1 after a failure. */
static int create_brd(struct ramdisk *disk)
{
	char size[40];
	const char *const argv[] = { "modprobe", "brd", "rd_nr=1", size, NULL };
	struct error ignored;
	int r;

	if (access("/sys/module/brd", F_OK) == 0 || access(BRD_NODE, F_OK) == 0)
		return -EEXIST;	/* it may hold what is another one's */
	snprintf(size, sizeof size, "rd_size=%" PRIu64, disk->bytes / 1024);
	r = process_run(argv, &ignored);
	if (r < 0)
		return r;
	r = open_brd(disk);
	if (r < 0)
		ramdisk_release(disk);
	return r;
}

/* Loop devices are asked for beforehand: later there may be no modprobe. Not every initrd has their node before the module. */
static int create_memfd(struct ramdisk *disk, struct error *error)
{
	static const char *const argv[] = { "modprobe", "loop", NULL };
	struct error ignored;

	disk->kind = RAMDISK_LOOP;
	if (access("/dev/loop-control", F_OK) < 0)
		process_run(argv, &ignored);
	disk->loop = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (disk->loop < 0)
		return fail(error, -errno, "There are neither ramdisks (brd) nor loop devices: %s", strerror(errno));
	disk->fd = memfd_create("ukiblk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (disk->fd < 0 || ftruncate(disk->fd, (off_t)disk->bytes) < 0)
		return fail(error, -errno, "No file in memory can be made: %s", strerror(errno));
	return 0;
}

int ramdisk_create(uint64_t bytes, struct ramdisk *ret, struct error *error)
{
	struct ramdisk disk = { .kind = RAMDISK_BRD, .fd = -1, .loop = -1, .bytes = bytes };
	int r = create_brd(&disk);

	if (r == -EINTR)
		return fail(error, r, "Stopped");
	if (r < 0) {
		disk = (struct ramdisk){ .kind = RAMDISK_LOOP, .fd = -1, .loop = -1, .bytes = bytes };
		r = create_memfd(&disk, error);
	}
	if (r < 0) {
		ramdisk_release(&disk);
		return r;
	}
	*ret = disk;
	return 0;
}

int ramdisk_write(const struct ramdisk *disk, const void *buffer, size_t length, uint64_t offset)
{
	return io_write_at(disk->fd, buffer, length, offset);
}

static int configure_loop(struct ramdisk *disk, int number)
{
	struct loop_config config = {
		.fd = (uint32_t)disk->fd,
		.block_size = LOOP_BLOCK_BYTES,
		.info = { .lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR },
	};
	autoclose int loop = -1;

	snprintf(disk->node, sizeof disk->node, "/dev/loop%d", number);
	snprintf((char *)config.info.lo_file_name, sizeof config.info.lo_file_name, "memory");
	loop = open(disk->node, O_RDONLY | O_CLOEXEC);
	if (loop < 0 || ioctl(loop, LOOP_CONFIGURE, &config) < 0)
		return -errno;
	close(disk->loop);
	disk->loop = take_fd(loop);
	return note_device(disk, disk->loop);
}

static int seal_memfd(struct ramdisk *disk)
{
	int r = -EBUSY;

	if (fcntl(disk->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	for (int i = 0; r == -EBUSY && i < LOOP_TRIES; i++) {
		int number = ioctl(disk->loop, LOOP_CTL_GET_FREE);

		r = number < 0 ? -errno : configure_loop(disk, number);
	}
	return r;
}

int ramdisk_seal(struct ramdisk *disk, struct error *error)
{
	int one = 1, r;

	if (disk->kind == RAMDISK_LOOP)
		r = seal_memfd(disk);
	else
		r = ioctl(disk->fd, BLKROSET, &one) < 0 ? -errno : 0;
	return r < 0 ? fail(error, r, "The copy in memory cannot be made read-only: %s", strerror(-r)) : 0;
}

void ramdisk_let_go(struct ramdisk *disk)
{
	if (disk->fd >= 0)
		close(disk->fd);
	if (disk->loop >= 0)
		close(disk->loop);
	disk->fd = disk->loop = -1;
}

void ramdisk_release(struct ramdisk *disk)
{
	ramdisk_let_go(disk);
	/* The other kind goes with its last user. */
	if (disk->kind == RAMDISK_BRD)
		unload_brd();
}

int ramdisk_free(unsigned device_major, struct error *error)
{
	int r = device_major == RAMDISK_MAJOR ? unload_brd() : 0;

	if (r == -EBUSY)
		return fail(error, r, "The ramdisk is still in use");
	return r < 0 ? fail(error, r, "The ramdisk's memory cannot be given back: %s", strerror(-r)) : 0;
}
