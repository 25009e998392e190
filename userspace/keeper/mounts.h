/* SPDX-License-Identifier: GPL-2.0-only */
/* The carrier's mounts, by the mount API of Linux 5.2. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;

/* Mounts /dev/<name> of the small root read-only, nowhere yet; a descriptor of its root folder. */
int mounts_make(const char *fstype, const char *name, struct error *error);
/* Puts it at the carrier's place in the small root, instead of what was there. */
int mounts_put(int mount, struct error *error);
/* Takes away what is at the carrier's place in the small root. */
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
 * Takes away what is mounted at those places of the system and, with @show, puts there what is at the carrier's place in
 * the small root. In a child process, which nobody waits for.
 */
void mounts_replace(int proc, const struct mounts_places *places, bool show);
