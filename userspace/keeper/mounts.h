/* SPDX-License-Identifier: GPL-2.0-only */
/* The carrier's mounts, by the mount API of Linux 5.2. */
#pragma once

#include <stddef.h>

#include "keeper/uevent.h"

struct error;

/*
 * Mounts /dev/<name> of the small root read-only, nowhere yet; a descriptor of its root folder. -EBUSY: somebody has it for himself, who
 * need not be a mount.
 */
int mounts_make(const char *fstype, const char *name, struct error *error);
/*
 * Puts it at the carrier's place in the small root, for as long as a table is loaded by that path. The place is one of
 * the system's mounts like any other, and would outlive the keeper.
 */
int mounts_put(int mount, struct error *error);
void mounts_take_away(void);
#define MOUNTS_MAX_PLACES 16
#define MOUNTS_PLACE_BYTES 512
struct mounts_places {
	char at[MOUNTS_MAX_PLACES][MOUNTS_PLACE_BYTES];
	size_t count;
};

/* Where the system (its first process) has the whole device mounted, in the order of mounting. @proc: /proc. */
void mounts_list(int proc, unsigned major, unsigned minor, struct mounts_places *ret);
/*
 * Takes away what is mounted at those places of the system and puts the filesystem of @disk there, unless that is NULL.
 * In a child process, which nobody waits for.
 */
void mounts_replace(int proc, const struct mounts_places *places, const char *fstype, const struct uevent *disk);
/* The same where nothing is mounted. */
void mounts_add(int proc, const struct mounts_places *places, const char *fstype, const struct uevent *disk);
/*
 * What the initrd called /sysroot/efi is /efi when the root has been switched: leaves of @places, by their new names, those
 * that are not in @there.
 */
void mounts_find_missing(struct mounts_places *places, const struct mounts_places *there);
