// SPDX-License-Identifier: GPL-2.0-only
/*
 * The extents of the module, on the host; TAP. Build and run:
 *   gcc -std=gnu11 -g -Wall -Wextra -fsanitize=address,undefined -o /tmp/t tests/kernel/unit-extents.c && /tmp/t
 */
#include <stdio.h>
#include <stdlib.h>

static int allocations_left = -1;	/* below zero: as many as asked for */

static void *test_alloc(size_t count, size_t size)
{
	if (!allocations_left)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return calloc(count, size);
}

#define ukiblk_alloc_array(count, size) test_alloc(count, size)
#define ukiblk_free_array(array) free(array)
#include "../../kmod/extents.c"

static unsigned int cases, failures;
static bool case_failed;

#define check(ok) do { \
	if (!(ok)) { \
		printf("# line %d: %s\n", __LINE__, #ok); \
		case_failed = true; \
	} \
} while (0)

static void merges(void)
{
	struct ukiblk_extents x = { .limit = 100 };

	check(!ukiblk_extents_add(&x, 0, 1000, 8));
	check(!ukiblk_extents_add(&x, 8, 1008, 8));
	check(x.count == 1 && x.length == 16);
	check(!ukiblk_extents_add(&x, 16, 1000, 8));	/* behind, and again the same place */
	check(!ukiblk_extents_add(&x, 24, 992, 8));	/* before */
	check(!ukiblk_extents_add(&x, 32, 1000, 1));
	check(x.count == 3 && x.length == 33);
	check(ukiblk_extents_length(&x, 0) == 16 && ukiblk_extents_length(&x, 2) == 9);
	ukiblk_extents_free(&x);
}

static void refuses(void)
{
	struct ukiblk_extents x = { .limit = 2 };

	check(ukiblk_extents_add(&x, 0, 0, 0) == -EINVAL);
	check(ukiblk_extents_add(&x, 1, 0, 1) == -EINVAL);
	check(ukiblk_extents_add(&x, 0, UINT64_MAX, 1) == -EINVAL);
	check(!ukiblk_extents_add(&x, 0, 50, 5));
	check(ukiblk_extents_add(&x, 4, 90, 5) == -EINVAL);
	check(ukiblk_extents_add(&x, 6, 90, 5) == -EINVAL);
	check(ukiblk_extents_add(&x, 5, 90, UINT64_MAX) == -EINVAL);
	check(!ukiblk_extents_add(&x, 5, 90, 5));
	check(ukiblk_extents_add(&x, 10, 200, 5) == -E2BIG);
	check(!ukiblk_extents_add(&x, 10, 95, 5));	/* merged: not one more */
	check(x.count == 2 && x.length == 15);
	ukiblk_extents_free(&x);
	x.limit = 0;
	check(ukiblk_extents_add(&x, 0, 0, 1) == -E2BIG);
}

static void seals(void)
{
	struct ukiblk_extents x = { .limit = 100 };

	check(ukiblk_extents_seal(&x, 0) == -EINVAL);
	check(!ukiblk_extents_add(&x, 0, 7, 5));
	check(ukiblk_extents_seal(&x, 4) == -EINVAL && ukiblk_extents_seal(&x, 6) == -EINVAL);
	check(!ukiblk_extents_seal(&x, 5) && x.room == 1);
	check(!ukiblk_extents_seal(&x, 5));
	ukiblk_extents_free(&x);
	check(!x.at && !x.count);
	ukiblk_extents_free(&x);
}

static void out_of_memory(void)
{
	struct ukiblk_extents x = { .limit = 1000 };

	allocations_left = 0;
	check(ukiblk_extents_add(&x, 0, 7, 5) == -ENOMEM && !x.count && !x.length);
	allocations_left = 1;
	for (u64 i = 0; i < 64; i++)
		check(!ukiblk_extents_add(&x, i, 2 * i, 1));
	check(ukiblk_extents_add(&x, 64, 1000, 1) == -ENOMEM && x.count == 64 && x.length == 64);
	allocations_left = -1;
	check(!ukiblk_extents_add(&x, 64, 1000, 1));
	allocations_left = 0;
	check(ukiblk_extents_seal(&x, 65) == -ENOMEM);
	allocations_left = -1;
	ukiblk_extents_free(&x);
}

/* Against the plainest description there is: one physical sector for each logical one. */
static void looks_up(unsigned int seed)
{
	static u64 plain[20000];
	struct ukiblk_extents x = { .limit = 100000 };
	struct ukiblk_run run = { 77, 77 };
	u64 n = 0, i, sum = 0;

	srand(seed);
	check(!ukiblk_extents_find(&x, 0, &run) && run.physical == 77);
	while (n < 19000) {
		u64 length = 1 + rand() % 40, physical = rand() % 3 && n ? plain[n - 1] + 1 : (u64)rand() % 100000;

		check(!ukiblk_extents_add(&x, n, physical, length));
		for (i = 0; i < length; i++)
			plain[n++] = physical + i;
	}
	check(!ukiblk_extents_seal(&x, n));
	for (i = 0; i < n; i++) {
		u64 length = 1;

		while (i + length < n && plain[i + length] == plain[i] + length)
			length++;
		check(ukiblk_extents_find(&x, i, &run) && run.physical == plain[i] && run.length == length);
	}
	for (i = 0; i < x.count; i++)
		sum += ukiblk_extents_length(&x, i);
	check(sum == n);
	check(!ukiblk_extents_find(&x, n, &run) && !ukiblk_extents_find(&x, UINT64_MAX, &run));
	ukiblk_extents_free(&x);
}

static void looks_up_random(void)
{
	for (unsigned int seed = 0; seed < 20; seed++)
		looks_up(seed);
}

static void run_case(void (*run)(void), const char *what)
{
	case_failed = false;
	run();
	failures += case_failed;
	printf("%sok %u - extents: %s\n", case_failed ? "not " : "", ++cases, what);
}

int main(void)
{
	printf("1..5\n");
	run_case(merges, "merge when logical and physical go on");
	run_case(refuses, "refuse gaps, overflows and too many");
	run_case(seals, "seal checks the length and is repeatable");
	run_case(out_of_memory, "no memory leaves what was there");
	run_case(looks_up_random, "look-up agrees with a flat list");
	return failures != 0;
}
