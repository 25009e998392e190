/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of a device-mapper table line for the target "ukiblk" (kmod/README.md). Pure. */
#pragma once

#include "locate/archive.h"

#define MAP_TARGET "ukiblk"

/* Sectors (512 bytes) of the mapped device. */
uint64_t map_table_sectors(const struct found_archive *archive);
/* The target's parameters, without start, length and type. Caller frees; NULL: out of memory. */
char *map_table_params(const struct found_archive *archive);
