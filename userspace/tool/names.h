/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the device-mapper devices: ukiblk-NAME is the archive, ukiblk-NAME-verity its verified filesystem. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "map/device.h"

/* Said whenever loop devices are used that nobody asked for. */
#define MAP_LOOP_WARNING \
	"The kernel does not take the module ukiblk; loop devices are used. Do not overwrite the archive's files while they are in use."

struct device_names {
	char archive[MAP_NAME_BYTES];
	char verity[MAP_NAME_BYTES];
	char archive_node[MAP_NAME_BYTES + 16];
	char verity_node[MAP_NAME_BYTES + 16];
};

static inline void device_names_make(const char *name, struct device_names *ret)
{
	snprintf(ret->archive, sizeof ret->archive, "ukiblk-%.80s", name);
	snprintf(ret->verity, sizeof ret->verity, "ukiblk-%.80s-verity", name);
	snprintf(ret->archive_node, sizeof ret->archive_node, "/dev/mapper/%s", ret->archive);
	snprintf(ret->verity_node, sizeof ret->verity_node, "/dev/mapper/%s", ret->verity);
}
