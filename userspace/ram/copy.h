/* SPDX-License-Identifier: GPL-2.0-only */
/* The archive's blocks into memory, past the page cache, giving way to whoever else uses the disk. */
#pragma once

#include <stdint.h>

#include "ram/ramdisk.h"

struct error;

struct ram_copy {
	int source;	/* the archive's device, opened with O_DIRECT */
	const struct ramdisk *disk;	/* as large as the archive */
	const char *carrier;	/* a folder on the disk whose other users come first; NULL: nobody does */
	uint64_t reserve;	/* memory_reserve() */
	/* Asked when a read failed: 0 try again, or a negative errno with its sentence. */
	int (*read_failed)(void *context, uint64_t offset, int code, struct error *error);
	void *context;
};

struct ram_copied {
	double begin, end;	/* seconds since the kernel's start (CLOCK_BOOTTIME): the first read, the last write */
};

/*
 * 0; -ENOMEM: memory became short, nothing is wrong with the disk; what read_failed said; -EINTR: stopped, at once even when the
 * disk is gone, but then the end of the process waits for the read that was under way.
 */
int ram_copy(const struct ram_copy *copy, struct ram_copied *ret, struct error *error);
/* MemAvailable, in bytes. */
int ram_read_available(uint64_t *ret_bytes, struct error *error);
