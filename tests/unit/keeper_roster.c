// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "keeper/roster.h"

static struct roster roster;

static int start(void **state)
{
	(void)state;
	memset(&roster, 0, sizeof roster);
	return 0;
}

static void before_and_after(void **state)
{
	(void)state;
	roster_note(&roster, 8, 1, false);
	roster_note(&roster, 8, 17, true);
	assert_false(roster_is_new(&roster, 8, 1));
	assert_true(roster_is_new(&roster, 8, 17));
	/* An event that somebody asked the kernel for makes no new disk of it, and no old one. */
	roster_note(&roster, 8, 1, true);
	roster_note(&roster, 8, 17, false);
	assert_false(roster_is_new(&roster, 8, 1));
	assert_true(roster_is_new(&roster, 8, 17));
	assert_int_equal(roster.count, 2);
	roster_settle(&roster);
	assert_false(roster_is_new(&roster, 8, 17));
}

static void taken_away(void **state)
{
	(void)state;
	roster_note(&roster, 8, 1, false);
	roster_note(&roster, 8, 2, true);
	roster_note(&roster, 1, 8, false);
	roster_strike(&roster, 8, 1);
	roster_strike(&roster, 8, 3);
	assert_int_equal(roster.count, 2);
	roster_note(&roster, 8, 1, true);
	assert_true(roster_is_new(&roster, 8, 1));
	assert_true(roster_is_new(&roster, 8, 2));
	assert_false(roster_is_new(&roster, 1, 8));
}

static void told_once(void **state)
{
	(void)state;
	roster_note(&roster, 8, 1, true);
	roster_note(&roster, 8, 2, true);
	assert_true(roster_tell(&roster, 8, 1));
	assert_false(roster_tell(&roster, 8, 1));
	assert_true(roster_tell(&roster, 8, 2));
	/* Pulled and plugged in again, it is told of again. */
	roster_strike(&roster, 8, 1);
	roster_note(&roster, 8, 1, true);
	assert_true(roster_tell(&roster, 8, 1));
	roster_settle(&roster);
	assert_true(roster_tell(&roster, 8, 2));
	assert_true(roster_tell(&roster, 9, 9));
}

static void too_many(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROSTER_MAX_DISKS + 5; i++)
		roster_note(&roster, 259, i, false);
	assert_int_equal(roster.count, ROSTER_MAX_DISKS);
	assert_false(roster_is_new(&roster, 259, ROSTER_MAX_DISKS - 1));
	assert_true(roster_is_new(&roster, 259, ROSTER_MAX_DISKS));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(before_and_after, start), cmocka_unit_test_setup(taken_away, start),
	cmocka_unit_test_setup(told_once, start), cmocka_unit_test_setup(too_many, start),
};
RUN(tests)
