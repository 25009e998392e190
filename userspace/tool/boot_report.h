/* SPDX-License-Identifier: GPL-2.0-only */
/* What the search has seen. boot_page.c makes the page a person gets of it, boot_json.c the file boot.json. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "locate/disks.h"
#include "tool/boot_times.h"

#define BOOT_MAX_FINDINGS 256
#define BOOT_MAX_DEVICE_FINDINGS 64	/* a disk full of files must not hide what is said of the others */
#define BOOT_MAX_DISKS 128

/* Sent through a pipe in one write: must stay within PIPE_BUF. */
struct boot_finding {
	int code;	/* 0: taken; -EINPROGRESS: the right one, it has come to @phase; else why not */
	enum boot_phase phase;
	double at;	/* seconds of CLOCK_BOOTTIME */
	char device[64];
	char object[512];	/* file on the carrier, or "" */
	char sentence[1024];
};

struct boot_report {
	struct boot_finding findings[BOOT_MAX_FINDINGS];
	size_t count;
	struct disk disks[BOOT_MAX_DISKS];	/* all block devices at the end */
	size_t disk_count;
	char root_hash[2 * HASH_BYTES + 1];
	char carrier[64];	/* the device that was taken, or "" */
	char filesystem[16];	/* of the carrier */
	char archive[64];	/* its archive's name */
	struct boot_times times;
	char found_by[32];	/* the firmware's variable that names it, or "search"; "" without one */
	bool plugged;	/* it came by an event; then: */
	double event_seconds;	/* from the event to the mounted root */
	int exit_code;
	char sentence[1024];	/* of a failure */
};

/* Keeps the newest findings of a device only: a device that is looked at again starts anew. */
void boot_report_forget(struct boot_report *report, const char *device);
/* Beyond the limits only what matters to the exit code is kept. */
void boot_report_add(struct boot_report *report, const struct boot_finding *finding);
bool boot_report_has_device(const struct boot_report *report, const char *device);
/* Whether a candidate with the right root block failed later: exit code 4 instead of 3. */
bool boot_report_has_rejected(const struct boot_report *report);
/* What a person can do about a finding, a sentence without its full stop; "" for the one that was taken. */
const char *boot_report_advice(const struct boot_finding *finding);
/* 0, or a negative errno. The file appears whole. */
int boot_report_write(const struct boot_report *report, const char *path);
