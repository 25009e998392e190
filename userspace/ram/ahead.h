/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One read of a device that goes on while its caller does something else (the kernel's AIO, io_submit(2)). Who waits for
 * it can be interrupted, also when the disk is gone: pread(2) cannot.
 */
#pragma once

#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ahead {
	int fd;	/* opened with O_DIRECT: other reads are over before ahead_start() returns */
	aio_context_t context;	/* 0: this kernel has none */
	struct iocb request;
	bool under_way;
	int64_t result;	/* of the last one: bytes, or a negative errno */
};

/* Where the kernel has no AIO, or not for us now, all is read in ahead_wait(). */
void ahead_begin(struct ahead *ahead, int fd);
void ahead_start(struct ahead *ahead, void *buffer, size_t bytes, uint64_t offset);
/* Until all bytes are there: 0, a negative errno (-ENODATA: the end), or -EINTR when the program is to stop. */
int ahead_wait(struct ahead *ahead);
/*
 * False: a read is still under way after -EINTR, and its buffer belongs to the kernel until the process has ended, which
 * waits for it.
 */
bool ahead_end(struct ahead *ahead);
