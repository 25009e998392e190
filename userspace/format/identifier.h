/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The identifier: the 4096-byte block that ends every chunk of an archive. FORMAT.md beside this
 * file is the description; this is its code. Pure: bytes in, struct out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct error;

#define IDENTIFIER_BYTES BLOCK_BYTES
#define IDENTIFIER_VERSION 1u
#define IDENTIFIER_NAME_BYTES 64u	/* with at least one NUL */
#define IDENTIFIER_SHA256 1u
#define ARCHIVE_MAX_CHUNKS 4096u

struct identifier {
	uint32_t compat;	/* unknown bits are ignored */
	uint8_t uuid[16];	/* of the archive: equal in all its chunks */
	char name[IDENTIFIER_NAME_BYTES];
	uint32_t chunk_index;	/* 0 ... chunk_count - 1 */
	uint32_t chunk_count;
	/* All in bytes and multiples of 4096. */
	uint64_t chunk_length;	/* payload in this chunk, directly before the identifier */
	uint64_t chunk_offset;	/* of that payload in the archive */
	uint64_t total_length;	/* of the archive: erofs, hash tree and FEC */
	uint64_t erofs_length;
	uint64_t hash_offset;	/* of the verity superblock in the archive */
	uint64_t fec_offset;	/* 0: none */
	uint32_t fec_roots;
	uint8_t salt[HASH_BYTES];
	uint8_t root_hash[HASH_BYTES];	/* a hint for matching, never trusted */
};

/* Whether these bytes claim to be an identifier at all. */
bool identifier_has_magic(const uint8_t block[static IDENTIFIER_BYTES]);

/*
 * -ENOENT: no identifier. -EBADMSG: one, but damaged or inconsistent. -EOPNOTSUPP: made by a newer
 * or unknown writer. The error says which field. On success every field is consistent with the
 * others: sums do not overflow, offsets are aligned and inside the archive.
 */
int identifier_decode(const uint8_t block[static IDENTIFIER_BYTES], struct identifier *ret, struct error *error);
void identifier_encode(const struct identifier *identifier, uint8_t ret_block[static IDENTIFIER_BYTES]);

/* A name is 1 to 63 of the characters A-Z a-z 0-9 . _ - and does not begin with a dot or dash. */
bool identifier_is_name(const char *name);
