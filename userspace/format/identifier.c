// SPDX-License-Identifier: GPL-2.0-only
#include "format/identifier.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/sha256.h"
#include "format/hashtree.h"

static const char magic[16] = { 'U', 'K', 'I', 'B', 'L', 'K', ' ', 'A', 'R', 'C', 'H', 'I', 'V', 'E', '\r', '\n' };

/* The bytes on disk; all numbers little-endian. */
struct disk_identifier {
	char magic[16];
	uint8_t version[4];
	uint8_t compat[4];
	uint8_t incompat[4];
	uint8_t reserved_flags[4];
	uint8_t uuid[16];
	char name[IDENTIFIER_NAME_BYTES];
	uint8_t chunk_index[4];
	uint8_t chunk_count[4];
	uint8_t chunk_length[8];
	uint8_t chunk_offset[8];
	uint8_t total_length[8];
	uint8_t erofs_length[8];
	uint8_t hash_offset[8];
	uint8_t fec_offset[8];
	uint8_t fec_roots[4];
	uint8_t hash_algorithm[4];
	uint8_t salt[HASH_BYTES];
	uint8_t root_hash[HASH_BYTES];
	uint8_t reserved[3824];
	uint8_t checksum[HASH_BYTES];	/* SHA-256 of all bytes before it */
};
_Static_assert(sizeof(struct disk_identifier) == IDENTIFIER_BYTES, "the identifier is one block");
_Static_assert(offsetof(struct disk_identifier, root_hash) == 208, "FORMAT.md gives this offset");

bool identifier_has_magic(const uint8_t block[static IDENTIFIER_BYTES])
{
	return memcmp(block, magic, sizeof magic) == 0;
}

bool identifier_is_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < IDENTIFIER_NAME_BYTES && *name != '.' && *name != '-' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* What is said about the writer: magic, checksum, version, features. */
static int check_envelope(const struct disk_identifier *disk, struct error *error)
{
	uint8_t checksum[HASH_BYTES];
	uint32_t version = get_le32(disk->version), incompat = get_le32(disk->incompat);

	if (!identifier_has_magic((const uint8_t *)disk))
		return fail(error, -ENOENT, "No identifier at its end");
	sha256(disk, offsetof(struct disk_identifier, checksum), checksum);
	if (memcmp(checksum, disk->checksum, HASH_BYTES) != 0)
		return fail(error, -EBADMSG, "The identifier is damaged: its checksum is wrong. Copy the file again");
	if (version != IDENTIFIER_VERSION)
		return fail(error, -EOPNOTSUPP, "The identifier has version %u; this program reads version %u", version,
			    IDENTIFIER_VERSION);
	if (incompat != 0)
		return fail(error, -EOPNOTSUPP, "The archive needs the unknown feature bit %d; use a newer ukiblk",
			    __builtin_ctz(incompat));
	if (get_le32(disk->hash_algorithm) != IDENTIFIER_SHA256)
		return fail(error, -EOPNOTSUPP, "The archive uses the unknown hash algorithm %u",
			    get_le32(disk->hash_algorithm));
	if (!all_zero(disk->reserved_flags, sizeof disk->reserved_flags) || !all_zero(disk->reserved, sizeof disk->reserved))
		return fail(error, -EBADMSG, "Reserved bytes of the identifier are not zero");
	return 0;
}

static int check_name(const struct disk_identifier *disk, struct error *error)
{
	size_t length = strnlen(disk->name, sizeof disk->name);

	if (length == sizeof disk->name || !identifier_is_name(disk->name) ||
	    !all_zero((const uint8_t *)disk->name + length, sizeof disk->name - length))
		return fail(error, -EBADMSG, "The archive's name in the identifier is not a valid name");
	return 0;
}

/*
 * The parity covers data and tree, so it begins behind them, and what there is of it must be enough. Lengths
 * are below 2^63 here: their blocks add up without overflow.
 */
static int check_error_correction(const struct identifier *id, struct error *error)
{
	uint64_t data = id->erofs_length / BLOCK_BYTES, tree = hash_tree_blocks(data);

	if (id->fec_offset == 0 && id->fec_roots == 0)
		return 0;
	if (id->fec_offset == 0 || id->fec_roots < FEC_MIN_ROOTS || id->fec_roots > FEC_MAX_ROOTS ||
	    id->hash_offset / BLOCK_BYTES + 1 + tree != id->fec_offset / BLOCK_BYTES ||
	    fec_parity_blocks(data + tree, id->fec_roots) > (id->total_length - id->fec_offset) / BLOCK_BYTES)
		return fail(error, -EBADMSG, "The identifier's error correction fields contradict each other");
	return 0;
}

/* The sizes against each other; @id is filled but not yet believed. */
static int check_sizes(const struct identifier *id, struct error *error)
{
	uint64_t chunk_end, payload_end = id->fec_offset ? id->fec_offset : id->total_length;

	if (id->chunk_count == 0 || id->chunk_count > ARCHIVE_MAX_CHUNKS || id->chunk_index >= id->chunk_count)
		return fail(error, -EBADMSG, "The identifier says chunk %u of %u", id->chunk_index, id->chunk_count);
	if (!is_block_aligned(id->chunk_length | id->chunk_offset | id->total_length | id->erofs_length |
			      id->hash_offset | id->fec_offset))
		return fail(error, -EBADMSG, "A length in the identifier is not a multiple of %u", BLOCK_BYTES);
	if (id->chunk_length == 0 || !add_u64(id->chunk_offset, id->chunk_length, &chunk_end) ||
	    chunk_end > id->total_length || id->total_length > INT64_MAX)
		return fail(error, -EBADMSG, "The identifier puts the chunk outside the archive");
	if ((id->chunk_index == 0) != (id->chunk_offset == 0) ||
	    (id->chunk_index == id->chunk_count - 1) != (chunk_end == id->total_length))
		return fail(error, -EBADMSG, "The identifier's chunk number does not fit its place in the archive");
	/* Two blocks at least: with one there is no tree, and the root hash would be of that block. */
	if (id->erofs_length < 2 * BLOCK_BYTES || id->hash_offset < id->erofs_length ||
	    payload_end > id->total_length || payload_end < 2 * BLOCK_BYTES || id->hash_offset > payload_end - 2 * BLOCK_BYTES)
		return fail(error, -EBADMSG, "The identifier's lengths of filesystem and hash tree contradict each other");
	return check_error_correction(id, error);
}

int identifier_decode(const uint8_t block[static IDENTIFIER_BYTES], struct identifier *ret, struct error *error)
{
	struct disk_identifier disk;
	struct identifier id = { 0 };
	int r;

	memcpy(&disk, block, sizeof disk);
	r = check_envelope(&disk, error);
	if (r >= 0)
		r = check_name(&disk, error);
	if (r < 0)
		return r;
	id.compat = get_le32(disk.compat);
	memcpy(id.uuid, disk.uuid, sizeof id.uuid);
	memcpy(id.name, disk.name, sizeof id.name);
	id.chunk_index = get_le32(disk.chunk_index);
	id.chunk_count = get_le32(disk.chunk_count);
	id.chunk_length = get_le64(disk.chunk_length);
	id.chunk_offset = get_le64(disk.chunk_offset);
	id.total_length = get_le64(disk.total_length);
	id.erofs_length = get_le64(disk.erofs_length);
	id.hash_offset = get_le64(disk.hash_offset);
	id.fec_offset = get_le64(disk.fec_offset);
	id.fec_roots = get_le32(disk.fec_roots);
	memcpy(id.salt, disk.salt, sizeof id.salt);
	memcpy(id.root_hash, disk.root_hash, sizeof id.root_hash);
	r = check_sizes(&id, error);
	if (r < 0)
		return r;
	*ret = id;
	return 0;
}

void identifier_encode(const struct identifier *id, uint8_t ret_block[static IDENTIFIER_BYTES])
{
	struct disk_identifier disk = { 0 };

	memcpy(disk.magic, magic, sizeof magic);
	put_le32(disk.version, IDENTIFIER_VERSION);
	put_le32(disk.compat, id->compat);
	memcpy(disk.uuid, id->uuid, sizeof disk.uuid);
	memcpy(disk.name, id->name, strnlen(id->name, sizeof disk.name - 1));
	put_le32(disk.chunk_index, id->chunk_index);
	put_le32(disk.chunk_count, id->chunk_count);
	put_le64(disk.chunk_length, id->chunk_length);
	put_le64(disk.chunk_offset, id->chunk_offset);
	put_le64(disk.total_length, id->total_length);
	put_le64(disk.erofs_length, id->erofs_length);
	put_le64(disk.hash_offset, id->hash_offset);
	put_le64(disk.fec_offset, id->fec_offset);
	put_le32(disk.fec_roots, id->fec_roots);
	put_le32(disk.hash_algorithm, IDENTIFIER_SHA256);
	memcpy(disk.salt, id->salt, sizeof disk.salt);
	memcpy(disk.root_hash, id->root_hash, sizeof disk.root_hash);
	sha256(&disk, offsetof(struct disk_identifier, checksum), disk.checksum);
	memcpy(ret_block, &disk, sizeof disk);
}
