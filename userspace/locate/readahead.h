/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who looks for the end of a file on FAT or exFAT, or for all its extents, makes the kernel read the
 * chain of its clusters in the table one sector at a time. Followed here before, in larger pieces,
 * its sectors are in the cache. Whatever the order of the chain, no more reads than the kernel's own.
 */
#pragma once

#include <stdint.h>

/* Best effort, for an open file of @bytes: without it everything else is only slower. */
void readahead_chain(int fd, uint64_t bytes);
/* The same where no path leads to the file's disk: @disk is open for reading. */
void readahead_chain_on(int disk, int fd, uint64_t bytes);
