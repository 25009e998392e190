// SPDX-License-Identifier: GPL-2.0-only
#include "verify/repair.h"

#include <errno.h>
#include <stdlib.h>

#include "base/progress.h"
#include "verify/reedsolomon.h"
#include "verify/rootblock.h"

#define ROUNDS_AT_ONCE 64u	/* reads of 256 KiB, not of single blocks all over the disk */

struct bad_block {
	uint64_t block;
	uint8_t hash[HASH_BYTES];	/* what it should have */
	uint8_t *content;	/* of a tree block that was repaired; owned */
};

struct repair {
	const struct identifier *id;
	repair_read *read;
	void *context;
	struct reed_solomon rs;
	uint64_t data_blocks, covered, rounds;
	unsigned symbols;	/* of a codeword, without parity */
	struct bad_block *bad;
	size_t count, limit;	/* more than the limit cannot be repaired, and are only counted */
	bool too_many;
	uint8_t *syndromes, *symbol, *parity;	/* of ROUNDS_AT_ONCE rounds */
};

int repair_open(const struct identifier *id, repair_read *read, void *context, struct repair **ret)
{
	struct repair *repair = calloc(1, sizeof *repair);

	if (!repair)
		return -ENOMEM;
	repair->id = id;
	repair->read = read;
	repair->context = context;
	rs_init(&repair->rs, id->fec_roots);
	repair->data_blocks = id->erofs_length / BLOCK_BYTES;
	repair->covered = repair->data_blocks + hash_tree_blocks(repair->data_blocks);
	repair->rounds = fec_rounds(repair->covered, id->fec_roots);
	repair->symbols = FEC_CODEWORD_BYTES - id->fec_roots;
	repair->limit = (size_t)repair->rounds * id->fec_roots;
	repair->syndromes = malloc((size_t)ROUNDS_AT_ONCE * BLOCK_BYTES * id->fec_roots);
	repair->parity = malloc((size_t)ROUNDS_AT_ONCE * BLOCK_BYTES * id->fec_roots);
	repair->symbol = malloc((size_t)ROUNDS_AT_ONCE * BLOCK_BYTES);
	if (!repair->syndromes || !repair->parity || !repair->symbol) {
		repair_close(repair);
		return -ENOMEM;
	}
	*ret = repair;
	return 0;
}

void repair_close(struct repair *repair)
{
	if (!repair)
		return;
	for (size_t i = 0; i < repair->count; i++)
		free(repair->bad[i].content);
	free(repair->bad);
	free(repair->syndromes);
	free(repair->parity);
	free(repair->symbol);
	free(repair);
}

static bool is_in_tree(const struct repair *repair, uint64_t block)
{
	return block >= repair->data_blocks;
}

/* Puts the repaired ones of @count blocks from @first on in their places in @buffer. */
static void overlay(const struct repair *repair, uint64_t first, uint64_t count, uint8_t *buffer)
{
	for (size_t i = 0; i < repair->count; i++)
		if (repair->bad[i].content && repair->bad[i].block >= first && repair->bad[i].block - first < count)
			memcpy(buffer + (repair->bad[i].block - first) * BLOCK_BYTES, repair->bad[i].content, BLOCK_BYTES);
}

void repair_overlay(const struct repair *repair, uint64_t block, uint8_t content[static BLOCK_BYTES])
{
	overlay(repair, block, 1, content);
}

/* Covered blocks as they are, tree blocks repaired where that was done, zeros behind the last. */
static int read_covered(struct repair *repair, uint64_t block, uint64_t count, uint8_t *buffer)
{
	uint64_t end = block + count;

	memset(buffer, 0, count * BLOCK_BYTES);
	for (uint64_t at = block; at < end && at < repair->covered;) {
		uint64_t limit = is_in_tree(repair, at) ? repair->covered : repair->data_blocks;
		uint64_t step = (end < limit ? end : limit) - at;
		uint64_t skipped = is_in_tree(repair, at) ? repair->id->hash_offset / BLOCK_BYTES + 1 - repair->data_blocks : 0;
		int r = repair->read(repair->context, buffer + (at - block) * BLOCK_BYTES, step * BLOCK_BYTES, (at + skipped) * BLOCK_BYTES);

		if (r < 0)
			return r;
		at += step;
	}
	overlay(repair, block, count, buffer);
	return 0;
}

/* The syndromes of @count rounds from @first on. */
static int read_rounds(struct repair *repair, uint64_t first, uint64_t count)
{
	size_t width = (size_t)count * BLOCK_BYTES, parity_bytes = width * repair->rs.roots;
	int r = 0;

	memset(repair->syndromes, 0, parity_bytes);
	for (unsigned i = 0; r >= 0 && i < repair->symbols; i++) {
		r = read_covered(repair, first + i * repair->rounds, count, repair->symbol);
		if (r >= 0)
			rs_add_symbols(&repair->rs, repair->syndromes, repair->symbol, width);
	}
	if (r >= 0)
		r = repair->read(repair->context, repair->parity, parity_bytes,
				 repair->id->fec_offset + first * repair->rs.roots * BLOCK_BYTES);
	for (unsigned i = 0; r >= 0 && i < repair->rs.roots; i++) {
		for (size_t c = 0; c < width; c++)
			repair->symbol[c] = repair->parity[c * repair->rs.roots + i];
		rs_add_symbols(&repair->rs, repair->syndromes, repair->symbol, width);
	}
	return r;
}

/* One bad block from its round's syndromes, when it is the only one there. */
static int repair_tree_block(struct repair *repair, struct bad_block *bad)
{
	unsigned place = (unsigned)(bad->block / repair->rounds);
	uint8_t change[BLOCK_BYTES];
	uint8_t *content = malloc(BLOCK_BYTES);
	int r = content ? read_rounds(repair, bad->block % repair->rounds, 1) : -ENOMEM;

	if (r >= 0)
		r = read_covered(repair, bad->block, 1, content);
	if (r >= 0) {
		rs_solve(&repair->rs, repair->syndromes, BLOCK_BYTES, BLOCK_BYTES, &place, 1, change);
		for (size_t c = 0; c < BLOCK_BYTES; c++)
			content[c] ^= change[c];
		if (verify_block(content, repair->id->salt, bad->hash)) {
			bad->content = content;
			return 0;
		}
	}
	free(content);
	return r;
}

int repair_note_bad(struct repair *repair, uint64_t block, const uint8_t hash[static HASH_BYTES])
{
	struct bad_block *longer;

	if (repair->too_many || repair->count == repair->limit) {
		repair->too_many = true;
		return 0;
	}
	if ((repair->count & (repair->count - 1)) == 0) {
		longer = realloc(repair->bad, (repair->count ? 2 * repair->count : 1) * sizeof *longer);
		if (!longer)
			return -ENOMEM;
		repair->bad = longer;
	}
	repair->bad[repair->count] = (struct bad_block){ .block = block };
	memcpy(repair->bad[repair->count].hash, hash, HASH_BYTES);
	repair->count++;
	return is_in_tree(repair, block) ? repair_tree_block(repair, &repair->bad[repair->count - 1]) : 0;
}

/* The bad data blocks of a round together; @syndromes: where the round's begin. */
static int repair_data_blocks(struct repair *repair, struct bad_block *const *bad, unsigned count, const uint8_t *syndromes, size_t stride,
			      bool *ret_good)
{
	unsigned places[FEC_MAX_ROOTS];
	uint8_t *changes = malloc((size_t)count * BLOCK_BYTES), content[BLOCK_BYTES];
	int r = changes ? 0 : -ENOMEM;

	for (unsigned i = 0; i < count; i++)
		places[i] = (unsigned)(bad[i]->block / repair->rounds);
	if (changes)
		rs_solve(&repair->rs, syndromes, stride, BLOCK_BYTES, places, count, changes);
	*ret_good = true;
	for (unsigned i = 0; r >= 0 && i < count; i++) {
		r = read_covered(repair, bad[i]->block, 1, content);
		for (size_t c = 0; r >= 0 && c < BLOCK_BYTES; c++)
			content[c] ^= changes[(size_t)i * BLOCK_BYTES + c];
		if (r >= 0 && !verify_block(content, repair->id->salt, bad[i]->hash))
			*ret_good = false;
	}
	free(changes);
	return r;
}

static bool all_zero(const uint8_t *syndromes, size_t stride, unsigned roots)
{
	for (unsigned i = 0; i < roots; i++)
		for (size_t c = 0; c < BLOCK_BYTES; c++)
			if (syndromes[i * stride + c] != 0)
				return false;
	return true;
}

/* @at: where in the bad blocks, sorted by their rounds, this round begins; moved behind it. */
static int finish_round(struct repair *repair, uint64_t round, const uint8_t *syndromes, size_t stride, size_t *at, bool *all,
			uint64_t *bad_rounds)
{
	struct bad_block *data[FEC_MAX_ROOTS];
	unsigned count = 0;
	bool good = true, any = false;
	int r = 0;

	for (; *at < repair->count && repair->bad[*at].block % repair->rounds == round; ++*at) {
		struct bad_block *bad = &repair->bad[*at];

		any = true;
		if (is_in_tree(repair, bad->block))
			good = good && bad->content;	/* repaired when it was noted, or not at all */
		else if (count < repair->rs.roots)
			data[count++] = bad;
		else
			good = false;
	}
	if (good && count > 0)
		r = repair_data_blocks(repair, data, count, syndromes, stride, &good);
	else if (!any && !all_zero(syndromes, stride, repair->rs.roots))
		++*bad_rounds;
	*all = *all && good;
	return r;
}

static int by_round(const void *a, const void *b, void *context)
{
	const struct repair *repair = context;
	uint64_t x = ((const struct bad_block *)a)->block % repair->rounds, y = ((const struct bad_block *)b)->block % repair->rounds;

	return x < y ? -1 : x > y;
}

int repair_finish(struct repair *repair, bool *ret_all, uint64_t *ret_bad_rounds)
{
	bool all = !repair->too_many;
	uint64_t bad_rounds = 0;
	size_t at = 0;

	if (repair->count > 0)
		qsort_r(repair->bad, repair->count, sizeof *repair->bad, by_round, repair);
	for (uint64_t first = 0; first < repair->rounds; first += ROUNDS_AT_ONCE) {
		uint64_t count = repair->rounds - first < ROUNDS_AT_ONCE ? repair->rounds - first : ROUNDS_AT_ONCE;
		int r = read_rounds(repair, first, count);

		for (uint64_t i = 0; r >= 0 && i < count; i++)
			r = finish_round(repair, first + i, repair->syndromes + i * BLOCK_BYTES, (size_t)count * BLOCK_BYTES, &at, &all, &bad_rounds);
		if (r < 0)
			return r;
		progress_advance(count * FEC_CODEWORD_BYTES * BLOCK_BYTES);
	}
	*ret_all = all;
	*ret_bad_rounds = bad_rounds;
	return 0;
}
