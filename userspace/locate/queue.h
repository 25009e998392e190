/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order in which devices are examined: those the firmware's variables name first, then as they
 * came; last those of disks that have kept others waiting. A variable that names no device costs nothing:
 * there is no waiting for it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "locate/devices.h"
#include "locate/efivars.h"

#define QUEUE_MAX_DEVICES 1024
#define QUEUE_MAX_SLOW 16

struct candidate {
	struct carrier_device device;
	const char *hint;	/* the variable that names its partition, or NULL */
	char uki_path[EFI_PATH_BYTES];	/* of the booted image on it, or "" */
	double seen;	/* when udev told of it, seconds */
	bool plugged;	/* it came by an event; false: it was there before */
};

struct carrier_queue {
	struct boot_hint hints[EFIVARS_MAX_HINTS];
	size_t hint_count;
	/* A hint prefers one device: a disk that comes and goes must not hold up the others for ever. */
	bool used[EFIVARS_MAX_HINTS];
	struct candidate waiting[QUEUE_MAX_DEVICES];
	size_t count;
	char slow_disks[QUEUE_MAX_SLOW][64];	/* each has kept others waiting once; the oldest is forgotten first */
	unsigned slow_count;
};

/* A device that waits already is replaced by what is now known of it. The last of too many is left out. */
void carrier_queue_add(struct carrier_queue *queue, const struct carrier_device *device, double seen, bool plugged);
/* The device is gone, or is no carrier any more. */
void carrier_queue_remove(struct carrier_queue *queue, const char *node);
/* A disk that has kept others waiting: its other partitions come last, or a hundred of them could do so in turn. */
void carrier_queue_note_slow(struct carrier_queue *queue, const char *disk);
/* Takes out the next one. False when none waits. */
bool carrier_queue_take(struct carrier_queue *queue, struct candidate *ret);
