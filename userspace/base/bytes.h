/* SPDX-License-Identifier: GPL-2.0-only */
/* Little-endian numbers in byte arrays, and sums of numbers nobody has checked yet. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BLOCK_BYTES 4096u	/* unit of the archive: erofs, verity and the identifier */
#define SECTOR_BYTES 512u	/* unit of device-mapper tables */
#define HASH_BYTES 32u		/* SHA-256 */

static inline uint16_t get_le16(const uint8_t *p) { uint16_t v; memcpy(&v, p, sizeof v); return le16toh(v); }
static inline uint32_t get_le32(const uint8_t *p) { uint32_t v; memcpy(&v, p, sizeof v); return le32toh(v); }
static inline uint64_t get_le64(const uint8_t *p) { uint64_t v; memcpy(&v, p, sizeof v); return le64toh(v); }
static inline void put_le32(uint8_t *p, uint32_t v) { v = htole32(v); memcpy(p, &v, sizeof v); }
static inline void put_le64(uint8_t *p, uint64_t v) { v = htole64(v); memcpy(p, &v, sizeof v); }

/* False when a + b does not fit: *ret_sum is then untouched. */
static inline bool add_u64(uint64_t a, uint64_t b, uint64_t *ret_sum)
{
	uint64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*ret_sum = sum;
	return true;
}

static inline bool is_block_aligned(uint64_t bytes) { return bytes % BLOCK_BYTES == 0; }
static inline uint64_t block_align_down(uint64_t bytes) { return bytes - bytes % BLOCK_BYTES; }
/* The caller knows that @bytes is the size of a real file: no overflow. */
static inline uint64_t block_align_up(uint64_t bytes) { return block_align_down(bytes + BLOCK_BYTES - 1); }
