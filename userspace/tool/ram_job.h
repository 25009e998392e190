/* SPDX-License-Identifier: GPL-2.0-only */
/* RAM mode: from "is there room" to "the disk may be removed". */
#pragma once

#include <stdbool.h>

#include "format/identifier.h"
#include "ram/ramdisk.h"
#include "tool/names.h"
#include "tool/ram_state.h"

struct error;

struct ram_job {
	struct ram_state state;
	bool comes_first;	/* the system waits for it: nobody is given way, and the consoles have a bar instead of a few lines */
	int lock;	/* ram_state_lock(), or -1 */
	struct device_names names;	/* ram_find_root() */
	struct identifier id;	/* what the copy must verify against */
	uint64_t reserve;
	struct ramdisk disk;
	int source;	/* -1: not open */
};

#define RAM_JOB_NEW { .lock = -1, .disk = { .fd = -1, .loop = -1 }, .source = -1 }

/* The names of the running root's devices. -ENXIO: this is another system. */
int ram_find_root(struct device_names *ret, struct error *error);
/* Makes the empty ramdisk. -ENOMEM: it would not leave enough memory. All undone by ram_job_end(). */
int ram_job_prepare(struct ram_job *job, struct error *error);
/* Copies, verifies, and lets the keeper change over. -EKEYREJECTED: the copy does not match the root hash. */
int ram_job_run(struct ram_job *job, struct error *error);
/*
 * @code and its sentence go to the state, unless that is another one's (-EALREADY, or no lock); the memory of a copy that is
 * not in use is given back. Returns the code.
 */
int ram_job_end(struct ram_job *job, int code, const struct error *error);

/* Back to the disk, and the memory given back. -ENOENT: the system does not run from memory. */
int ram_job_undo(struct error *error);
