// SPDX-License-Identifier: GPL-2.0-only
#include "archive/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/progress.h"
#include "format/hashtree.h"
#include "verify/verity.h"

#define HASH_STEP_BYTES (1u << 20)

static void cleanup_digest(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

/* SHA-256 of @length bytes of @fd. */
static int digest_file(int fd, uint64_t length, uint8_t ret[static HASH_BYTES])
{
	__attribute__((cleanup(cleanup_digest))) EVP_MD_CTX *context = EVP_MD_CTX_new();
	autofree uint8_t *buffer = malloc(HASH_STEP_BYTES);

	if (!context || !buffer || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
		return -ENOMEM;
	for (uint64_t offset = 0; offset < length; offset += HASH_STEP_BYTES) {
		size_t step = length - offset < HASH_STEP_BYTES ? (size_t)(length - offset) : HASH_STEP_BYTES;
		int r = io_interrupted ? -EINTR : io_read_at(fd, buffer, step, offset);

		if (r < 0)
			return r;
		if (!EVP_DigestUpdate(context, buffer, step))
			return -ENOMEM;
		progress_advance(step);
	}
	return EVP_DigestFinal_ex(context, ret, NULL) ? 0 : -ENOMEM;
}

/* SHA-256 of purpose, NUL, seed, NUL, bytes: no two uses of a seed meet. */
static int derive(const char *purpose, const char *seed, const void *bytes, size_t length, uint8_t ret[static HASH_BYTES])
{
	__attribute__((cleanup(cleanup_digest))) EVP_MD_CTX *context = EVP_MD_CTX_new();

	return context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) && EVP_DigestUpdate(context, purpose, strlen(purpose) + 1) &&
			       EVP_DigestUpdate(context, seed, strlen(seed) + 1) && EVP_DigestUpdate(context, bytes, length) &&
			       EVP_DigestFinal_ex(context, ret, NULL)
		       ? 0
		       : -ENOMEM;
}

/* RFC 9562, version 8: custom content. */
static void to_uuid(const uint8_t digest[static HASH_BYTES], uint8_t ret_uuid[static 16])
{
	memcpy(ret_uuid, digest, 16);
	ret_uuid[6] = (uint8_t)((ret_uuid[6] & 0x0f) | 0x80);
	ret_uuid[8] = (uint8_t)((ret_uuid[8] & 0x3f) | 0x80);
}

static int open_rw(const char *path, struct error *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 ? fail(error, -errno, "Cannot write %s: %s", path, strerror(errno)) : fd;
}

static int derive_identity(const struct pack_options *options, int fd, struct identifier *id)
{
	uint8_t digest[HASH_BYTES], uuid[HASH_BYTES];
	int r;

	progress_begin("hashing", id->erofs_length);
	r = digest_file(fd, id->erofs_length, digest);
	progress_end();
	if (r >= 0)
		r = derive("ukiblk salt", options->seed, digest, HASH_BYTES, id->salt);
	if (r >= 0)
		r = derive("ukiblk archive", options->seed, digest, HASH_BYTES, uuid);
	if (r >= 0)
		to_uuid(uuid, id->uuid);
	return r;
}

/* A tar stream is kept until it is known to be whole. */
static int spool_standard_input(const char *path, struct error *error)
{
	autoclose int fd = open_rw(path, error);
	int r;

	if (fd < 0)
		return fd;
	progress_begin("reading standard input", 0);
	r = io_copy_stream(STDIN_FILENO, fd);
	progress_end();
	if (r == -EINTR)
		return fail(error, r, "Stopped while reading standard input");
	return r < 0 ? fail(error, r, "Cannot keep what comes on standard input: %s", strerror(-r)) : 0;
}

static int make_filesystem(struct pack_options *options, const char *path, struct identifier *id, struct error *error)
{
	uint8_t digest[HASH_BYTES];

	if (derive("ukiblk filesystem", options->seed, options->name, strlen(options->name), digest) < 0)
		return fail(error, -ENOMEM, "Out of memory");
	to_uuid(digest, options->erofs.uuid);
	return erofs_make_image(&options->erofs, path, &id->erofs_length, error);
}

static void place_parity(const struct pack_options *options, struct identifier *id)
{
	if (options->fec_roots == 0)
		return;
	id->fec_roots = options->fec_roots;
	id->fec_offset = id->hash_offset + (1 + hash_tree_blocks(id->erofs_length / BLOCK_BYTES)) * BLOCK_BYTES;
}

/* erofs, salt, hash tree and parity in one file: the archive's payload. */
static int make_payload(struct pack_options *options, const char *path, struct identifier *id, struct error *error)
{
	autoclose int fd = -1;
	int r;

	r = make_filesystem(options, path, id, error);
	if (r < 0)
		return r;
	fd = open_rw(path, error);
	if (fd < 0)
		return fd;
	r = derive_identity(options, fd, id);
	if (r < 0)
		return fail(error, r, "Cannot hash %s: %s", path, strerror(-r));
	id->hash_offset = id->erofs_length;
	place_parity(options, id);
	r = verify_make_tree(path, id, error);
	if (r < 0)
		return r;
	r = io_file_size(fd, &id->total_length);
	if (r < 0)
		return fail(error, r, "Cannot read the size of %s: %s", path, strerror(-r));
	id->total_length = block_align_up(id->total_length);
	if (ftruncate(fd, (off_t)id->total_length) < 0)
		return fail(error, -errno, "Cannot extend %s: %s", path, strerror(errno));
	return 0;
}

static int write_identifier(int fd, const struct identifier *id, struct error *error)
{
	uint8_t block[IDENTIFIER_BYTES];
	int r;

	identifier_encode(id, block);
	r = io_write_at(fd, block, sizeof block, id->chunk_length);
	return r < 0 ? fail(error, r, "Cannot write an identifier: %s", strerror(-r)) : 0;
}

static bool chunk_path(const struct work_folder *folder, const char *name, uint32_t index, char ret_path[static PATH_MAX])
{
	char file[IDENTIFIER_NAME_BYTES + 16];

	if (index == 0)
		snprintf(file, sizeof file, "%s.erofs", name);
	else
		snprintf(file, sizeof file, "%s.erofs.%03u", name, index);
	return work_folder_path(folder, file, ret_path);
}

/* Moves the payload's last part to a file of its own: space for one chunk more is enough. */
static int cut_last_chunk(int payload, const struct work_folder *folder, const struct identifier *id, struct error *error)
{
	char path[PATH_MAX];
	autoclose int fd = -1;
	int r;

	if (!chunk_path(folder, id->name, id->chunk_index, path))
		return fail(error, -ENAMETOOLONG, "The path of a chunk is too long");
	fd = open_rw(path, error);
	if (fd < 0)
		return fd;
	r = io_copy(payload, id->chunk_offset, fd, 0, id->chunk_length);
	if (r < 0)
		return fail(error, r, "Cannot write %s: %s", path, strerror(-r));
	if (ftruncate(payload, (off_t)id->chunk_offset) < 0)
		return fail(error, -errno, "Cannot shorten the payload: %s", strerror(errno));
	return write_identifier(fd, id, error);
}

static int cut_chunks(const char *path, const struct pack_options *options, const struct work_folder *folder,
		      struct identifier *id, struct error *error)
{
	uint64_t step = block_align_down(options->chunk_bytes) - IDENTIFIER_BYTES;
	uint64_t count = (id->total_length + step - 1) / step;
	autoclose int payload = -1;

	/* 999: the three digits of the last chunk's name. */
	if (count > 1000)
		return fail(error, -EINVAL, "The archive would have %llu chunks; at most 1000 are possible. Use a larger --chunk-size",
			    (unsigned long long)count);
	payload = open_rw(path, error);
	if (payload < 0)
		return payload;
	id->chunk_count = (uint32_t)count;
	for (uint32_t index = id->chunk_count; index-- > 0;) {
		int r;

		id->chunk_index = index;
		id->chunk_offset = index * step;
		id->chunk_length = id->total_length - id->chunk_offset < step ? id->total_length - id->chunk_offset : step;
		r = index > 0 ? cut_last_chunk(payload, folder, id, error) : write_identifier(payload, id, error);
		if (r < 0)
			return r;
	}
	return 0;
}

int pack_archive(struct pack_options *options, const struct work_folder *folder, struct identifier *ret,
		 struct error *error)
{
	struct identifier id = { 0 };
	char path[PATH_MAX], spool[PATH_MAX];
	int r = 0;

	snprintf(id.name, sizeof id.name, "%s", options->name);
	if (!chunk_path(folder, options->name, 0, path) || !work_folder_path(folder, "standard-input.tar", spool))
		return fail(error, -ENAMETOOLONG, "The path of the archive is too long");
	options->erofs.shown = options->erofs.source;
	if (strcmp(options->erofs.source, "-") == 0) {
		r = spool_standard_input(spool, error);
		options->erofs.source = spool;
		options->erofs.shown = "Standard input";
	}
	if (r >= 0)
		r = make_payload(options, path, &id, error);
	unlink(spool);
	if (r >= 0)
		r = cut_chunks(path, options, folder, &id, error);
	if (r < 0)
		return r;
	*ret = id;
	return 0;
}
