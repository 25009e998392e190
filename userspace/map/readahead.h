/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel looks up where each cluster of a file lies, and on FAT reads the table for that one
 * sector at a time. Read in large pieces before, those sectors are in the cache.
 */
#pragma once

#include "locate/archive.h"

/* Best effort: without it attaching is only slower. */
void map_read_ahead(const struct found_archive *archive);
