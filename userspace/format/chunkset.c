// SPDX-License-Identifier: GPL-2.0-only
#include "format/chunkset.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define NONE SIZE_MAX

bool chunkset_same_archive(const struct identifier *a, const struct identifier *b)
{
	return memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0 && strcmp(a->name, b->name) == 0 &&
	       a->compat == b->compat && a->chunk_count == b->chunk_count && a->total_length == b->total_length &&
	       a->erofs_length == b->erofs_length && a->hash_offset == b->hash_offset &&
	       a->fec_offset == b->fec_offset && a->fec_roots == b->fec_roots &&
	       memcmp(a->salt, b->salt, sizeof a->salt) == 0 &&
	       memcmp(a->root_hash, b->root_hash, sizeof a->root_hash) == 0;
}

static size_t find_chunk(const struct identifier *ids, size_t count, const struct identifier *of, uint32_t index)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i].chunk_index == index && chunkset_same_archive(&ids[i], of))
			return i;
	return NONE;
}

/* "2, 3 and more": the numbers of the missing chunks as people count them, bounded. */
static int fail_missing(const struct identifier *ids, size_t count, const struct identifier *of, struct error *error)
{
	char list[64] = "";
	size_t used = 0;
	unsigned missing = 0;

	for (uint32_t index = 0; index < of->chunk_count && missing <= 8; index++) {
		if (find_chunk(ids, count, of, index) != NONE)
			continue;
		if (++missing <= 8)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%u", missing > 1 ? ", " : "", index + 1);
	}
	return fail(error, -ENODATA, "Archive \"%s\" lacks chunk %s%s of %u. Copy all its chunks to the same folder",
		    of->name, list, missing > 8 ? " and more" : "", of->chunk_count);
}

int chunkset_order(const struct identifier *ids, size_t count, size_t first, size_t *ret_order, struct error *error)
{
	const struct identifier *of = &ids[first];
	uint64_t offset = 0;

	/* The count comes from foreign bytes: more chunks than files is "missing" before any loop. */
	for (uint32_t index = 0; index < of->chunk_count; index++) {
		size_t found = index < count ? find_chunk(ids, count, of, index) : NONE;

		if (found == NONE)
			return fail_missing(ids, count, of, error);
		if (ids[found].chunk_offset != offset)
			return fail(error, -EBADMSG, "Chunk %u of archive \"%s\" does not begin where the one before it ends",
				    index + 1, of->name);
		offset += ids[found].chunk_length;
		ret_order[index] = found;
	}
	return (int)of->chunk_count;
}
