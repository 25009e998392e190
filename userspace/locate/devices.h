/* SPDX-License-Identifier: GPL-2.0-only */
/* Block devices that may be carriers, present ones and coming ones, by udev's events. */
#pragma once

#include <stdbool.h>

struct error;

struct carrier_device {
	char node[64];	/* /dev/... */
	char disk[64];	/* node of the whole disk: of a partition another one */
	char fstype[16];
	char partuuid[48];	/* lower case, or "" */
	char label[64];	/* of the filesystem, or "" */
	bool can_be_pulled;	/* USB, MMC, Thunderbolt, or removable by its own word */
};

/* vfat, exfat, iso9660; NULL is none. */
bool device_is_carrier_fstype(const char *fstype);

struct device_watch;

/* Opens the monitor first, so that nothing is missed between the list and the first event. */
int device_watch_open(struct device_watch **ret, struct error *error);
void device_watch_close(struct device_watch *watch);
int device_watch_fd(const struct device_watch *watch);

typedef void device_seen(void *context, const struct carrier_device *device);
/* Tells of all present devices with a carrier filesystem (vfat, exfat, iso9660). */
int device_watch_list(struct device_watch *watch, device_seen *seen, void *context, struct error *error);

enum device_event {
	DEVICE_NOTHING,
	DEVICE_CARRIER,	/* a carrier was added or changed */
	DEVICE_GONE,	/* a device is gone, or is no carrier; only its node is told */
};

/* Takes one event. */
enum device_event device_watch_next(struct device_watch *watch, struct carrier_device *ret);
