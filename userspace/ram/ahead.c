// SPDX-License-Identifier: GPL-2.0-only
#include "ram/ahead.h"

#include <errno.h>
#include <linux/time_types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"

#define LOOK_SECONDS 1	/* a signal that came right before the wait does not end it */

void ahead_begin(struct ahead *ahead, int fd)
{
	*ahead = (struct ahead){ .fd = fd };
	if (syscall(SYS_io_setup, 1, &ahead->context) < 0)
		ahead->context = 0;
}

void ahead_start(struct ahead *ahead, void *buffer, size_t bytes, uint64_t offset)
{
	struct iocb *request = &ahead->request;

	*request = (struct iocb){ .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = (uint32_t)ahead->fd, .aio_buf = (uintptr_t)buffer,
				  .aio_nbytes = bytes, .aio_offset = (int64_t)offset };
	ahead->result = 0;
	ahead->under_way = ahead->context && syscall(SYS_io_submit, ahead->context, 1L, &request) == 1;
}

/* What came in one go may be the beginning. */
static int read_rest(const struct ahead *ahead)
{
	const struct iocb *request = &ahead->request;
	uint64_t have = (uint64_t)ahead->result;

	if (have >= request->aio_nbytes)
		return 0;
	return io_read_at(ahead->fd, (uint8_t *)(uintptr_t)request->aio_buf + have, request->aio_nbytes - have,
			  (uint64_t)request->aio_offset + have);
}

int ahead_wait(struct ahead *ahead)
{
	struct __kernel_old_timespec look = { .tv_sec = LOOK_SECONDS };
	struct io_event event;

	while (ahead->under_way) {
		if (syscall(SYS_io_getevents, ahead->context, 1L, 1L, &event, &look) == 1) {
			ahead->under_way = false;
			ahead->result = event.res;
		} else if (io_interrupted) {
			return -EINTR;
		}
	}
	return ahead->result < 0 ? (int)ahead->result : read_rest(ahead);
}

bool ahead_end(struct ahead *ahead)
{
	if (ahead->under_way)
		return false;
	if (ahead->context)
		syscall(SYS_io_destroy, ahead->context);
	return true;
}
