// SPDX-License-Identifier: GPL-2.0-only
#include "archive/embed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/progress.h"

static int open_uki(const char *path, uint64_t *ret_bytes, struct error *error)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a fifo is refused, not waited for */
	struct chunkfile embedded;
	struct pe_layout layout;
	struct error reason;
	int r;

	if (fd < 0)
		return fail(error, -errno, "Cannot open %s: %s", path, strerror(errno));
	r = io_file_size(fd, ret_bytes);
	if (r < 0)
		return fail(error, r, "%s is not a regular file", path);
	r = chunkfile_read_pe(fd, *ret_bytes, &layout, &reason);
	if (r < 0)
		return fail(error, r, "%s cannot take an archive: %s", path, reason.text);
	if (layout.certificate_offset)
		return fail(error, -EEXIST, "%s is signed already. Embed first, sign after: the signature covers the archive", path);
	if (chunkfile_read(AT_FDCWD, path, path, &embedded, &reason) >= 0) {
		r = fail(error, -EEXIST, "%s holds the archive \"%s\" already", path, embedded.id.name);
		chunkfile_release(&embedded);
		return r;
	}
	return take_fd(fd);
}

static int append_payload(int out, uint64_t offset, const struct found_archive *archive, struct error *error)
{
	for (size_t i = 0; i < archive->count; i++) {
		const struct chunkfile *file = &archive->files[i];
		autoclose int in = open(file->path, O_RDONLY | O_CLOEXEC);
		int r = in < 0 ? -errno : io_copy(in, file->offset, out, offset + file->id.chunk_offset, file->id.chunk_length);

		if (r < 0)
			return fail(error, r, "Cannot copy %s: %s", file->path, strerror(-r));
	}
	return 0;
}

uint64_t embed_size(uint64_t uki_bytes, uint64_t archive_bytes)
{
	return block_align_up(uki_bytes) + archive_bytes + IDENTIFIER_BYTES;
}

int embed_archive(const char *uki, const struct found_archive *archive, uint64_t max_bytes, const char *output,
		  struct error *error)
{
	struct identifier id = archive->files[0].id;
	uint8_t block[IDENTIFIER_BYTES];
	autoclose int in = -1, out = -1;
	uint64_t uki_bytes, start;
	int r;

	in = open_uki(uki, &uki_bytes, error);
	if (in < 0)
		return in;
	start = block_align_up(uki_bytes);
	if (embed_size(uki_bytes, id.total_length) > max_bytes)
		return fail(error, -EFBIG, "With its archive the .efi would have %" PRIu64 " bytes, more than the %" PRIu64 " allowed. Use split mode",
			    embed_size(uki_bytes, id.total_length), max_bytes);
	out = open(output, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out < 0)
		return fail(error, -errno, "Cannot write %s: %s", output, strerror(errno));
	r = io_copy(in, 0, out, 0, uki_bytes);
	if (r < 0)
		return fail(error, r, "Cannot copy %s: %s", uki, strerror(-r));
	progress_begin("embedding", id.total_length);
	r = append_payload(out, start, archive, error);
	progress_end();
	if (r < 0)
		return r;
	id.chunk_index = 0;
	id.chunk_count = 1;
	id.chunk_offset = 0;
	id.chunk_length = id.total_length;
	identifier_encode(&id, block);
	r = io_write_at(out, block, sizeof block, start + id.total_length);
	return r < 0 ? fail(error, r, "Cannot write %s: %s", output, strerror(-r)) : 0;
}
