// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "verify/veritytable.h"

#define ROOT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SALT "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define START "1 253:0 253:0 4096 4096 "

static void plain(void **state)
{
	struct identifier id;

	(void)state;
	assert_int_equal(verity_table_parse(START "2550 2551 sha256 " ROOT " " SALT, &id), 0);
	assert_int_equal(id.erofs_length, 2550 * 4096);
	assert_int_equal(id.hash_offset, 2550 * 4096);
	assert_int_equal(id.chunk_count, 1);
	assert_int_equal(id.fec_roots + id.fec_offset, 0);
	assert_int_equal(id.root_hash[1], 0x11);
	assert_int_equal(id.salt[1], 0xee);
}

static void with_parity(void **state)
{
	struct identifier id;

	(void)state;
	assert_int_equal(verity_table_parse(START "100 101 sha256 " ROOT " " SALT " 9 restart_on_corruption use_fec_from_device 253:0 fec_blocks 103 "
					    "fec_start 104 fec_roots 24", &id), 0);
	assert_int_equal(id.fec_roots, 24);
	assert_int_equal(id.fec_offset, 104 * 4096);
	assert_int_equal(verity_table_parse(START "100 101 sha256 " ROOT " " SALT " 1 panic_on_corruption", &id), 0);
	assert_int_equal(id.fec_roots, 0);
}

static void refused(void **state)
{
	static const char *const bad[] = {
		"", "0 253:0 253:0 4096 4096 100 101 sha256 " ROOT " " SALT, "1 253:0 253:0 1024 4096 100 101 sha256 " ROOT " " SALT,
		"1 253:0 253:0 4096 512 100 101 sha256 " ROOT " " SALT, START "100 101 sha512 " ROOT " " SALT, START "100 101 sha256 " ROOT,
		START "100 101 sha256 " ROOT " -", START "100 101 sha256 " ROOT "0 " SALT, START "100 101 sha256 " ROOT " " SALT "0",
		START "100 0 sha256 " ROOT " " SALT, START "99999999999999999 101 sha256 " ROOT " " SALT,
		START "100 101 sha256 " ROOT " " SALT " 2 fec_roots 2", START "100 101 sha256 " ROOT " " SALT " 2 fec_start 104",
	};
	struct identifier id, untouched;

	(void)state;
	memset(&id, 0x5a, sizeof id);
	untouched = id;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (verity_table_parse(bad[i], &id) != -EBADMSG)
			fail_msg("taken: %s", bad[i]);
	assert_memory_equal(&id, &untouched, sizeof id);
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(plain), cmocka_unit_test(with_parity), cmocka_unit_test(refused) };
RUN(tests)
