/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine goes down while its disk is gone. The programs that take a system down are on that disk: when reads no
 * longer wait for it, they fail, and the first process freezes. So the keeper ends the machine itself, some seconds
 * after the end of the patience.
 */
#pragma once

#include <stdbool.h>

struct keeper;

#define EXIT_KIND_BYTES 16
#define EXIT_GRACE_SECONDS 5.0	/* after that end: the rest of a shutdown, as far as it still can be done */

struct exit_plan {
	char kind[EXIT_KIND_BYTES];	/* "": nobody has asked for an end */
	double at;	/* when the keeper ends the machine; 0: it need not */
};

/* False: there is no such kind. */
bool exit_begin(struct keeper *keeper, const char *kind);
/* After anything has changed: plans the end, gives it up, or carries it out. */
void exit_turn(struct keeper *keeper);
