// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole file from its begin to its certificate table, in memory: what is found in it, what can be read
 * of it, and what embedding makes of it. The first two bytes of the input say how many bytes are added
 * at its end, so that small inputs can be large files; checksums of identifiers are made right.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/embed.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "fuzz.h"
#include "locate/archive.h"

#define FILE_MAX_BYTES (256u << 10)

struct memory_file {
	int fd;
	char path[32];	/* in /proc: for those who open it again */
};

static struct memory_file make_file(void)
{
	struct memory_file file = { .fd = memfd_create("fuzz", MFD_CLOEXEC) };

	PROMISE(file.fd >= 0);
	snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
	return file;
}

static void write_file(const struct memory_file *file, const uint8_t *bytes, size_t length, size_t file_bytes)
{
	uint8_t block[IDENTIFIER_BYTES];

	PROMISE(io_write_at(file->fd, bytes, length, 0) == 0 && ftruncate(file->fd, (off_t)file_bytes) == 0);
	for (size_t at = 0; at + sizeof block <= length; at += sizeof block) {
		if (!identifier_has_magic(bytes + at))
			continue;
		memcpy(block, bytes + at, sizeof block);
		seal_block(block);
		PROMISE(io_write_at(file->fd, block, sizeof block, at) == 0);
	}
}

static void promise_archive(const struct found_archive *archive, uint64_t file_bytes)
{
	const struct chunkfile *file = &archive->files[0];
	uint8_t first[1], *whole;
	struct error error;

	PROMISE(is_consistent(&file->id));
	PROMISE(archive->count == 1 && file->file_bytes == file_bytes && file->offset % BLOCK_BYTES == 0);
	PROMISE(file->offset <= file_bytes - IDENTIFIER_BYTES && file->id.chunk_length <= file_bytes - IDENTIFIER_BYTES - file->offset);
	whole = malloc(file->id.total_length);
	PROMISE(whole);
	PROMISE(archive_read_at(archive, whole, file->id.total_length, 0, &error) == 0);
	PROMISE(archive_read_at(archive, first, 1, file->id.total_length - 1, &error) == 0);
	PROMISE(archive_read_at(archive, first, 1, file->id.total_length, &error) < 0);
	free(whole);
}

/* An archive of two blocks of filesystem and two of tree, to embed. */
static void make_archive(const struct memory_file *file)
{
	struct identifier id = { .name = "inner", .chunk_count = 1, .chunk_length = 4 * BLOCK_BYTES, .total_length = 4 * BLOCK_BYTES,
				 .erofs_length = 2 * BLOCK_BYTES, .hash_offset = 2 * BLOCK_BYTES };
	uint8_t block[IDENTIFIER_BYTES];

	identifier_encode(&id, block);
	PROMISE(io_write_at(file->fd, "payload", 7, 0) == 0 && io_write_at(file->fd, block, sizeof block, id.total_length) == 0);
}

/* Where embedding works, the archive is found again behind all that was there; where not, nothing is written. */
static void embed(const struct memory_file *program, uint64_t program_bytes)
{
	const struct memory_file archive_file = make_file(), output = make_file();
	struct found_archive archive, found;
	struct error error = { "" };
	char payload[7];
	struct stat st;
	int r;

	make_archive(&archive_file);
	PROMISE(archive_open_file(archive_file.path, &archive, &error) == 0);
	r = embed_archive(program->path, &archive, EMBEDDED_MAX_BYTES, output.path, &error);
	PROMISE(fstat(output.fd, &st) == 0);
	if (r < 0) {
		promise_sentence(&error);
		PROMISE(st.st_size == 0);
	} else {
		PROMISE((uint64_t)st.st_size == embed_size(program_bytes, archive.files[0].id.total_length));
		PROMISE(archive_open_file(output.path, &found, &error) == 0);
		PROMISE(found.files[0].is_pe && found.files[0].offset == block_align_up(program_bytes));
		PROMISE(archive_read_at(&found, payload, sizeof payload, 0, &error) == 0 && memcmp(payload, "payload", sizeof payload) == 0);
		PROMISE(embed_archive(output.path, &archive, EMBEDDED_MAX_BYTES, "/dev/null", &error) == -EEXIST);
		archive_release(&found);
	}
	archive_release(&archive);
	close(archive_file.fd);
	close(output.fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	const size_t added = take_number(&input, 2) * 16;
	const uint64_t file_bytes = input.left + added;
	struct memory_file file;
	struct found_archive archive;
	struct error error = { "" };
	int r;

	if (file_bytes > FILE_MAX_BYTES)
		return 0;
	file = make_file();
	write_file(&file, input.bytes, input.left, (size_t)file_bytes);
	r = archive_open_file(file.path, &archive, &error);
	if (r == 0) {
		promise_archive(&archive, file_bytes);
		archive_release(&archive);
	} else {
		PROMISE(r == -ENOENT || r == -EBADMSG || r == -EOPNOTSUPP || r == -ENODATA);
		promise_sentence(&error);
	}
	embed(&file, file_bytes);
	close(file.fd);
	return 0;
}
