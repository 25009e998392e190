// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each identifier is a step from its offset to its end, and an archive is a way from 0 to the total
 * length through chunk 0, 1, 2, … An identifier that lies leads nowhere, and does not hide one that
 * fits.
 */
#include "format/chunkset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

#define NONE SIZE_MAX

struct step {
	const struct identifier *id;
	size_t place;	/* in the caller's list */
	size_t before;	/* the step that leads here; of chunk 0 itself; NONE */
	size_t arriving;	/* of the copies from this one on, the first that leads to the end; NONE */
};

bool chunkset_same_archive(const struct identifier *a, const struct identifier *b)
{
	return memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0 && strcmp(a->name, b->name) == 0 &&
	       a->compat == b->compat && a->chunk_count == b->chunk_count && a->total_length == b->total_length &&
	       a->erofs_length == b->erofs_length && a->hash_offset == b->hash_offset &&
	       a->fec_offset == b->fec_offset && a->fec_roots == b->fec_roots &&
	       memcmp(a->salt, b->salt, sizeof a->salt) == 0 &&
	       memcmp(a->root_hash, b->root_hash, sizeof a->root_hash) == 0;
}

static int compare_place(const struct step *step, uint32_t index, uint64_t offset)
{
	if (step->id->chunk_index != index)
		return step->id->chunk_index < index ? -1 : 1;
	return step->id->chunk_offset < offset ? -1 : step->id->chunk_offset > offset;
}

/* By chunk and offset; equal ones as they are listed. */
static int compare_steps(const void *left, const void *right)
{
	const struct step *a = left, *b = right;
	int order = compare_place(a, b->id->chunk_index, b->id->chunk_offset);

	return order ? order : a->place < b->place ? -1 : a->place > b->place;
}

static size_t list_steps(const struct identifier *ids, size_t count, const struct identifier *of, struct step *steps)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		if (chunkset_same_archive(&ids[i], of))
			steps[used++] = (struct step){ &ids[i], i, NONE, NONE };
	qsort(steps, used, sizeof *steps, compare_steps);
	return used;
}

/* The first step that is not before this place. */
static size_t find_step(const struct step *steps, size_t count, uint32_t index, uint64_t offset)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (compare_place(&steps[middle], index, offset) < 0)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* The first step at the end of this one; count when there is none. Identifiers are decoded: no overflow. */
static size_t find_next(const struct step *steps, size_t count, const struct step *of)
{
	uint64_t end = of->id->chunk_offset + of->id->chunk_length;
	size_t next = find_step(steps, count, of->id->chunk_index + 1, end);

	return next < count && compare_place(&steps[next], of->id->chunk_index + 1, end) == 0 ? next : count;
}

static bool is_same_place(const struct step *a, const struct step *b)
{
	return compare_place(a, b->id->chunk_index, b->id->chunk_offset) == 0;
}

/* From chunk 0 on: how each is reached. Copies stand side by side and are reached together. */
static void connect_begin(struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t next;

		if (steps[i].id->chunk_index == 0)
			steps[i].before = i;
		else if (i > 0 && is_same_place(&steps[i], &steps[i - 1]))
			steps[i].before = steps[i - 1].before;
		if (steps[i].before == NONE)
			continue;
		next = find_next(steps, count, &steps[i]);
		if (next < count && steps[next].before == NONE)
			steps[next].before = i;
	}
}

/* From the last chunk back: which of the copies at each place leads to the end. */
static void connect_end(struct step *steps, size_t count)
{
	for (size_t i = count; i-- > 0;) {
		size_t next = find_next(steps, count, &steps[i]);

		if (steps[i].id->chunk_index == steps[i].id->chunk_count - 1 || (next < count && steps[next].arriving != NONE))
			steps[i].arriving = i;
		else if (i + 1 < count && is_same_place(&steps[i], &steps[i + 1]))
			steps[i].arriving = steps[i + 1].arriving;
	}
}

/* "2, 3 and more": the numbers of the missing chunks as people count them, bounded. */
static int fail_missing(const struct step *steps, size_t count, struct error *error)
{
	const struct identifier *of = steps->id;
	char list[64] = "";
	size_t used = 0;
	unsigned missing = 0;

	for (uint32_t index = 0; index < of->chunk_count && missing <= 8; index++) {
		size_t at = find_step(steps, count, index, 0);

		if ((at < count && steps[at].id->chunk_index == index) || ++missing > 8)
			continue;
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%u", missing > 1 ? ", " : "", index + 1);
	}
	if (missing == 0)
		return 0;
	return fail(error, -ENODATA, "Archive \"%s\" lacks chunk %s%s of %u. Copy all its chunks to the same folder",
		    of->name, list, missing > 8 ? " and more" : "", of->chunk_count);
}

/* Names the chunk where the way through @through breaks off. */
static int fail_gap(const struct step *steps, size_t count, size_t through, struct error *error)
{
	const struct identifier *id = steps[through].id;
	uint32_t index = id->chunk_index;

	if (steps[through].before != NONE)
		for (size_t at = through; at < count; at = find_next(steps, count, &steps[at]))
			index = steps[at].id->chunk_index + 1;
	return fail(error, -EBADMSG, "Chunk %u of archive \"%s\" does not begin where the one before it ends", index + 1, id->name);
}

static int find_way(struct step *steps, size_t count, size_t first, size_t *ret_order, struct error *error)
{
	size_t through = 0;
	int r = fail_missing(steps, count, error);

	if (r < 0)
		return r;
	connect_begin(steps, count);
	connect_end(steps, count);
	while (steps[through].place != first)
		through++;
	if (steps[through].before == NONE || steps[through].arriving != through)
		return fail_gap(steps, count, through, error);
	for (size_t at = through;; at = steps[at].before) {
		ret_order[steps[at].id->chunk_index] = steps[at].place;
		if (steps[at].id->chunk_index == 0)
			break;
	}
	for (size_t at = find_next(steps, count, &steps[through]); at < count; at = find_next(steps, count, &steps[at])) {
		at = steps[at].arriving;
		ret_order[steps[at].id->chunk_index] = steps[at].place;
	}
	return (int)steps->id->chunk_count;
}

int chunkset_order(const struct identifier *ids, size_t count, size_t first, size_t *ret_order, struct error *error)
{
	autofree struct step *steps = calloc(count, sizeof *steps);

	if (!steps)
		return fail(error, -ENOMEM, "Out of memory");
	return find_way(steps, list_steps(ids, count, &ids[first], steps), first, ret_order, error);
}
