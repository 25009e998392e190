// SPDX-License-Identifier: GPL-2.0-only
#include "verify/veritytable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define HEX_CHARACTERS (2 * HASH_BYTES)

/* The number behind the word @name among the optional ones, or 0. */
static uint64_t find_number(const char *words, const char *name)
{
	const char *found = strstr(words, name);
	uint64_t number = 0;

	return found && sscanf(found + strlen(name), " %" SCNu64, &number) == 1 ? number : 0;
}

static bool to_bytes(uint64_t blocks, uint64_t *ret)
{
	return !__builtin_mul_overflow(blocks, (uint64_t)BLOCK_BYTES, ret);
}

int verity_table_parse(const char *params, struct identifier *ret)
{
	char root_hash[HEX_CHARACTERS + 2], salt[HEX_CHARACTERS + 2];
	struct identifier id = { .chunk_count = 1 };
	uint64_t data, tree, parity;
	int used = 0;

	if (sscanf(params, "1 %*s %*s 4096 4096 %" SCNu64 " %" SCNu64 " sha256 %65s %65s%n", &data, &tree, root_hash, salt, &used) != 4 || used == 0 ||
	    !text_parse_hex(root_hash, id.root_hash, HASH_BYTES) || !text_parse_hex(salt, id.salt, HASH_BYTES) || tree == 0)
		return -EBADMSG;
	parity = find_number(params + used, " fec_start");
	id.fec_roots = (uint32_t)find_number(params + used, " fec_roots");
	/* The tree begins behind its superblock. */
	if (!to_bytes(data, &id.erofs_length) || !to_bytes(tree - 1, &id.hash_offset) || !to_bytes(parity, &id.fec_offset) ||
	    (id.fec_roots == 0) != (parity == 0))
		return -EBADMSG;
	*ret = id;
	return 0;
}
