/* SPDX-License-Identifier: GPL-2.0-only */
/* What the search has seen: the findings, the page a person gets at the end, and boot.json. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define BOOT_MAX_FINDINGS 256
#define BOOT_MAX_DEVICE_FINDINGS 64	/* a disk full of files must not hide what is said of the others */

/* Sent through a pipe in one write: must stay within PIPE_BUF. */
struct boot_finding {
	int code;	/* 0: taken; -EINPROGRESS: the right one, being mapped; else why not */
	char device[64];
	char object[512];	/* file on the carrier, or "" */
	char sentence[1024];
};

struct boot_report {
	struct boot_finding findings[BOOT_MAX_FINDINGS];
	size_t count;
	char carrier[64];	/* the device that was taken, or "" */
	char filesystem[16];	/* of the carrier */
	char archive[64];	/* its archive's name */
	char found_by[32];	/* the firmware's variable that names it, or "search"; "" without one */
	bool plugged;	/* it came by an event; then: */
	double event_seconds;	/* from the event to the mounted root */
	double seconds;	/* from the start of the search to its end */
	int exit_code;
	char sentence[1024];	/* of a failure */
};

/* Keeps the newest findings of a device only: a device that is looked at again starts anew. */
void boot_report_forget(struct boot_report *report, const char *device);
/* Beyond the limits only what matters to the exit code is kept. */
void boot_report_add(struct boot_report *report, const struct boot_finding *finding);
/* Whether a candidate with the right root block failed later: exit code 4 instead of 3. */
bool boot_report_has_rejected(const struct boot_report *report);
/* Every device and candidate with the reason of its refusal, for the console. */
void boot_report_print(const struct boot_report *report);
/* 0, or a negative errno. The file appears whole. */
int boot_report_write(const struct boot_report *report, const char *path);
