/* SPDX-License-Identifier: GPL-2.0-only */
/* How long each phase of a boot took, from the power button to the mounted root. */
#pragma once

#include <stdint.h>

enum boot_phase { BOOT_LOCATE, BOOT_MAP, BOOT_VERIFY, BOOT_MOUNT, BOOT_PHASES };
extern const char *const boot_phase_names[BOOT_PHASES];

#define BOOT_TIME_UNKNOWN (-1.0)

struct boot_times {
	double firmware;	/* seconds from the reset to the kernel's start, or BOOT_TIME_UNKNOWN */
	double kernel;	/* from there to the initrd's first program, or BOOT_TIME_UNKNOWN */
	/* On CLOCK_BOOTTIME: when the phase began, 0 when it did not. A phase ends where the next begins. */
	double begin[BOOT_PHASES];
	double end;
	uint64_t first_ticks;	/* of the processor's counter at begin[BOOT_LOCATE] */
};

/* Seconds of CLOCK_BOOTTIME. */
double boot_times_now(void);
/* The search begins. */
void boot_times_start(struct boot_times *times);
/* A candidate came to this phase at @at: what an earlier candidate reached does not count. */
void boot_times_enter(struct boot_times *times, enum boot_phase phase, double at);
/* All is done; asks firmware (the folder of its variables) and kernel for their part. */
void boot_times_finish(struct boot_times *times, const char *efivars);
/* Seconds, or BOOT_TIME_UNKNOWN for a phase that was not reached. */
double boot_times_of(const struct boot_times *times, enum boot_phase phase);
/* From the initrd's first program to the start of the search, or BOOT_TIME_UNKNOWN. */
double boot_times_initrd(const struct boot_times *times);
/* Decimal microseconds in UTF-16, as LoaderTimeExecUSec has them behind its attributes: seconds, or BOOT_TIME_UNKNOWN. */
double boot_times_decode(const uint8_t *value, uint64_t length);
