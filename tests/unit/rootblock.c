// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "verify/rootblock.h"

#include "base/text.h"

#define NO_MATCH "Archive \"sample\" does not match the root hash: it is another one, or its hash tree is damaged"

/*
 * hashlib.sha256(bytes(range(32)) + bytes(i % 251 for i in range(4096))).hexdigest() in Python: the
 * salt goes before the block.
 */
static void vector(void **state)
{
	uint8_t block[BLOCK_BYTES], salt[HASH_BYTES], hash[HASH_BYTES];

	(void)state;
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		block[i] = (uint8_t)(i % 251);
	for (unsigned i = 0; i < HASH_BYTES; i++)
		salt[i] = (uint8_t)i;
	assert_true(text_parse_hex("f9629ec228b5c00268d95f3299754de3ec27dd878f059ded6c9b3955d01775ee", hash, HASH_BYTES));
	assert_true(verify_block(block, salt, hash));
	for (unsigned i = 0; i < HASH_BYTES; i++) {
		hash[i] ^= 1;
		assert_false(verify_block(block, salt, hash));
		hash[i] ^= 1;
		salt[i] ^= 0x80;
		assert_false(verify_block(block, salt, hash));
		salt[i] ^= 0x80;
	}
	for (unsigned i = 0; i < BLOCK_BYTES; i++) {
		block[i] ^= 0x10;
		assert_false(verify_block(block, salt, hash));
		block[i] ^= 0x10;
	}
	assert_true(verify_block(block, salt, hash));
}

/* The sample's root block is its last: hash tree at block 3, superblock, root block. */
static void of_an_archive(void **state)
{
	/* The same in Python, over the payload's bytes 16384 to 20479: (7 * i + i // 4096) % 256, salt 32 times 0x22. */
	static const char root_hash[] = "f894d384a1beda9382e51f7d6ff155ec9bfd45b6392523608f78dd6654c02dca";
	const struct identifier id = unit_identifier();
	const char *path = unit_path(*state, "a.erofs");
	struct found_archive archive;
	uint8_t hash[HASH_BYTES];
	struct error error;

	assert_true(text_parse_hex(root_hash, hash, HASH_BYTES));
	unit_write_chunk(path, &id, NULL, 0);
	assert_int_equal(archive_open_file(path, &archive, &error), 0);
	assert_int_equal(verify_root_block(&archive, hash, &error), 0);
	/* What the identifier itself says is no reason to believe it. */
	assert_refused(verify_root_block(&archive, archive.files[0].id.root_hash, &error), -EKEYREJECTED, error, NO_MATCH);
	hash[31] ^= 1;
	assert_refused(verify_root_block(&archive, hash, &error), -EKEYREJECTED, error, NO_MATCH);
	archive_release(&archive);
}

static void of_chunks(void **state)
{
	static const char root_hash[] = "f894d384a1beda9382e51f7d6ff155ec9bfd45b6392523608f78dd6654c02dca";
	struct found_archive archive;
	uint8_t hash[HASH_BYTES];
	struct error error;
	char sentence[256];

	for (uint32_t i = 0; i < SAMPLE_CHUNKS; i++) {
		const struct identifier id = unit_chunk(i);

		unit_write_chunk(unit_path(*state, i == 0 ? "a.erofs" : i == 1 ? "a.erofs.001" : "a.erofs.002"), &id, NULL, 0);
	}
	assert_true(text_parse_hex(root_hash, hash, HASH_BYTES));
	assert_int_equal(archive_open_file(unit_path(*state, "a.erofs"), &archive, &error), 0);
	assert_int_equal(verify_root_block(&archive, hash, &error), 0);
	assert_int_equal(remove(unit_path(*state, "a.erofs.002")), 0);
	snprintf(sentence, sizeof sentence, "Cannot open %s/a.erofs.002: No such file or directory", (char *)*state);
	assert_refused(verify_root_block(&archive, hash, &error), -ENOENT, error, sentence);
	archive_release(&archive);
}

/* A root block that does not match: with parity, what the identifier claims decides whether it is worth a try. */
static void with_parity(void **state)
{
	struct identifier id = unit_identifier();
	const char *path = unit_path(*state, "a.erofs");
	struct found_archive archive;
	uint8_t hash[HASH_BYTES];
	struct error error;

	id.fec_roots = 2;
	id.fec_offset = 5 * BLOCK_BYTES;
	id.total_length = id.chunk_length = 7 * BLOCK_BYTES;
	unit_write_chunk(path, &id, NULL, 0);
	assert_int_equal(archive_open_file(path, &archive, &error), 0);
	memcpy(hash, id.root_hash, HASH_BYTES);
	assert_int_equal(verify_root_block(&archive, hash, &error), 1);
	hash[0] ^= 1;
	assert_refused(verify_root_block(&archive, hash, &error), -EKEYREJECTED, error, NO_MATCH);
	archive_release(&archive);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(vector), unit_test_in_folder(of_an_archive), unit_test_in_folder(of_chunks), unit_test_in_folder(with_parity),
};
RUN(tests)
