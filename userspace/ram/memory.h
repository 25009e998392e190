/* SPDX-License-Identifier: GPL-2.0-only */
/* How much memory a copy of the archive may take. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;

#define MEMORY_MIN_RESERVE_BYTES (256u << 20)
#define MEMORY_RESERVE_PERCENT 20u	/* of what is available, where that is more */

/* MemAvailable of the text of /proc/meminfo, in bytes; -EBADMSG: it is not there. */
int memory_parse(const char *meminfo, uint64_t *ret_available);
/* What a copy must leave to the system. */
uint64_t memory_reserve(uint64_t available);
/* What a ramdisk of that many bytes takes: its pages and the tree that finds them. */
uint64_t memory_of_disk(uint64_t bytes);
/* Before the copy: 0, or -ENOMEM with the figures. */
int memory_check(uint64_t bytes, uint64_t available, struct error *error);
/*
 * During the copy, with @rest bytes of it to come: whether at least half of @reserve will be left. The system's needs
 * may grow meanwhile; the copy gives way long before the kernel would have to kill somebody.
 */
bool memory_lasts(uint64_t rest, uint64_t available, uint64_t reserve);
