// SPDX-License-Identifier: GPL-2.0-only
/* Pure: no kernel interface beyond shim.h, so that host tests build this file too. */
#include "extents.h"

#define FIRST_ROOM 64

static int extents_resize(struct ukiblk_extents *x, u32 room)
{
	struct ukiblk_extent *at = ukiblk_alloc_array(room, sizeof(*at));

	if (!at)
		return -ENOMEM;
	if (x->count)
		memcpy(at, x->at, x->count * sizeof(*at));
	ukiblk_free_array(x->at);
	x->at = at;
	x->room = room;
	return 0;
}

static int extents_grow(struct ukiblk_extents *x)
{
	u32 room = x->room ? x->room : FIRST_ROOM / 2;

	if (x->count >= x->limit)
		return -E2BIG;
	return extents_resize(x, room > x->limit / 2 ? x->limit : room * 2);
}

u64 ukiblk_extents_length(const struct ukiblk_extents *x, u32 i)
{
	u64 end = i + 1 < x->count ? x->at[i + 1].logical : x->length;

	return end - x->at[i].logical;
}

static bool extents_continues(const struct ukiblk_extents *x, u64 physical)
{
	u32 last = x->count - 1;

	return x->count && x->at[last].physical + ukiblk_extents_length(x, last) == physical;
}

int ukiblk_extents_add(struct ukiblk_extents *x, u64 logical, u64 physical, u64 length)
{
	int r;

	if (!length || logical != x->length || logical + length < logical ||
	    physical + length < physical)
		return -EINVAL;
	if (!extents_continues(x, physical)) {
		r = x->count < x->room ? 0 : extents_grow(x);
		if (r)
			return r;
		x->at[x->count++] = (struct ukiblk_extent){ logical, physical };
	}
	x->length += length;
	return 0;
}

int ukiblk_extents_seal(struct ukiblk_extents *x, u64 length)
{
	if (!x->count || x->length != length)
		return -EINVAL;
	return x->count < x->room ? extents_resize(x, x->count) : 0;
}

bool ukiblk_extents_find(const struct ukiblk_extents *x, u64 logical, struct ukiblk_run *ret)
{
	u32 low = 0, high = x->count;
	u64 skip;

	if (logical >= x->length)
		return false;
	/* at[low] begins at or before the sector, at[high] (if there is one) behind it. */
	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;

		if (x->at[middle].logical <= logical)
			low = middle;
		else
			high = middle;
	}
	skip = logical - x->at[low].logical;
	ret->physical = x->at[low].physical + skip;
	ret->length = ukiblk_extents_length(x, low) - skip;
	return true;
}

void ukiblk_extents_free(struct ukiblk_extents *x)
{
	ukiblk_free_array(x->at);
	*x = (struct ukiblk_extents){ 0 };
}
