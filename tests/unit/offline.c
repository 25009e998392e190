// SPDX-License-Identifier: GPL-2.0-only
/* verify/offline.c against hash trees that are made here, block by block. */
#include "unit.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>

#include "base/io.h"
#include "verify/offline.h"

/* 130 data blocks: a tree of two levels, whose lower one has two blocks. */
#define DATA_BLOCKS 130u
#define TREE_BLOCKS 3u
#define SUPERBLOCK DATA_BLOCKS
#define ROOT_BLOCK (SUPERBLOCK + 1)
#define LOWER_LEVEL (ROOT_BLOCK + 1)
#define TOTAL_BLOCKS (DATA_BLOCKS + 1 + TREE_BLOCKS)

static uint8_t payload[TOTAL_BLOCKS * BLOCK_BYTES];
static uint8_t root_hash[HASH_BYTES];

static uint8_t *block_at(unsigned block) { return payload + (size_t)block * BLOCK_BYTES; }

static void hash_block(const uint8_t *block, uint8_t *ret)
{
	uint8_t salted[HASH_BYTES + BLOCK_BYTES];

	memset(salted, 0x22, HASH_BYTES);	/* unit_identifier's salt */
	memcpy(salted + HASH_BYTES, block, BLOCK_BYTES);
	SHA256(salted, sizeof salted, ret);
}

static void make_payload(void)
{
	uint8_t *sb = block_at(SUPERBLOCK);

	memset(payload, 0, sizeof payload);
	for (size_t i = 0; i < (size_t)DATA_BLOCKS * BLOCK_BYTES; i++)
		payload[i] = unit_payload_byte(i);
	/* cryptsetup lib/verity/verity.c, struct verity_sb */
	memcpy(sb, "verity\0\0\1\0\0\0\1\0\0", 16);
	memcpy(sb + 32, "sha256", 6);
	put_le32(sb + 64, BLOCK_BYTES);
	put_le32(sb + 68, BLOCK_BYTES);
	put_le64(sb + 72, DATA_BLOCKS);
	sb[80] = HASH_BYTES;
	memset(sb + 88, 0x22, HASH_BYTES);
	for (unsigned i = 0; i < DATA_BLOCKS; i++)
		hash_block(block_at(i), block_at(LOWER_LEVEL) + (size_t)i * HASH_BYTES);
	for (unsigned i = 0; i < 2; i++)
		hash_block(block_at(LOWER_LEVEL + i), block_at(ROOT_BLOCK) + (size_t)i * HASH_BYTES);
	hash_block(block_at(ROOT_BLOCK), root_hash);
}

static struct identifier archive_identifier(void)
{
	struct identifier id = unit_identifier();

	id.erofs_length = id.hash_offset = (uint64_t)DATA_BLOCKS * BLOCK_BYTES;
	id.total_length = id.chunk_length = sizeof payload;
	return id;
}

/* Writes the payload in chunks that end before block cuts[i], the last at its end. */
static void write_archive(const char *folder, const unsigned *cuts, unsigned count)
{
	struct identifier id = archive_identifier();
	unsigned begin = 0;

	id.chunk_count = count + 1;
	for (unsigned i = 0; i <= count; i++) {
		unsigned end = i < count ? cuts[i] : TOTAL_BLOCKS;
		char name[32];
		int fd;

		id.chunk_index = i;
		id.chunk_offset = (uint64_t)begin * BLOCK_BYTES;
		id.chunk_length = (uint64_t)(end - begin) * BLOCK_BYTES;
		snprintf(name, sizeof name, i ? "a.erofs.%03u" : "a.erofs", i);
		unit_write_chunk(unit_path(folder, name), &id, NULL, 0);
		fd = open(unit_path(folder, name), O_WRONLY | O_CLOEXEC);
		assert_int_equal(io_write_at(fd, block_at(begin), id.chunk_length, 0), 0);
		close(fd);
		begin = end;
	}
}

static int verify(const char *folder, const uint8_t *hash, struct verify_result *result, char *ret_file, struct error *error)
{
	struct found_archive archive;
	int r;

	assert_int_equal(archive_open_file(unit_path(folder, "a.erofs"), &archive, error), 0);
	memset(result, 0, sizeof *result);
	r = verify_archive(&archive, hash, result, error);
	if (ret_file)
		snprintf(ret_file, 64, "%s", result->file ? strrchr(result->file, '/') + 1 : "");
	archive_release(&archive);
	return r;
}

static void whole(void **state)
{
	static const unsigned cuts[] = { 1, 64, DATA_BLOCKS, ROOT_BLOCK, LOWER_LEVEL + 1 };
	struct verify_result result;
	struct error error;

	make_payload();
	for (unsigned count = 0; count <= COUNT(cuts); count++) {
		write_archive(*state, cuts, count);
		assert_int_equal(verify(*state, root_hash, &result, NULL, &error), 0);
		assert_int_equal(result.bad_blocks, 0);
	}
}

/* One changed bit in each block in turn: found, and told where. */
static void every_block(void **state)
{
	static const unsigned cuts[] = { 64, LOWER_LEVEL + 1 };

	make_payload();
	for (unsigned block = 0; block < TOTAL_BLOCKS; block++) {
		unsigned chunk = block < 64 ? 0 : block < LOWER_LEVEL + 1 ? 1 : 2;
		static const char *const names[] = { "a.erofs", "a.erofs.001", "a.erofs.002" };
		static const unsigned starts[] = { 0, 64, LOWER_LEVEL + 1 };
		struct verify_result result;
		struct error error;
		char file[64];

		if (block == SUPERBLOCK)
			continue;
		block_at(block)[block * 31 % 64] ^= 4;
		write_archive(*state, cuts, 2);
		block_at(block)[block * 31 % 64] ^= 4;
		assert_int_equal(verify(*state, root_hash, &result, file, &error), -EKEYREJECTED);
		assert_true(result.bad_blocks >= 1);
		assert_int_equal(result.in_tree, block >= ROOT_BLOCK);
		assert_int_equal(result.block, block >= ROOT_BLOCK ? block - ROOT_BLOCK : block);
		assert_string_equal(file, names[chunk]);
		assert_int_equal(result.file_offset, (uint64_t)(block - starts[chunk]) * BLOCK_BYTES);
	}
}

static void sentences(void **state)
{
	struct verify_result result;
	struct error error;
	char sentence[400];

	make_payload();
	block_at(5)[4095] ^= 1;
	write_archive(*state, NULL, 0);
	snprintf(sentence, sizeof sentence,
		 "Archive \"sample\" is damaged: 1 block does not match, the first is data block 5 (%s/a.erofs at byte 20480). Copy the file again",
		 (char *)*state);
	assert_refused(verify(*state, root_hash, &result, NULL, &error), -EKEYREJECTED, error, sentence);
	block_at(129)[0] ^= 1;
	write_archive(*state, NULL, 0);
	snprintf(sentence, sizeof sentence,
		 "Archive \"sample\" is damaged: 2 blocks do not match, the first is data block 5 (%s/a.erofs at byte 20480). Copy the file again",
		 (char *)*state);
	assert_refused(verify(*state, root_hash, &result, NULL, &error), -EKEYREJECTED, error, sentence);
}

/* The salt of an identifier that lies makes every block wrong; so does another root hash for one block. */
static void another_root_hash(void **state)
{
	uint8_t other[HASH_BYTES] = { 0 };
	struct verify_result result;
	struct error error;

	make_payload();
	write_archive(*state, NULL, 0);
	assert_int_equal(verify(*state, other, &result, NULL, &error), -EKEYREJECTED);
	assert_int_equal(result.bad_blocks, 1);
	assert_true(result.in_tree);
	assert_int_equal(result.block, 0);
}

static void superblocks(void **state)
{
	/* Offsets of what version 1 of the format fixes, and of what must agree with the identifier. */
	static const unsigned offsets[] = { 0, 5, 8, 12, 32, 37, 38, 64, 68, 72, 79, 80, 81, 88, 119 };
	struct verify_result result;
	struct error error;

	make_payload();
	for (size_t i = 0; i < COUNT(offsets); i++) {
		block_at(SUPERBLOCK)[offsets[i]] ^= 0x40;
		write_archive(*state, NULL, 0);
		block_at(SUPERBLOCK)[offsets[i]] ^= 0x40;
		assert_refused(verify(*state, root_hash, &result, NULL, &error), -EKEYREJECTED, error,
			       "The verity superblock of archive \"sample\" is damaged or contradicts its identifier. Copy the file again");
	}
}

/* An identifier that promises a larger filesystem than its tree has room for. */
static void too_small_a_tree(void **state)
{
	struct identifier id = archive_identifier();
	struct found_archive archive;
	struct verify_result result;
	struct error error;
	int fd;

	make_payload();
	put_le64(block_at(SUPERBLOCK + 2) + 72, DATA_BLOCKS + 2);
	memmove(block_at(SUPERBLOCK + 2), block_at(SUPERBLOCK), 4096);
	put_le64(block_at(SUPERBLOCK + 2) + 72, DATA_BLOCKS + 2);
	id.erofs_length = id.hash_offset = (uint64_t)(DATA_BLOCKS + 2) * BLOCK_BYTES;
	unit_write_chunk(unit_path(*state, "a.erofs"), &id, NULL, 0);
	fd = open(unit_path(*state, "a.erofs"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(io_write_at(fd, payload, sizeof payload, 0), 0);
	close(fd);
	assert_int_equal(archive_open_file(unit_path(*state, "a.erofs"), &archive, &error), 0);
	assert_refused(verify_archive(&archive, root_hash, &result, &error), -EBADMSG, error, "The hash tree reaches beyond the archive");
	archive_release(&archive);
}

static void stopped(void **state)
{
	struct verify_result result;
	struct error error;
	char sentence[256];

	make_payload();
	write_archive(*state, NULL, 0);
	io_interrupted = 1;
	snprintf(sentence, sizeof sentence, "Cannot read %s/a.erofs at %u: stopped", (char *)*state, SUPERBLOCK * BLOCK_BYTES);
	assert_refused(verify(*state, root_hash, &result, NULL, &error), -EINTR, error, sentence);
	io_interrupted = 0;
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(whole), unit_test_in_folder(every_block), unit_test_in_folder(sentences), unit_test_in_folder(another_root_hash),
	unit_test_in_folder(superblocks), unit_test_in_folder(too_small_a_tree), unit_test_in_folder(stopped),
};
RUN(tests)
