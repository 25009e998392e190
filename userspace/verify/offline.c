// SPDX-License-Identifier: GPL-2.0-only
#include "verify/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/progress.h"
#include "format/hashtree.h"
#include "verify/repair.h"
#include "verify/rootblock.h"

#define READ_BLOCKS 256u
#define MAX_BAD_BLOCKS 65536u	/* then enough is known: a hostile archive may be as large as numbers are */

struct check {
	const struct found_archive *archive;
	const uint8_t *salt;
	struct verify_result *result;
	struct error *error;
	struct repair *repair;	/* NULL: the archive has no parity */
	int *fds;	/* of the chunk files */
	bool drop_cache;	/* a whole device is read once: it must not push out what others have in the page cache */
	uint64_t level_start[HASH_TREE_MAX_LEVELS];	/* bytes in the archive; level 0 holds the data blocks' hashes */
	uint64_t level_blocks[HASH_TREE_MAX_LEVELS];
	unsigned levels;
};

static void lay_out_levels(struct check *check)
{
	const struct identifier *id = &check->archive->files[0].id;
	uint64_t start = id->hash_offset + BLOCK_BYTES;

	check->levels = hash_tree_levels(id->erofs_length / BLOCK_BYTES, check->level_blocks);
	for (unsigned level = check->levels; level-- > 0;) {
		check->level_start[level] = start;
		start += check->level_blocks[level] * BLOCK_BYTES;
	}
}

static const struct chunkfile *file_at(const struct found_archive *archive, uint64_t offset, size_t *ret_index)
{
	for (size_t i = 0; i < archive->count; i++) {
		const struct identifier *id = &archive->files[i].id;

		if (offset >= id->chunk_offset && offset - id->chunk_offset < id->chunk_length) {
			*ret_index = i;
			return &archive->files[i];
		}
	}
	return NULL;
}

/* @length may reach over the end of a chunk. */
static int read_range(struct check *check, uint8_t *buffer, uint64_t length, uint64_t offset)
{
	while (length > 0) {
		size_t index = 0;
		const struct chunkfile *file = file_at(check->archive, offset, &index);
		uint64_t inside = file ? offset - file->id.chunk_offset : 0;
		uint64_t step = file ? file->id.chunk_length - inside : 0;
		int r;

		if (!file)
			return fail(check->error, -EBADMSG, "The hash tree reaches beyond the archive");
		if (step > length)
			step = length;
		r = io_interrupted ? -EINTR : io_read_at(check->fds[index], buffer, (size_t)step, file->offset + inside);
		if (r < 0)
			return fail(check->error, r, "Cannot read %s at %" PRIu64 ": %s", file->path, file->offset + inside,
				    r == -EINTR ? "stopped" : strerror(-r));
		if (check->drop_cache)
			posix_fadvise(check->fds[index], (off_t)(file->offset + inside), (off_t)step, POSIX_FADV_DONTNEED);
		buffer += step;
		length -= step;
		offset += step;
	}
	return 0;
}

/* A repair_read too. */
static int read_for_repair(void *context, uint8_t *buffer, uint64_t length, uint64_t offset)
{
	return read_range(context, buffer, length, offset);
}

/* As FORMAT.md counts what parity covers. */
static uint64_t covered_number(const struct check *check, bool in_tree, uint64_t block)
{
	return in_tree ? check->archive->files[0].id.erofs_length / BLOCK_BYTES + block : block;
}

static int note_bad(struct check *check, bool in_tree, uint64_t block, uint64_t offset, const uint8_t *hash)
{
	size_t index = 0;
	const struct chunkfile *file = file_at(check->archive, offset, &index);
	int r;

	if (check->result->bad_blocks++ == 0 && file) {
		check->result->in_tree = in_tree;
		check->result->block = block;
		check->result->file = file->path;
		check->result->file_offset = file->offset + (offset - file->id.chunk_offset);
	}
	if (!check->repair)
		return 0;
	r = repair_note_bad(check->repair, covered_number(check, in_tree, block), hash);
	return r == -ENOMEM ? fail(check->error, r, "Out of memory") : r;
}

/* A block of hashes; where it is damaged and parity could repair it, as it was meant. */
static int read_hashes(struct check *check, uint64_t offset, uint8_t ret[static BLOCK_BYTES])
{
	int r = read_range(check, ret, BLOCK_BYTES, offset);

	if (r >= 0 && check->repair)
		repair_overlay(check->repair, covered_number(check, true, (offset - check->level_start[check->levels - 1]) / BLOCK_BYTES), ret);
	return r;
}

/*
 * Checks @count blocks at @start against the hashes one level up, whose blocks begin at @hashes; when
 * there is no level up, against the root hash. Damaged hash blocks have been counted before: what
 * hangs below them is compared with what they say all the same, unless parity tells what they should say.
 */
static int check_blocks(struct check *check, bool in_tree, uint64_t start, uint64_t count, uint64_t hashes, const uint8_t *root_hash)
{
	autofree uint8_t *blocks = malloc(READ_BLOCKS * BLOCK_BYTES);
	uint8_t wanted[BLOCK_BYTES];
	uint64_t loaded = UINT64_MAX;	/* which hash block is in @wanted */

	if (!blocks)
		return fail(check->error, -ENOMEM, "Out of memory");
	for (uint64_t first = 0; first < count; first += READ_BLOCKS) {
		uint64_t step = count - first < READ_BLOCKS ? count - first : READ_BLOCKS;
		int r = read_range(check, blocks, step * BLOCK_BYTES, start + first * BLOCK_BYTES);

		for (uint64_t i = 0; r >= 0 && i < step; i++) {
			uint64_t block = first + i;
			const uint8_t *hash = root_hash;

			if (!root_hash && block / HASHES_PER_BLOCK != loaded) {
				loaded = block / HASHES_PER_BLOCK;
				r = read_hashes(check, hashes + loaded * BLOCK_BYTES, wanted);
			}
			if (!root_hash)
				hash = wanted + block % HASHES_PER_BLOCK * HASH_BYTES;
			if (r >= 0 && !verify_block(blocks + i * BLOCK_BYTES, check->salt, hash))
				r = note_bad(check, in_tree, in_tree ? (start - check->level_start[check->levels - 1]) / BLOCK_BYTES + block : block,
					     start + block * BLOCK_BYTES, hash);
		}
		if (r < 0)
			return r;
		if (check->result->bad_blocks >= MAX_BAD_BLOCKS)
			return 0;
		progress_advance(step * BLOCK_BYTES);
	}
	return 0;
}

static int check_all(struct check *check, const uint8_t *root_hash)
{
	const struct identifier *id = &check->archive->files[0].id;
	unsigned top = check->levels - 1;
	int r;

	r = check_blocks(check, true, check->level_start[top], 1, 0, root_hash);
	for (unsigned level = top; r >= 0 && level-- > 0;)
		r = check_blocks(check, true, check->level_start[level], check->level_blocks[level], check->level_start[level + 1], NULL);
	if (r >= 0)
		r = check_blocks(check, false, 0, id->erofs_length / BLOCK_BYTES, check->level_start[0], NULL);
	return r;
}

/*
 * The superblock is not covered by the root hash, and the boot does without it, but veritysetup and other
 * programs read it: cryptsetup lib/verity/verity.c, struct verity_sb.
 */
static int check_superblock(struct check *check)
{
	static const uint8_t fixed[16] = { 'v', 'e', 'r', 'i', 't', 'y', 0, 0, 1, 0, 0, 0, 1, 0, 0, 0 };	/* version 1, type 1 */
	const struct identifier *id = &check->archive->files[0].id;
	uint8_t sb[512];
	int r = read_range(check, sb, sizeof sb, id->hash_offset);

	if (r < 0)
		return r;
	if (memcmp(sb, fixed, sizeof fixed) != 0 || strncmp((const char *)sb + 32, "sha256", 32) != 0 ||
	    get_le32(sb + 64) != BLOCK_BYTES || get_le32(sb + 68) != BLOCK_BYTES ||
	    get_le64(sb + 72) != id->erofs_length / BLOCK_BYTES || get_le16(sb + 80) != HASH_BYTES ||
	    memcmp(sb + 88, id->salt, HASH_BYTES) != 0)
		return fail(check->error, -EKEYREJECTED, "The verity superblock of archive \"%s\" is damaged or contradicts its identifier. Copy the file again",
			    id->name);
	return 0;
}

static int open_files(struct check *check)
{
	struct stat st;

	for (size_t i = 0; i < check->archive->count; i++) {
		check->fds[i] = open(check->archive->files[i].path, O_RDONLY | O_CLOEXEC);
		if (check->fds[i] < 0)
			return fail(check->error, -errno, "Cannot open %s: %s", check->archive->files[i].path, strerror(errno));
		check->drop_cache = fstat(check->fds[i], &st) == 0 && S_ISBLK(st.st_mode);
	}
	return 0;
}

static int check_parity(struct check *check)
{
	int r;

	if (!check->repair)
		return 0;
	r = repair_finish(check->repair, &check->result->repairable, &check->result->bad_parity);
	if (check->result->bad_blocks >= MAX_BAD_BLOCKS)
		check->result->repairable = false;	/* the others were not looked at */
	return r == -ENOMEM ? fail(check->error, r, "Out of memory") : r;
}

static int check_archive(struct check *check, const uint8_t *root_hash)
{
	const struct identifier *id = &check->archive->files[0].id;
	uint64_t parity = id->fec_roots ? id->total_length - BLOCK_BYTES : 0;
	int r = open_files(check);

	if (r >= 0)
		r = check_superblock(check);
	if (r >= 0 && id->fec_roots && repair_open(id, read_for_repair, check, &check->repair) < 0)
		r = fail(check->error, -ENOMEM, "Out of memory");
	if (r < 0)
		return r;
	progress_begin("verifying", (parity ? id->fec_offset : id->total_length) - BLOCK_BYTES + parity);
	r = check_all(check, root_hash);
	if (r >= 0)
		r = check_parity(check);
	progress_end();
	repair_close(check->repair);
	return r;
}

/* What the numbers mean to the reader. */
static int judge(const struct identifier *id, const struct verify_result *result, struct error *error)
{
	const char *advice = "Copy the file again";

	if (result->bad_blocks == 0 && result->bad_parity == 0)
		return 0;
	if (result->bad_blocks == 0)
		return fail(error, -EKEYREJECTED, "The parity of archive \"%s\" is damaged; everything else matches the root hash. Copy the file again",
			    id->name);
	if (result->repairable)
		advice = "Its parity can repair all of them. Copy the file again before more is lost";
	else if (id->fec_roots)
		advice = "That is more than its parity can repair. Copy the file again";
	return fail(error, -EKEYREJECTED, "Archive \"%s\" is damaged: %s%" PRIu64 " block%s, the first is %s block %" PRIu64 " (%s at byte %" PRIu64 "). %s",
		    id->name, result->bad_blocks < MAX_BAD_BLOCKS ? "" : "at least ", result->bad_blocks, result->bad_blocks == 1 ? " does not match" : "s do not match",
		    result->in_tree ? "hash tree" : "data", result->block, result->file, result->file_offset, advice);
}

int verify_archive(const struct found_archive *archive, const uint8_t root_hash[static HASH_BYTES],
		   struct verify_result *ret, struct error *error)
{
	autofree int *fds = malloc(archive->count * sizeof *fds);
	struct verify_result result = { 0 };
	struct check check = { .archive = archive, .salt = archive->files[0].id.salt, .result = &result, .error = error, .fds = fds };
	int r;

	if (!fds)
		return fail(error, -ENOMEM, "Out of memory");
	memset(fds, 0xff, archive->count * sizeof *fds);
	lay_out_levels(&check);
	r = check_archive(&check, root_hash);
	for (size_t i = 0; i < archive->count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (r < 0)
		return r;
	*ret = result;
	return judge(&archive->files[0].id, &result, error);
}
