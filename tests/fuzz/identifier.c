// SPDX-License-Identifier: GPL-2.0-only
/* The block as it is, then with its checksum made right: a hostile writer can do that too. */
#include <errno.h>

#include "fuzz.h"

static void decode(const uint8_t block[static IDENTIFIER_BYTES])
{
	struct identifier id, untouched;
	uint8_t again[IDENTIFIER_BYTES];
	struct error error = { "" };
	int r;

	memset(&id, 0x5a, sizeof id);
	untouched = id;
	r = identifier_decode(block, &id, &error);
	if (r < 0) {
		PROMISE(r == -ENOENT || r == -EBADMSG || r == -EOPNOTSUPP);
		PROMISE((r == -ENOENT) == !identifier_has_magic(block));
		PROMISE(memcmp(&id, &untouched, sizeof id) == 0);
		promise_sentence(&error);
		return;
	}
	PROMISE(is_consistent(&id));
	identifier_encode(&id, again);
	PROMISE(memcmp(again, block, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t block[IDENTIFIER_BYTES] = { 0 };

	memcpy(block, bytes, length < sizeof block ? length : sizeof block);
	decode(block);
	seal_block(block);
	decode(block);
	return 0;
}
