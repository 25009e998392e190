// SPDX-License-Identifier: GPL-2.0-only
/*
 * Up to 24 identifiers, each asked for in turn. The oracle tries all ways: what it can put together with
 * the one asked for must be found, and what is found must be an archive.
 */
#include "format/chunkset.h"

#include <errno.h>

#include "fuzz.h"

#define MAX_IDS 24u

struct set {
	struct identifier ids[MAX_IDS];
	size_t count;
};

static bool follows(const struct identifier *a, const struct identifier *b)
{
	return chunkset_same_archive(a, b) && b->chunk_index == a->chunk_index + 1 && b->chunk_offset == a->chunk_offset + a->chunk_length;
}

/* Marks all that can be reached from @first, forwards or backwards, step by step until nothing is added. */
static void reach(const struct set *set, size_t first, bool forwards, bool marks[static MAX_IDS])
{
	bool added = true;

	marks[first] = true;
	while (added) {
		added = false;
		for (size_t i = 0; i < set->count; i++)
			for (size_t k = 0; marks[i] && k < set->count; k++)
				if (!marks[k] && (forwards ? follows(&set->ids[i], &set->ids[k]) : follows(&set->ids[k], &set->ids[i])))
					added = marks[k] = true;
	}
}

static bool is_possible(const struct set *set, size_t first)
{
	bool after[MAX_IDS] = { false }, before[MAX_IDS] = { false }, begins = false, ends = false;

	reach(set, first, true, after);
	reach(set, first, false, before);
	for (size_t i = 0; i < set->count; i++) {
		begins |= before[i] && set->ids[i].chunk_index == 0;
		ends |= after[i] && set->ids[i].chunk_index + 1 == set->ids[i].chunk_count;
	}
	return begins && ends;
}

static void promise_order(const struct set *set, size_t first, const size_t *order, int chunks)
{
	const struct identifier *of = &set->ids[first];
	uint64_t offset = 0;
	bool has_first = false;

	PROMISE((uint32_t)chunks == of->chunk_count && (size_t)chunks <= set->count);
	for (uint32_t i = 0; i < (uint32_t)chunks; i++) {
		const struct identifier *id = &set->ids[order[i]];

		PROMISE(order[i] < set->count && id->chunk_index == i && chunkset_same_archive(id, of) && id->chunk_offset == offset);
		offset += id->chunk_length;
		has_first |= order[i] == first;
	}
	PROMISE(offset == of->total_length && has_first);
}

static void ask_for(const struct set *set, size_t first)
{
	size_t *order = malloc(set->count * sizeof *order);
	struct error error = { "" };
	int chunks;

	if (!order)
		abort();
	chunks = chunkset_order(set->ids, set->count, first, order, &error);
	PROMISE((chunks > 0) == is_possible(set, first));
	if (chunks > 0) {
		promise_order(set, first, order, chunks);
	} else {
		PROMISE(chunks == -ENODATA || chunks == -EBADMSG);
		promise_sentence(&error);
	}
	free(order);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	struct set set = { .count = 0 };

	while (input.left >= TAKEN_IDENTIFIER_BYTES && set.count < MAX_IDS)
		set.count += take_identifier(&input, &set.ids[set.count]);
	for (size_t first = 0; first < set.count; first++)
		ask_for(&set, first);
	return 0;
}
