// SPDX-License-Identifier: GPL-2.0-only
/* verify/reedsolomon.c, and the arithmetic of format/hashtree.c. That the code is dm-verity's, tests/tool shows with veritysetup. */
#include "unit.h"

#include "verify/reedsolomon.h"

#define WIDTH 5u

static uint8_t symbols[FEC_CODEWORD_BYTES][WIDTH];
static uint8_t syndromes[FEC_MAX_ROOTS * WIDTH];

static void take_syndromes(const struct reed_solomon *rs)
{
	memset(syndromes, 0, sizeof syndromes);
	for (unsigned i = 0; i < FEC_CODEWORD_BYTES; i++)
		rs_add_symbols(rs, syndromes, symbols[i], WIDTH);
}

static bool is_codeword(const struct reed_solomon *rs)
{
	take_syndromes(rs);
	for (size_t i = 0; i < sizeof syndromes; i++)
		if (syndromes[i] != 0)
			return false;
	return true;
}

static void solve(const struct reed_solomon *rs, const unsigned *places, unsigned count)
{
	uint8_t changes[FEC_MAX_ROOTS * WIDTH];

	take_syndromes(rs);
	rs_solve(rs, syndromes, WIDTH, WIDTH, places, count, changes);
	for (unsigned k = 0; k < count; k++)
		for (unsigned c = 0; c < WIDTH; c++)
			symbols[places[k]][c] ^= changes[k * WIDTH + c];
}

/* Parity is what makes anything a codeword: unknown symbols at the last places. */
static void make_codeword(const struct reed_solomon *rs)
{
	unsigned places[FEC_MAX_ROOTS];

	for (unsigned i = 0; i < FEC_CODEWORD_BYTES; i++)
		for (unsigned c = 0; c < WIDTH; c++)
			symbols[i][c] = (uint8_t)(i * 37 + c * 101 + i * i);
	for (unsigned i = 0; i < rs->roots; i++)
		places[i] = FEC_CODEWORD_BYTES - rs->roots + i;
	assert_false(is_codeword(rs));
	solve(rs, places, rs->roots);
	assert_true(is_codeword(rs));
}

/*
 * Two bytes of parity by hand: of the message 00 … 00 01 they are the generator (x + 1)(x + 2) = x² + 3x + 2
 * without its first coefficient.
 */
static void generator(void **state)
{
	static const unsigned places[] = { 253, 254 };
	struct reed_solomon rs;

	(void)state;
	rs_init(&rs, 2);
	memset(symbols, 0, sizeof symbols);
	memset(symbols[252], 1, WIDTH);
	solve(&rs, places, 2);
	for (unsigned c = 0; c < WIDTH; c++) {
		assert_int_equal(symbols[253][c], 3);
		assert_int_equal(symbols[254][c], 2);
	}
}

/* As many lost symbols as there are roots come back, at whatever places and in whatever order. */
static void lost_symbols(void **state)
{
	static const unsigned roots[] = { 2, 3, 8, 24 };

	(void)state;
	for (size_t r = 0; r < COUNT(roots); r++) {
		struct reed_solomon rs;

		rs_init(&rs, roots[r]);
		for (unsigned count = 1; count <= roots[r]; count++) {
			uint8_t whole[FEC_CODEWORD_BYTES][WIDTH];
			unsigned places[FEC_MAX_ROOTS];

			make_codeword(&rs);
			memcpy(whole, symbols, sizeof whole);
			for (unsigned i = 0; i < count; i++) {
				places[i] = (254 - i * 97 % 255 + count * 11) % 255;
				memset(symbols[places[i]], (int)(0x5a + i), WIDTH);
			}
			solve(&rs, places, count);
			assert_memory_equal(symbols, whole, sizeof whole);
		}
	}
}

/* One error more than is known of: what comes out is no codeword, or not the one that was. */
static void one_too_many(void **state)
{
	static const unsigned places[] = { 3, 200 };
	struct reed_solomon rs;
	uint8_t whole[FEC_CODEWORD_BYTES][WIDTH];

	(void)state;
	rs_init(&rs, 2);
	make_codeword(&rs);
	memcpy(whole, symbols, sizeof whole);
	symbols[3][0] ^= 1;
	symbols[200][0] ^= 2;
	symbols[90][0] ^= 4;
	solve(&rs, places, 2);
	assert_memory_not_equal(symbols, whole, sizeof whole);
}

static void sizes(void **state)
{
	static const struct { uint64_t data, tree, parity2, parity24; } rows[] = {
		{ 2, 1, 2, 24 }, { 128, 1, 2, 24 }, { 129, 3, 2, 24 }, { 250, 3, 2, 48 }, { 251, 3, 4, 48 },
		{ 16384, 129, 132, 1728 }, { 16385, 132, 132, 1728 }, { UINT64_C(1) << 20, 8192 + 64 + 1, 8356, 109824 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t covered = rows[i].data + rows[i].tree;

		assert_int_equal(hash_tree_blocks(rows[i].data), rows[i].tree);
		assert_int_equal(fec_parity_blocks(covered, 2), rows[i].parity2);
		assert_int_equal(fec_parity_blocks(covered, 24), rows[i].parity24);
	}
	assert_int_equal(hash_tree_blocks(1), 0);
	assert_true(hash_tree_blocks(UINT64_MAX / BLOCK_BYTES) > UINT64_MAX / BLOCK_BYTES / 128);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(generator), cmocka_unit_test(lost_symbols), cmocka_unit_test(one_too_many), cmocka_unit_test(sizes),
};
RUN(tests)
