// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's extents, built from runs in the input, against the list of all runs. */
#include "../../kmod/extents.h"

#include "fuzz.h"

#define MAX_RUNS 256u
#define RUN_BYTES 8u

struct run {
	u64 logical, physical, length;
};

static void promise_lookup(const struct ukiblk_extents *extents, const struct run *run, u64 at)
{
	struct ukiblk_run found;

	PROMISE(ukiblk_extents_find(extents, run->logical + at, &found));
	PROMISE(found.physical == run->physical + at);
	PROMISE(found.length >= run->length - at && found.length <= extents->length - run->logical - at);
}

static void promise_extents(struct ukiblk_extents *extents, const struct run *runs, size_t count)
{
	struct ukiblk_run found = { 1, 2 };
	u64 sum = 0;

	PROMISE(extents->count <= count && extents->count <= extents->room && extents->room <= extents->limit);
	for (u32 i = 0; i < extents->count; i++)
		sum += ukiblk_extents_length(extents, i);
	PROMISE(sum == extents->length);
	for (size_t i = 0; i < count; i++) {
		promise_lookup(extents, &runs[i], 0);
		promise_lookup(extents, &runs[i], runs[i].length / 2);
		promise_lookup(extents, &runs[i], runs[i].length - 1);
	}
	PROMISE(!ukiblk_extents_find(extents, extents->length, &found) && found.physical == 1 && found.length == 2);
	PROMISE(ukiblk_extents_seal(extents, extents->length + 1) < 0);
	PROMISE((ukiblk_extents_seal(extents, extents->length) == 0) == (count > 0));
	if (count > 0)
		promise_lookup(extents, &runs[count - 1], 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	struct ukiblk_extents extents = { .limit = (u32)take_byte(&input) + 1 };
	struct run runs[MAX_RUNS];
	size_t count = 0;
	u64 physical = 0;

	while (input.left >= RUN_BYTES && count < MAX_RUNS) {
		const u64 where = take_number(&input, 4), skip = take_number(&input, 1);
		struct run run = { extents.length, where << (take_byte(&input) % 33), take_number(&input, 2) << (where % 49) };
		u64 sum;
		int r;

		/* Often where the last one ended: those are merged. */
		if (skip < 128)
			run.physical = physical + skip % 2;
		if (skip == 255)
			run.logical++;
		r = ukiblk_extents_add(&extents, run.logical, run.physical, run.length);
		PROMISE(r == 0 || r == -EINVAL || r == -E2BIG);
		PROMISE(r == -EINVAL ? run.length == 0 || run.logical != extents.length || __builtin_add_overflow(run.logical, run.length, &sum) ||
					       __builtin_add_overflow(run.physical, run.length, &sum)
				     : run.length > 0 && skip != 255);
		if (r < 0)
			continue;
		runs[count++] = run;
		physical = run.physical + run.length;
	}
	promise_extents(&extents, runs, count);
	ukiblk_extents_free(&extents);
	return 0;
}
