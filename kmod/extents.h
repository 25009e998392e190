/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where each sector of a target lies on the disk: an array of extents, built once in logical
 * order, then only looked up. All numbers are sectors of 512 bytes.
 *
 * Life: zero-initialise, set limit, add runs, seal, find as often as needed, free. Free accepts
 * every state.
 */
#ifndef UKIBLK_EXTENTS_H
#define UKIBLK_EXTENTS_H

#include "shim.h"

/* An extent ends where the next one begins, the last one at the length of the whole. */
struct ukiblk_extent {
	u64 logical;	/* first sector of the target */
	u64 physical;	/* the sector of the disk it lies on */
};

/* README.md promises it of the memory a table takes. */
static_assert(sizeof(struct ukiblk_extent) == 16, "an extent takes 16 bytes");

struct ukiblk_extents {
	struct ukiblk_extent *at;
	u32 count;
	u32 room;	/* extents the array can hold */
	u32 limit;	/* extents that may be added at most */
	u64 length;	/* sectors described so far */
};

struct ukiblk_run {
	u64 physical;
	u64 length;	/* sectors from there to the end of the extent */
};

/*
 * Append a run. Returns -EINVAL when it is empty, does not begin where the last one ended or
 * passes the end of the number range, -E2BIG above the limit, -ENOMEM.
 */
int ukiblk_extents_add(struct ukiblk_extents *x, u64 logical, u64 physical, u64 length);

/* End building and give unused memory back. Returns -EINVAL when the runs are not length sectors. */
int ukiblk_extents_seal(struct ukiblk_extents *x, u64 length);

/* Where a logical sector lies; false when it is not described. *ret is written on success only. */
bool ukiblk_extents_find(const struct ukiblk_extents *x, u64 logical, struct ukiblk_run *ret);

/* The length of extent i, which is below count. */
u64 ukiblk_extents_length(const struct ukiblk_extents *x, u32 i);

void ukiblk_extents_free(struct ukiblk_extents *x);

#endif
