// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "base/bytes.h"

static void little_endian(void **state)
{
	/* One byte in front: nothing is aligned. */
	uint8_t bytes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0xf8 }, copy[9] = { 0 };

	(void)state;
	assert_int_equal(get_le16(bytes + 1), 0x0201);
	assert_int_equal(get_le32(bytes + 1), 0x04030201);
	assert_int_equal(get_le64(bytes + 1), UINT64_C(0xf807060504030201));
	put_le32(copy + 1, 0x04030201);
	assert_memory_equal(copy, bytes, 5);
	assert_int_equal(copy[5], 0);
	put_le64(copy + 1, UINT64_C(0xf807060504030201));
	assert_memory_equal(copy, bytes, 9);
}

static void sums(void **state)
{
	uint64_t sum = 77;

	(void)state;
	assert_false(add_u64(UINT64_MAX, 1, &sum));
	assert_false(add_u64(UINT64_C(1) << 63, UINT64_C(1) << 63, &sum));
	assert_int_equal(sum, 77);
	assert_true(add_u64(UINT64_MAX - 1, 1, &sum));
	assert_int_equal(sum, UINT64_MAX);
}

static void alignment(void **state)
{
	static const struct { uint64_t bytes, down, up; } rows[] = {
		{ 0, 0, 0 }, { 1, 0, 4096 }, { 4095, 0, 4096 }, { 4096, 4096, 4096 }, { 4097, 4096, 8192 },
		{ UINT64_C(0xffffffff), UINT64_C(0xfffff000), UINT64_C(0x100000000) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(block_align_down(rows[i].bytes), rows[i].down);
		assert_int_equal(block_align_up(rows[i].bytes), rows[i].up);
		assert_int_equal(is_block_aligned(rows[i].bytes), rows[i].bytes == rows[i].down);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(little_endian), cmocka_unit_test(sums), cmocka_unit_test(alignment),
};
RUN(tests)
