// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

#include "base/sha256.h"

#define CHECKSUM_OFFSET (IDENTIFIER_BYTES - HASH_BYTES)

void fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: promise broken: %s\n", file, line, what);
	abort();
}

uint8_t take_byte(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->bytes++;
}

uint64_t take_number(struct input *input, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number |= (uint64_t)take_byte(input) << 8 * i;
	return number;
}

char *take_string(struct input *input, size_t limit)
{
	size_t length = 0;
	char *text;

	while (length < limit && length < input->left && input->bytes[length] != 0)
		length++;
	text = malloc(length + 1);
	if (!text)
		abort();
	if (length > 0)
		memcpy(text, input->bytes, length);
	text[length] = '\0';
	length += length < input->left && input->bytes[length] == 0;
	input->bytes += length;
	input->left -= length;
	return text;
}

bool is_consistent(const struct identifier *id)
{
	uint64_t end = id->chunk_offset + id->chunk_length, tree_end = id->fec_offset ? id->fec_offset : id->total_length;

	return identifier_is_name(id->name) &&
	       id->chunk_count >= 1 && id->chunk_count <= ARCHIVE_MAX_CHUNKS && id->chunk_index < id->chunk_count &&
	       (id->chunk_length | id->chunk_offset | id->total_length | id->erofs_length | id->hash_offset | id->fec_offset) % BLOCK_BYTES == 0 &&
	       id->total_length <= INT64_MAX && id->chunk_length > 0 && end > id->chunk_offset && end <= id->total_length &&
	       (id->chunk_index == 0) == (id->chunk_offset == 0) && (id->chunk_index + 1 == id->chunk_count) == (end == id->total_length) &&
	       /* Superblock and root block lie before the parity, which lies inside. */
	       id->erofs_length >= 2 * BLOCK_BYTES && id->erofs_length <= id->hash_offset && tree_end <= id->total_length &&
	       id->hash_offset < tree_end && tree_end - id->hash_offset >= 2 * BLOCK_BYTES &&
	       id->fec_roots <= 24 && (id->fec_roots == 0) == (id->fec_offset == 0);
}

bool take_identifier(struct input *input, struct identifier *ret)
{
	unsigned kind = take_byte(input) % 5;
	const uint64_t unit = kind == 4 ? UINT64_C(1) << 56 : BLOCK_BYTES;
	struct identifier id = { .name = "archive", .erofs_length = 2 * BLOCK_BYTES, .hash_offset = 2 * BLOCK_BYTES };

	/* The second archive differs from the first by its root hash only. */
	id.uuid[0] = kind < 2 ? 0 : (uint8_t)kind;
	id.root_hash[0] = kind == 1;
	id.chunk_index = (uint32_t)take_number(input, 2);
	id.chunk_count = (uint32_t)take_number(input, 2);
	id.chunk_offset = take_byte(input) * unit;
	id.chunk_length = take_byte(input) * unit;
	id.total_length = take_byte(input) * unit;
	id.hash_offset += take_byte(input) % 8 * unit;
	id.fec_roots = take_byte(input) % 32;
	id.fec_offset = id.fec_roots ? id.total_length - BLOCK_BYTES : 0;
	*ret = id;
	return is_consistent(ret);
}

void seal_block(uint8_t block[static IDENTIFIER_BYTES])
{
	sha256(block, CHECKSUM_OFFSET, block + CHECKSUM_OFFSET);
}

void promise_sentence(const struct error *error)
{
	size_t length = strnlen(error->text, sizeof error->text);

	PROMISE(length > 0 && length < sizeof error->text);
}
