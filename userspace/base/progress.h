/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far long work has come. Stages tell; what becomes of it is the tool's matter (tool/progress.c),
 * and without a listener it is nothing.
 */
#pragma once

#include <stdint.h>

struct progress_listener {
	void (*begin)(const char *what, uint64_t total_bytes);	/* total 0: nobody knows */
	void (*advance)(uint64_t bytes);	/* 0: still alive */
	void (*end)(void);
};

void progress_listen(const struct progress_listener *listener);	/* NULL: nobody */
/* Begin and end go in pairs, not nested. */
void progress_begin(const char *what, uint64_t total_bytes);
void progress_advance(uint64_t bytes);
void progress_end(void);
