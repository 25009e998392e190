/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#define HOLD 40	/* seconds: the command line has it */

enum during {
	IDLE,	/* nobody reads */
	READ,	/* every file is read, again and again */
	COLD,	/* and all caches are dropped right before the pull */
	PRESSED,	/* and memory is full */
};

/* A task that waits for 10 s in a way that it should not makes the kernel say so, and the kernel's log is looked at. */
void watch_for_hung_tasks(void);
void drop_caches(void);
/* Reads all files past the cache; true when any cannot be read or is another. */
bool reading_fails(void);
/* The kernel's log has a line with that text since the last call. */
bool log_has(const char *text);
/* What was said before does not count any more. */
void forget_log(void);
/* Without waiting for it. */
bool log_has_already(const char *text);
/* The kernel tells of that disk once more: "change", "add". */
void repeat_event(const char *disk, const char *action);
/* One pull of so many seconds; everything that can be seen of it is checked. */
void pull_and_return(const char *name, const char *node, unsigned seconds, enum during during);
/* Where nothing is plugged in: a stick that must be refused, with a reason; then it is taken away. */
void plug_wrong(const char *node, const char *reason, const char *what);
/* The right one: it must be taken, and the root be whole. */
void plug_right(const char *name);
/* The partition of the one stick there is; "": none. */
const char *find_partition(void);
/* The right one, mounted for writing by somebody else before the keeper sees it. */
void mounted_by_others(void);
void run_cycles(void);
void to_ram_and_back(void);
void check_tool(void);
