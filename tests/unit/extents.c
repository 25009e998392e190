// SPDX-License-Identifier: GPL-2.0-only
/* The module's extents (kmod/extents.c), with an allocator that can fail. */
#include "unit.h"

static int allocations_left = -1;	/* below zero: as many as asked for */

static void *test_alloc(size_t count, size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return calloc(count, size);
}

#define ukiblk_alloc_array(count, size) test_alloc(count, size)
#define ukiblk_free_array(array) free(array)
#include "../../kmod/extents.c"

static void merging(void **state)
{
	struct ukiblk_extents x = { .limit = 100 };

	(void)state;
	assert_int_equal(ukiblk_extents_add(&x, 0, 1000, 8), 0);
	assert_int_equal(ukiblk_extents_add(&x, 8, 1008, 8), 0);
	assert_int_equal(x.count, 1);
	assert_int_equal(ukiblk_extents_add(&x, 16, 1000, 8), 0);	/* behind, and again the same place */
	assert_int_equal(ukiblk_extents_add(&x, 24, 992, 8), 0);	/* before */
	assert_int_equal(ukiblk_extents_add(&x, 32, 1000, 1), 0);	/* and on from there */
	assert_int_equal(x.count, 3);
	assert_int_equal(x.length, 33);
	assert_int_equal(ukiblk_extents_length(&x, 0), 16);
	assert_int_equal(ukiblk_extents_length(&x, 1), 8);
	assert_int_equal(ukiblk_extents_length(&x, 2), 9);
	ukiblk_extents_free(&x);
}

static void refusals(void **state)
{
	struct ukiblk_extents x = { .limit = 2 };

	(void)state;
	assert_int_equal(ukiblk_extents_add(&x, 0, 0, 0), -EINVAL);
	assert_int_equal(ukiblk_extents_add(&x, 1, 0, 1), -EINVAL);
	assert_int_equal(ukiblk_extents_add(&x, 0, UINT64_MAX, 1), -EINVAL);
	assert_int_equal(ukiblk_extents_add(&x, 0, 50, 5), 0);
	assert_int_equal(ukiblk_extents_add(&x, 4, 90, 5), -EINVAL);
	assert_int_equal(ukiblk_extents_add(&x, 6, 90, 5), -EINVAL);
	assert_int_equal(ukiblk_extents_add(&x, 5, 90, UINT64_MAX), -EINVAL);
	assert_int_equal(ukiblk_extents_add(&x, 5, 90, 5), 0);
	assert_int_equal(ukiblk_extents_add(&x, 10, 200, 5), -E2BIG);
	assert_int_equal(ukiblk_extents_add(&x, 10, 95, 5), 0);	/* merged: not one more */
	assert_int_equal(x.count, 2);
	assert_int_equal(x.length, 15);
	ukiblk_extents_free(&x);
	assert_int_equal(ukiblk_extents_add(&x, 0, 0, 1), -E2BIG);	/* no limit was set */
}

static void sealing(void **state)
{
	struct ukiblk_extents x = { .limit = 100 };

	(void)state;
	assert_int_equal(ukiblk_extents_seal(&x, 0), -EINVAL);
	assert_int_equal(ukiblk_extents_add(&x, 0, 7, 5), 0);
	assert_int_equal(ukiblk_extents_seal(&x, 4), -EINVAL);
	assert_int_equal(ukiblk_extents_seal(&x, 6), -EINVAL);
	assert_int_equal(ukiblk_extents_seal(&x, 5), 0);
	assert_int_equal(x.room, 1);
	assert_int_equal(ukiblk_extents_seal(&x, 5), 0);
	ukiblk_extents_free(&x);
	assert_null(x.at);
	ukiblk_extents_free(&x);
}

static void borders(void **state)
{
	struct ukiblk_extents x = { .limit = 3 };
	static const struct { u64 logical, physical, length; } rows[] = {
		{ 0, 100, 8 }, { 7, 107, 1 }, { 8, 500, 1 }, { 9, 0, 16 }, { 10, 1, 15 }, { 24, 15, 1 },
	};
	struct ukiblk_run run = { 77, 78 };

	(void)state;
	assert_false(ukiblk_extents_find(&x, 0, &run));
	assert_int_equal(ukiblk_extents_add(&x, 0, 100, 8), 0);
	assert_int_equal(ukiblk_extents_add(&x, 8, 500, 1), 0);
	assert_int_equal(ukiblk_extents_add(&x, 9, 0, 16), 0);
	assert_false(ukiblk_extents_find(&x, 25, &run));
	assert_false(ukiblk_extents_find(&x, UINT64_MAX, &run));
	assert_int_equal(run.physical, 77);
	assert_int_equal(run.length, 78);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(ukiblk_extents_find(&x, rows[i].logical, &run));
		assert_int_equal(run.physical, rows[i].physical);
		assert_int_equal(run.length, rows[i].length);
	}
	ukiblk_extents_free(&x);
}

static void out_of_memory(void **state)
{
	struct ukiblk_extents x = { .limit = 1000 };

	(void)state;
	allocations_left = 0;
	assert_int_equal(ukiblk_extents_add(&x, 0, 7, 5), -ENOMEM);
	assert_int_equal(x.count + x.length, 0);
	allocations_left = 1;
	for (u64 i = 0; i < 64; i++)
		assert_int_equal(ukiblk_extents_add(&x, i, 2 * i, 1), 0);
	assert_int_equal(ukiblk_extents_add(&x, 64, 1000, 1), -ENOMEM);
	assert_int_equal(x.length, 64);
	allocations_left = -1;
	assert_int_equal(ukiblk_extents_add(&x, 64, 1000, 1), 0);
	allocations_left = 0;
	assert_int_equal(ukiblk_extents_seal(&x, 65), -ENOMEM);
	allocations_left = -1;
	ukiblk_extents_free(&x);
}

/* Against the plainest description there is: one physical sector for each logical one. */
static void compare_with_flat_list(unsigned seed)
{
	static u64 plain[20000];
	struct ukiblk_extents x = { .limit = 100000 };
	u64 n = 0, sum = 0;

	srand(seed);
	while (n < 19000) {
		u64 length = 1 + (u64)rand() % 40, physical = rand() % 3 && n ? plain[n - 1] + 1 : (u64)rand() % 100000;

		assert_int_equal(ukiblk_extents_add(&x, n, physical, length), 0);
		for (u64 i = 0; i < length; i++)
			plain[n++] = physical + i;
	}
	assert_int_equal(ukiblk_extents_seal(&x, n), 0);
	for (u64 i = 0; i < n; i++) {
		struct ukiblk_run run;
		u64 length = 1;

		while (i + length < n && plain[i + length] == plain[i] + length)
			length++;
		assert_true(ukiblk_extents_find(&x, i, &run) && run.physical == plain[i] && run.length == length);
	}
	for (u32 i = 0; i < x.count; i++)
		sum += ukiblk_extents_length(&x, i);
	assert_int_equal(sum, n);
	ukiblk_extents_free(&x);
}

static void many(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 20; seed++)
		compare_with_flat_list(seed);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(merging), cmocka_unit_test(refusals), cmocka_unit_test(sealing), cmocka_unit_test(borders),
	cmocka_unit_test(out_of_memory), cmocka_unit_test(many),
};
RUN(tests)
