/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the keeper stands: a small root of its own, in memory, and handles of /dev, /proc, /run and /sys that were
 * opened before. From then on no path of it leads through the root it serves.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;

/*
 * Not below /run: a device node there cannot be opened (nodev), and the source of a mount is looked up like any path.
 * With nodes of our own it is /dev/sda1, as people and programs expect it in the list of mounts.
 */
#define PLACE_SMALL_ROOT "/dev/ukiblk-keeper"
#define PLACE_CARRIER "/run/ukiblk/carrier"	/* also in the small root: tables look the same wherever they are loaded */

struct place {
	int dev, proc, run, sys;	/* folders */
	int mounts;	/* poll(2) for POLLPRI: something was mounted or unmounted */
	uint64_t root;	/* mount of the first process's root */
};

/* Opens the handles. */
int place_open(struct place *ret, struct error *error);
/* Goes into the small root, and into the folder / of it. */
int place_enter(const struct place *place, struct error *error);
/*
 * When the system's root was switched, its mounts are others, and those of the handles hang in the air: nothing can be
 * mounted there any more. True when it was: new handles, and the same small root by the new ones. All that is looked up is in memory: the
 * root's own folder, and folders in it on which something is mounted.
 */
bool place_follow(struct place *place);
/* A node of the block device in the small root: /dev/<name> there. */
int place_make_node(const char *name, unsigned major, unsigned minor);
void place_remove_node(const char *name);
/* No page of the keeper's is ever read or written for want of memory, and nothing it asks for waits for a disk. */
int place_lock_memory(struct error *error);
/* KiB of memory that are locked; 0: not known. */
unsigned place_locked_kib(const struct place *place);
