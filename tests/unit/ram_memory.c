// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "ram/memory.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static void parse(void **state)
{
	uint64_t bytes = 1;

	(void)state;
	assert_int_equal(memory_parse("MemTotal: 4000 kB\nMemFree:  100 kB\nMemAvailable:    2048 kB\nBuffers: 1 kB\n", &bytes), 0);
	assert_int_equal(bytes, 2 * MIB);
	assert_int_equal(memory_parse("MemAvailable: 0 kB\n", &bytes), 0);
	assert_int_equal(bytes, 0);
}

static void parse_refuses(void **state)
{
	static const char *const bad[] = { "", "MemTotal: 4000 kB\n", "MemAvailable: kB\n", "MemAvailable:", "MemAvailable: 18446744073709551615 kB\n" };
	uint64_t bytes = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(memory_parse(bad[i], &bytes), -EBADMSG);
		assert_int_equal(bytes, 7);
	}
}

static void reserve(void **state)
{
	(void)state;
	assert_int_equal(memory_reserve(0), 256 * MIB);
	assert_int_equal(memory_reserve(GIB), 256 * MIB);
	assert_int_equal(memory_reserve(10 * GIB), 10 * GIB / 100 * 20);
}

static void of_disk(void **state)
{
	(void)state;
	/* A node of 576 bytes for each 64 pages. */
	assert_int_equal(memory_of_disk(64 * 4096), 64 * 4096 + 2 * 576);
	assert_true(memory_of_disk(4 * GIB) < 4 * GIB + 4 * GIB / 400);
}

static void check(void **state)
{
	struct error error = { "" };

	(void)state;
	assert_int_equal(memory_check(GIB, 2 * GIB, &error), 0);
	/* The limit itself: what the copy takes and what stays free. */
	assert_int_equal(memory_check(100 * MIB, memory_of_disk(100 * MIB) + 256 * MIB, &error), 0);
	assert_refused(memory_check(100 * MIB, memory_of_disk(100 * MIB) + 256 * MIB - 1, &error), -ENOMEM, error,
		       "The archive needs 106 MB of memory and 268 MB must stay free, but 373 MB are available: the system stays on its disk");
	assert_refused(memory_check(GIB, 0, &error), -ENOMEM, error,
		       "The archive needs 1077 MB of memory and 268 MB must stay free, but 0 MB are available: the system stays on its disk");
	assert_int_equal(memory_check(UINT64_MAX / 2, 8 * GIB, &error), -ENOMEM);
}

static void lasts(void **state)
{
	(void)state;
	assert_true(memory_lasts(100 * MIB, memory_of_disk(100 * MIB) + 128 * MIB, 256 * MIB));
	assert_false(memory_lasts(100 * MIB, memory_of_disk(100 * MIB) + 128 * MIB - 1, 256 * MIB));
	assert_false(memory_lasts(0, 127 * MIB, 256 * MIB));
	assert_true(memory_lasts(0, 129 * MIB, 256 * MIB));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(parse), cmocka_unit_test(parse_refuses), cmocka_unit_test(reserve), cmocka_unit_test(of_disk),
	cmocka_unit_test(check), cmocka_unit_test(lasts),
};
RUN(tests)
