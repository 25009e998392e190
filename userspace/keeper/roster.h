/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which disks there are, and which of them were plugged in while the system's own was looked for. Only of these, and of
 * one that bears its mark, does a person want to be told that they are others: once. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ROSTER_MAX_DISKS 256	/* one that finds no room counts as plugged in */

struct roster {
	struct roster_disk {
		unsigned major, minor;
		bool is_new, was_told;
	} disks[ROSTER_MAX_DISKS];
	size_t count;
};

/* The disk is there. One that was noted before stays what it was. */
void roster_note(struct roster *roster, unsigned major, unsigned minor, bool is_new);
void roster_strike(struct roster *roster, unsigned major, unsigned minor);
bool roster_is_new(const struct roster *roster, unsigned major, unsigned minor);
/* True the first time for each disk. */
bool roster_tell(struct roster *roster, unsigned major, unsigned minor);
/* From now on all that are noted have been there before. */
void roster_settle(struct roster *roster);
