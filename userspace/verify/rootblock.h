/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first question to a candidate: does its verity root block hash to the wanted root hash? The
 * root block follows the superblock (veritysetup's on-disk layout: the highest tree level comes
 * first) and, in hash type 1, the salt goes before it (Linux Documentation/admin-guide/
 * device-mapper/verity.rst). Nothing is mapped yet: the files themselves are read.
 */
#pragma once

#include <stdbool.h>

#include "locate/archive.h"

bool verify_block(const uint8_t block[static BLOCK_BYTES], const uint8_t salt[static HASH_BYTES],
		  const uint8_t hash[static HASH_BYTES]);
/*
 * 0: the archive's root block hashes to @root_hash. 1: it does not, but the identifier claims that root hash and
 * parity, which may repair the block: only reading through dm-verity can tell. Else -EKEYREJECTED.
 */
int verify_root_block(const struct found_archive *archive, const uint8_t root_hash[static HASH_BYTES], struct error *error);
