/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The search for the archive: an event loop over udev's events, the pipes of the children that examine
 * devices, and the clock; nothing polls.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "locate/queue.h"
#include "tool/boot_examine.h"
#include "tool/boot_report.h"
#include "tool/boot_words.h"

struct error;

#define BOOT_MAX_LOOKS 16	/* at a time: the newest, and the slow ones with the right root block */

/* A device being examined, by a child process. */
struct boot_look {
	struct candidate candidate;
	struct examination examination;
	pid_t pid;	/* 0: this place is free */
	int pipe;
	double start;
	bool is_right_one;	/* its root block was the right one; it has come to @phase */
	enum boot_phase phase;
	double entered[BOOT_PHASES];	/* when it came to each, CLOCK_BOOTTIME; 0: not */
	char object[512];	/* the right archive's file */
};

struct boot {
	struct boot_words words;
	struct carrier_queue queue;	/* devices seen, not yet examined; its hints are there before the search */
	struct boot_report report;
	char said[2048];	/* the findings a person has seen last */
	double deadline, next_say;
	/* Makes the names and mount points of the next examination. Those of a child that was left behind stay its own. */
	unsigned number;
	struct boot_look looks[BOOT_MAX_LOOKS];
	struct boot_look *newest;	/* what the devices that wait are waiting for; NULL: nothing */
	struct boot_look *taken;	/* the one that has mounted the root; NULL: none yet */
};

/*
 * Until an archive is the lower layer of the root, or the deadline of boot->words. 0: boot->taken has it.
 * -EKEYREJECTED: one with the right root hash was found and could not be used; -ETIMEDOUT: none was found;
 * -EINTR: stopped by a signal. What was seen is in boot->report.
 */
int boot_search(struct boot *boot, struct error *error);
