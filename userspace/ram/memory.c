// SPDX-License-Identifier: GPL-2.0-only
#include "ram/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define PAGES_OF_A_NODE 64u	/* of the kernel's xarray, which finds a ramdisk's pages: 576 bytes each */
#define NODE_BYTES 576u
#define PAGE_BYTES 4096u
#define MB 1000000u

int memory_parse(const char *meminfo, uint64_t *ret_available)
{
	const char *line = strstr(meminfo, "MemAvailable:");
	uint64_t kib, bytes;

	if (!line || sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) != 1 || __builtin_mul_overflow(kib, UINT64_C(1024), &bytes))
		return -EBADMSG;
	*ret_available = bytes;
	return 0;
}

uint64_t memory_reserve(uint64_t available)
{
	uint64_t share = available / 100 * MEMORY_RESERVE_PERCENT;

	return share > MEMORY_MIN_RESERVE_BYTES ? share : MEMORY_MIN_RESERVE_BYTES;
}

uint64_t memory_of_disk(uint64_t bytes)
{
	return bytes + (bytes / (PAGES_OF_A_NODE * PAGE_BYTES) + 1) * NODE_BYTES;
}

int memory_check(uint64_t bytes, uint64_t available, struct error *error)
{
	uint64_t reserve = memory_reserve(available), need = memory_of_disk(bytes);

	if (available >= reserve && available - reserve >= need)
		return 0;
	return fail(error, -ENOMEM, "The archive needs %" PRIu64 " MB of memory and %" PRIu64 " MB must stay free, but %" PRIu64
		    " MB are available: the system stays on its disk", need / MB + 1, reserve / MB, available / MB);
}

bool memory_lasts(uint64_t rest, uint64_t available, uint64_t reserve)
{
	return available >= reserve / 2 && available - reserve / 2 >= memory_of_disk(rest);
}
