/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks that may be the one that was pulled, each examined by a child process. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "keeper/examine.h"
#include "keeper/roster.h"
#include "keeper/uevent.h"

struct keeper;

#define SEARCH_MAX_LOOKS 128

struct look {
	struct uevent disk;	/* name "": a free place */
	bool is_new;	/* plugged in while it was waited for */
	double seen;
	double next;	/* when to examine it (again) */
	unsigned tries;
	struct examination examination;	/* pid 0: none at work */
};

struct search {
	struct look looks[SEARCH_MAX_LOOKS];
	struct roster roster;
	/* Why one that bears the mark of the system's disk was not taken since search_ask(); 0: there was none. */
	int answer;
	char sentence[384];
};

/* The kernel told of it. It is looked at when the system's disk is looked for. */
void search_add(struct keeper *keeper, const struct uevent *disk);
void search_remove(struct keeper *keeper, const struct uevent *disk);
/* Looks at all disks there are. */
void search_scan(struct keeper *keeper);
/* The same for who wants an answer. */
void search_ask(struct keeper *keeper);
/* All disks there are have been there before. */
void search_note_all(struct keeper *keeper);
/* Nothing is looked for any more. */
void search_end(struct keeper *keeper);
bool search_is_idle(const struct keeper *keeper);

/* For the loop: what to poll, when to wake at the latest (0: never), and a turn after that. */
size_t search_fill(const struct keeper *keeper, struct pollfd *ret_events);
double search_wake(const struct keeper *keeper);
void search_turn(struct keeper *keeper);
