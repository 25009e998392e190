/* SPDX-License-Identifier: GPL-2.0-only */
/* Device-mapper devices of the target "ukiblk", by libdevmapper: the one file that calls it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "map/backend.h"
#include "map/table.h"

struct error;

#define MAP_NAME_BYTES 128
#define MAP_UUID_PREFIX "UKIBLK-"

struct map_device {
	char name[MAP_NAME_BYTES];
	uint64_t sectors;
	int open_count;
	unsigned major, minor;
	enum map_backend backend;
	char *table;	/* the target's parameters, a line each where there are several */
	char *status;	/* the target's own status text */
};

/*
 * Creates the read-only device /dev/mapper/@name. -EEXIST: the name is taken; otherwise the error
 * carries what the kernel said. The kernel loads the module on demand. *ret_used: which backend it was.
 */
int map_create_device(const char *name, const struct found_archive *archive, enum map_backend backend,
		      enum map_backend *ret_used, struct error *error);
/* -ENXIO: no such device; -EBUSY: it is in use. */
int map_remove_device(const char *name, struct error *error);
/* -ENXIO: no such device, or not one of ours. Caller releases. */
int map_get_device(const char *name, struct map_device *ret, struct error *error);
void map_release_device(struct map_device *device);
void map_release_devices(struct map_device *devices, size_t count);
/* The parameters of any device of one row of that target. -ENXIO: there is no such device. Caller frees. */
int map_get_params(const char *name, const char *target, char **ret, struct error *error);
/* All devices that map_create_device made; the caller releases the list. */
int map_list_devices(struct map_device **ret_devices, size_t *ret_count, struct error *error);
/* libdevmapper's own messages stay quiet; the last one is part of our sentences. */
void map_init(void);
