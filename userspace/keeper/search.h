/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks that may be the one that was pulled, each examined by a child process. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "keeper/examine.h"
#include "keeper/uevent.h"

struct keeper;

#define SEARCH_MAX_LOOKS 16

struct look {
	struct uevent disk;	/* name "": a free place */
	bool was_plugged;	/* while it was waited for; else it had been there before */
	double seen;
	double next;	/* when to examine it (again) */
	unsigned tries;
	struct examination examination;	/* pid 0: none at work */
};

struct search {
	struct look looks[SEARCH_MAX_LOOKS];
};

void search_add(struct keeper *keeper, const struct uevent *disk, bool was_plugged);
void search_remove(struct keeper *keeper, const struct uevent *disk);
/* All disks there are. */
void search_scan(struct keeper *keeper, bool was_plugged);
/* Nothing is looked for any more. */
void search_end(struct keeper *keeper);
bool search_is_idle(const struct keeper *keeper);

/* For the loop: what to poll, when to wake at the latest (0: never), and a turn after that. */
size_t search_fill(const struct keeper *keeper, struct pollfd *ret_events);
double search_wake(const struct keeper *keeper);
void search_turn(struct keeper *keeper);
