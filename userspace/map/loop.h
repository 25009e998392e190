/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other way to a block device, for kernels that do not take our module: a loop device for each
 * chunk. What it lacks: the files are not pinned, so who overwrites them destroys the running system.
 */
#pragma once

#include "locate/archive.h"

struct error;

#define LOOP_NODE_BYTES 32

struct loop_device {
	char node[LOOP_NODE_BYTES];
	int fd;	/* keeps the device until something else uses it; then it goes away with its last user */
};

/* A read-only loop device over the chunk's payload. The caller closes ret->fd. */
int loop_attach(const struct chunkfile *file, struct loop_device *ret, struct error *error);
