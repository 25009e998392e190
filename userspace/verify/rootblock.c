// SPDX-License-Identifier: GPL-2.0-only
#include "verify/rootblock.h"

#include <errno.h>

#include "base/error.h"
#include "base/sha256.h"

bool verify_block(const uint8_t block[static BLOCK_BYTES], const uint8_t salt[static HASH_BYTES],
		  const uint8_t hash[static HASH_BYTES])
{
	uint8_t salted[HASH_BYTES + BLOCK_BYTES], digest[HASH_BYTES];

	memcpy(salted, salt, HASH_BYTES);
	memcpy(salted + HASH_BYTES, block, BLOCK_BYTES);
	sha256(salted, sizeof salted, digest);
	return memcmp(digest, hash, HASH_BYTES) == 0;
}

int verify_root_block(const struct found_archive *archive, const uint8_t root_hash[static HASH_BYTES], struct error *error)
{
	const struct identifier *id = &archive->files[0].id;
	uint8_t block[BLOCK_BYTES];
	int r;

	r = archive_read_at(archive, block, sizeof block, id->hash_offset + BLOCK_BYTES, error);
	if (r < 0)
		return r;
	if (verify_block(block, id->salt, root_hash))
		return 0;
	if (id->fec_roots == 0 || memcmp(id->root_hash, root_hash, HASH_BYTES) != 0)
		return fail(error, -EKEYREJECTED, "Archive \"%s\" does not match the root hash: it is another one, or its hash tree is damaged",
			    id->name);
	return 1;
}
