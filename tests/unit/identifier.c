// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <openssl/sha.h>

#include "base/io.h"
#include "format/identifier.h"

#define CHECKSUM_OFFSET (IDENTIFIER_BYTES - HASH_BYTES)

static void seal(uint8_t *block)
{
	SHA256(block, CHECKSUM_OFFSET, block + CHECKSUM_OFFSET);
}

/* Decoding fails so, and leaves the result alone. */
static void assert_block_refused(const uint8_t *block, int code, const char *sentence)
{
	struct identifier id, untouched;
	struct error error;

	memset(&id, 0x5a, sizeof id);
	untouched = id;
	assert_refused(identifier_decode(block, &id, &error), code, error, sentence);
	assert_memory_equal(&id, &untouched, sizeof id);
}

static struct identifier golden_fields(void)
{
	struct identifier id = {
		.compat = 0x80000001,
		.name = "golden-1.0_x",
		.chunk_index = 1,
		.chunk_count = 3,
		.chunk_length = 61440,
		.chunk_offset = 61440,
		.total_length = 167936,
		.erofs_length = 147456,
		.hash_offset = 147456,
		.fec_offset = 155648,
		.fec_roots = 2,
	};

	for (unsigned i = 0; i < 16; i++)
		id.uuid[i] = (uint8_t)(i * 0x11);
	for (unsigned i = 0; i < HASH_BYTES; i++) {
		id.salt[i] = (uint8_t)i;
		id.root_hash[i] = (uint8_t)(0xe0 + i);
	}
	return id;
}

/* golden.bin was not made by this code: tests/corpus/identifier/make-golden. */
static void golden(void **state)
{
	const struct identifier wanted = golden_fields();
	struct identifier id = { 0 };
	uint8_t block[IDENTIFIER_BYTES];
	struct error error;
	size_t length;
	char *file;

	(void)state;
	assert_int_equal(io_read_file("../corpus/identifier/golden.bin", 65536, &file, &length), 0);
	assert_int_equal(length, IDENTIFIER_BYTES);
	identifier_encode(&wanted, block);
	assert_memory_equal(block, file, IDENTIFIER_BYTES);
	assert_int_equal(identifier_decode((uint8_t *)file, &id, &error), 0);
	assert_memory_equal(&id, &wanted, sizeof id);
	free(file);
}

static void round_trip(void **state)
{
	struct identifier ids[] = { unit_identifier(), unit_chunk(0), unit_chunk(1), unit_chunk(2), golden_fields() };

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct identifier back = { 0 };
		uint8_t block[IDENTIFIER_BYTES];
		struct error error;

		identifier_encode(&ids[i], block);
		assert_true(identifier_has_magic(block));
		assert_int_equal(identifier_decode(block, &back, &error), 0);
		assert_memory_equal(&back, &ids[i], sizeof back);
	}
}

static void every_byte_counts(void **state)
{
	const struct identifier id = golden_fields();
	uint8_t block[IDENTIFIER_BYTES];

	(void)state;
	identifier_encode(&id, block);
	for (unsigned i = 0; i < IDENTIFIER_BYTES; i++) {
		uint8_t flip = (uint8_t)(1u << i % 8);

		block[i] ^= flip;
		assert_int_equal(identifier_has_magic(block), i >= 16);
		if (i < 16)
			assert_block_refused(block, -ENOENT, "No identifier at its end");
		else
			assert_block_refused(block, -EBADMSG,
					     "The identifier is damaged: its checksum is wrong. Copy the file again");
		block[i] ^= flip;
	}
}

/* A number at its place (FORMAT.md) in an otherwise good block with a good checksum. */
struct change {
	unsigned offset, bytes;
	uint64_t value;
	int code;
	const char *sentence;
};

static void poke(uint8_t *block, unsigned offset, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		block[offset + i] = (uint8_t)(value >> 8 * i);
}

static void refuse_changes(const struct identifier *id, const struct change *changes, size_t count)
{
	uint8_t block[IDENTIFIER_BYTES];

	for (size_t i = 0; i < count; i++) {
		identifier_encode(id, block);
		poke(block, changes[i].offset, changes[i].bytes, changes[i].value);
		seal(block);
		assert_block_refused(block, changes[i].code, changes[i].sentence);
	}
}

static void newer_writers(void **state)
{
	const struct identifier id = unit_identifier();
	static const struct change changes[] = {
		{ 16, 4, 0, -EOPNOTSUPP, "The identifier has version 0; this program reads version 1" },
		{ 16, 4, 2, -EOPNOTSUPP, "The identifier has version 2; this program reads version 1" },
		{ 16, 4, UINT32_MAX, -EOPNOTSUPP, "The identifier has version 4294967295; this program reads version 1" },
		{ 24, 4, 6, -EOPNOTSUPP, "The archive needs the unknown feature bit 1; use a newer ukiblk" },
		{ 172, 4, 0, -EOPNOTSUPP, "The archive uses the unknown hash algorithm 0" },
		{ 172, 4, 2, -EOPNOTSUPP, "The archive uses the unknown hash algorithm 2" },
	};

	(void)state;
	refuse_changes(&id, changes, COUNT(changes));
	for (unsigned bit = 0; bit < 32; bit++) {
		char sentence[128];
		const struct change change = { 24, 4, UINT64_C(1) << bit, -EOPNOTSUPP, sentence };

		snprintf(sentence, sizeof sentence, "The archive needs the unknown feature bit %u; use a newer ukiblk", bit);
		refuse_changes(&id, &change, 1);
	}
}

static void reserved_bytes(void **state)
{
	const struct identifier id = unit_identifier();

	(void)state;
	for (unsigned offset = 28; offset < CHECKSUM_OFFSET; offset++) {
		const struct change change = { offset, 1, 1u << offset % 8, -EBADMSG, "Reserved bytes of the identifier are not zero" };

		refuse_changes(&id, &change, 1);
		if (offset == 31)
			offset = 239;
	}
}

static void names(void **state)
{
	static const struct { const char *bytes; size_t length; } bad[] = {
		{ "\0", 1 }, { ".a", 3 }, { "-a", 3 }, { "a b", 4 }, { "a/b", 4 }, { "a\nb", 4 }, { "a%b", 4 }, { "\xc3\xa4", 3 },
		{ "a\0b", 4 },	/* not zero to the end */
		{ "1234567890123456789012345678901234567890123456789012345678901234", 64 },	/* no NUL */
	};
	const struct identifier id = unit_identifier();
	uint8_t block[IDENTIFIER_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		identifier_encode(&id, block);
		memset(block + 48, 0, 64);
		memcpy(block + 48, bad[i].bytes, bad[i].length);
		seal(block);
		assert_block_refused(block, -EBADMSG, "The archive's name in the identifier is not a valid name");
	}
	assert_true(identifier_is_name("a"));
	assert_true(identifier_is_name("AZaz09._-"));
	assert_true(identifier_is_name("123456789012345678901234567890123456789012345678901234567890123"));
	assert_false(identifier_is_name("1234567890123456789012345678901234567890123456789012345678901234"));
	assert_false(identifier_is_name(""));
	assert_false(identifier_is_name(".."));
}

#define NOT_ALIGNED "A length in the identifier is not a multiple of 4096"
#define OUTSIDE "The identifier puts the chunk outside the archive"
#define WRONG_PLACE "The identifier's chunk number does not fit its place in the archive"
#define NO_TREE "The identifier's lengths of filesystem and hash tree contradict each other"
#define NO_FEC "The identifier's error correction fields contradict each other"

static void contradictions(void **state)
{
	/* One chunk of 5 blocks, 3 of them the filesystem. */
	static const struct change changes[] = {
		{ 116, 4, 0, -EBADMSG, "The identifier says chunk 0 of 0" },
		{ 116, 4, 4097, -EBADMSG, "The identifier says chunk 0 of 4097" },
		{ 116, 4, UINT32_MAX, -EBADMSG, "The identifier says chunk 0 of 4294967295" },
		{ 112, 4, 1, -EBADMSG, "The identifier says chunk 1 of 1" },
		{ 112, 4, UINT32_MAX, -EBADMSG, "The identifier says chunk 4294967295 of 1" },
		{ 120, 8, 20481, -EBADMSG, NOT_ALIGNED },
		{ 128, 8, 512, -EBADMSG, NOT_ALIGNED },
		{ 136, 8, 20479, -EBADMSG, NOT_ALIGNED },
		{ 144, 8, 12289, -EBADMSG, NOT_ALIGNED },
		{ 152, 8, 12800, -EBADMSG, NOT_ALIGNED },
		{ 160, 8, 1, -EBADMSG, NOT_ALIGNED },
		{ 120, 8, 0, -EBADMSG, OUTSIDE },
		{ 120, 8, 24576, -EBADMSG, OUTSIDE },
		{ 128, 8, 4096, -EBADMSG, OUTSIDE },
		{ 128, 8, UINT64_C(0xfffffffffffff000), -EBADMSG, OUTSIDE },	/* the sum begins again at 0 */
		{ 136, 8, 16384, -EBADMSG, OUTSIDE },
		{ 136, 8, UINT64_C(0x8000000000000000), -EBADMSG, OUTSIDE },	/* no file offset */
		{ 136, 8, 24576, -EBADMSG, WRONG_PLACE },	/* the only chunk is not the last */
		{ 116, 4, 2, -EBADMSG, WRONG_PLACE },	/* the first of two ends the archive */
		{ 144, 8, 0, -EBADMSG, NO_TREE },
		{ 144, 8, 4096, -EBADMSG, NO_TREE },
		{ 144, 8, 16384, -EBADMSG, NO_TREE },	/* passes the hash tree's begin */
		{ 152, 8, 8192, -EBADMSG, NO_TREE },	/* the tree inside the filesystem */
		{ 152, 8, 16384, -EBADMSG, NO_TREE },	/* a superblock, but no root block */
		{ 152, 8, UINT64_C(0xfffffffffffff000), -EBADMSG, NO_TREE },
		{ 160, 8, 4096, -EBADMSG, NO_TREE },	/* parity in front of the tree */
		{ 160, 8, 16384, -EBADMSG, NO_TREE },	/* and in it */
		{ 160, 8, 24576, -EBADMSG, NO_TREE },	/* and behind the end */
		{ 160, 8, 20480, -EBADMSG, NO_FEC },	/* without roots */
		{ 168, 4, 2, -EBADMSG, NO_FEC },	/* roots without parity */
	};
	const struct identifier id = unit_identifier();

	(void)state;
	refuse_changes(&id, changes, COUNT(changes));
}

static void chunks_out_of_place(void **state)
{
	static const struct change first[] = { { 128, 8, 4096, -EBADMSG, WRONG_PLACE } };
	static const struct change middle[] = {
		{ 128, 8, 0, -EBADMSG, WRONG_PLACE },
		{ 128, 8, 12288, -EBADMSG, WRONG_PLACE },	/* ends where only the last may */
		{ 112, 4, 0, -EBADMSG, WRONG_PLACE },
		{ 112, 4, 2, -EBADMSG, WRONG_PLACE },
	};
	static const struct change last[] = {
		{ 128, 8, 12288, -EBADMSG, WRONG_PLACE },
		{ 112, 4, 1, -EBADMSG, WRONG_PLACE },
		{ 128, 8, 20480, -EBADMSG, OUTSIDE },
	};
	const struct identifier ids[] = { unit_chunk(0), unit_chunk(1), unit_chunk(2) };

	(void)state;
	refuse_changes(&ids[0], first, COUNT(first));
	refuse_changes(&ids[1], middle, COUNT(middle));
	refuse_changes(&ids[2], last, COUNT(last));
}

static void error_correction(void **state)
{
	struct identifier id = unit_identifier(), back;
	uint8_t block[IDENTIFIER_BYTES];
	struct error error;
	static const uint32_t good[] = { 2, 3, 24 }, bad[] = { 0, 1, 25, UINT32_MAX };

	(void)state;
	/* One round: as many blocks as roots. */
	id.fec_offset = 5 * BLOCK_BYTES;
	id.total_length = id.chunk_length = id.fec_offset + 24 * BLOCK_BYTES;
	for (size_t i = 0; i < COUNT(good); i++) {
		id.fec_roots = good[i];
		identifier_encode(&id, block);
		assert_int_equal(identifier_decode(block, &back, &error), 0);
		assert_int_equal(back.fec_roots, good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		id.fec_roots = bad[i];
		identifier_encode(&id, block);
		assert_block_refused(block, -EBADMSG, NO_FEC);
	}
	id.fec_roots = 24;
	id.total_length -= BLOCK_BYTES;	/* one block of parity too few */
	id.chunk_length = id.total_length;
	identifier_encode(&id, block);
	assert_block_refused(block, -EBADMSG, NO_FEC);
	id.fec_roots = 23;
	identifier_encode(&id, block);
	assert_int_equal(identifier_decode(block, &back, &error), 0);
	id.fec_offset += BLOCK_BYTES;	/* not where the tree ends */
	id.fec_roots = 2;
	identifier_encode(&id, block);
	assert_block_refused(block, -EBADMSG, NO_FEC);
}

static void the_largest(void **state)
{
	struct identifier id = unit_identifier(), back;
	uint8_t block[IDENTIFIER_BYTES];
	struct error error;

	(void)state;
	id.total_length = UINT64_C(0x7ffffffffffff000);
	id.chunk_index = ARCHIVE_MAX_CHUNKS - 1;
	id.chunk_count = ARCHIVE_MAX_CHUNKS;
	id.chunk_offset = id.total_length - id.chunk_length;
	identifier_encode(&id, block);
	assert_int_equal(identifier_decode(block, &back, &error), 0);
	assert_memory_equal(&back, &id, sizeof id);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(golden), cmocka_unit_test(round_trip), cmocka_unit_test(every_byte_counts), cmocka_unit_test(newer_writers),
	cmocka_unit_test(reserved_bytes), cmocka_unit_test(names), cmocka_unit_test(contradictions),
	cmocka_unit_test(chunks_out_of_place), cmocka_unit_test(error_correction), cmocka_unit_test(the_largest),
};
RUN(tests)
