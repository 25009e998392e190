/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When to read the next piece of the copy, and how much: others come first. The kernel's priorities cannot do
 * this: most disks run without an I/O scheduler, or with one that knows only the requests it holds. So the copy looks at
 * the disk's counters: what was transferred beside its own pieces was somebody else's. Pure but for the file with the
 * counters.
 *
 *   others were at work in the last 250 ms   one piece of 64 KiB for each 100 times its own duration
 *   in the last second                       pieces of 128 KiB: who comes next waits for one at most
 *   else                                     pieces of 1 MiB: the disk's full speed
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_QUIET_SECONDS 0.25
#define PACE_LONG_SECONDS 1.0
#define PACE_SHARE 100	/* of a busy disk's time the copy takes one in so many */
#define PACE_LONGEST_SECONDS 5.0	/* but no longer, when a piece waited for a disk that was gone */
#define PACE_GLANCE_SECONDS 0.001
#define PACE_FORCED_BYTES (64u << 10)
#define PACE_SHORT_BYTES (128u << 10)
#define PACE_FULL_BYTES (1u << 20)

/* What the kernel counts for a disk (its Documentation/block/stat.rst). */
struct pace_counters {
	uint64_t bytes;	/* read and written */
	unsigned in_flight;
};

struct pace {
	uint64_t expected;	/* the counter if nobody but us were there */
	double busy;	/* when others were last seen */
	double forced;	/* until when no piece is read in spite of them */
	bool own;	/* a piece has just ended: it may still be counted as in flight */
};

/* The text of a file "stat" of sysfs; false: it is none. */
bool pace_parse(const char *stat, struct pace_counters *ret);
/* @now: seconds of any clock that only goes forward. */
void pace_begin(struct pace *pace, const struct pace_counters *counters, double now);
/*
 * The bytes to read now, or 0 and in *ret_wait the seconds until it must be asked again. @counters NULL: they cannot be
 * had, and short pieces are read.
 */
size_t pace_next(struct pace *pace, const struct pace_counters *counters, double now, double *ret_wait);
/* A piece was read, in so many seconds. */
void pace_done(struct pace *pace, size_t bytes, double now, double seconds);

/* Opens the counters of the whole disk on which the filesystem at @mount lies; a negative errno. */
int pace_open_disk(const char *mount);
/* False: the disk is gone. */
bool pace_read(int fd, struct pace_counters *ret);
