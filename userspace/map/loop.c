// SPDX-License-Identifier: GPL-2.0-only
#include "map/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#define CONTROL "/dev/loop-control"
#define CONTROL_DEVICE makedev(10, 237)	/* Documentation/admin-guide/devices.txt */
#define ATTEMPTS 16	/* somebody else may take the free device first */

static int configure(int loop, int file, const struct chunkfile *chunk)
{
	struct loop_config config = {
		.fd = (uint32_t)file,
		.info = {
			.lo_offset = chunk->offset,
			.lo_sizelimit = chunk->id.chunk_length,
			/* Direct: dm-verity's pages are enough of a cache. */
			.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO,
		},
	};

	snprintf((char *)config.info.lo_file_name, sizeof config.info.lo_file_name, "%s", chunk->path);
	return ioctl(loop, LOOP_CONFIGURE, &config) < 0 ? -errno : 0;
}

static int attach_free(int control, int file, const struct chunkfile *chunk, struct loop_device *ret)
{
	int number = ioctl(control, LOOP_CTL_GET_FREE), r;
	autoclose int loop = -1;

	if (number < 0)
		return -errno;
	snprintf(ret->node, sizeof ret->node, "/dev/loop%d", number);
	loop = open(ret->node, O_RDONLY | O_CLOEXEC);
	if (loop < 0)
		return -errno;
	r = configure(loop, file, chunk);
	if (r >= 0)
		ret->fd = take_fd(loop);
	return r;
}

/* A node that is not there is made, so that to open it loads the driver: initrds are without it. */
static int open_control(void)
{
	int control = open(CONTROL, O_RDWR | O_CLOEXEC);

	if (control < 0 && errno == ENOENT && mknod(CONTROL, S_IFCHR | 0600, CONTROL_DEVICE) == 0)
		control = open(CONTROL, O_RDWR | O_CLOEXEC);
	return control;
}

int loop_attach(const struct chunkfile *chunk, struct loop_device *ret, struct error *error)
{
	autoclose int control = open_control();
	autoclose int file = -1;
	int r;

	if (control < 0)
		return fail(error, -errno, "Loop devices cannot be used: %s", strerror(errno));
	file = open(chunk->path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return fail(error, -errno, "Cannot open %s: %s", chunk->path, strerror(errno));
	for (int i = 0; i < ATTEMPTS; i++) {
		r = attach_free(control, file, chunk, ret);
		if (r != -EBUSY)
			break;
	}
	return r < 0 ? fail(error, r, "Cannot make a loop device of %s: %s", chunk->path, strerror(-r)) : 0;
}
