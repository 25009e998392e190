// SPDX-License-Identifier: GPL-2.0-only
#include "locate/chunkfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "locate/readahead.h"

int chunkfile_read_pe(int fd, uint64_t file_bytes, struct pe_layout *ret, struct error *error)
{
	size_t length = file_bytes < PE_HEAD_BYTES ? (size_t)file_bytes : PE_HEAD_BYTES;
	autofree uint8_t *head = malloc(PE_HEAD_BYTES);
	int r;

	if (!head)
		return fail(error, -ENOMEM, "Out of memory");
	r = io_read_at(fd, head, length, 0);
	if (r < 0)
		return fail(error, r, "Cannot read its begin: %s", strerror(-r));
	return pe_parse(head, length, file_bytes, ret, error);
}

/*
 * Where the identifier must be: before the certificate table of a signed PE file, else at the end.
 * *ret_lowest is where a payload may begin at the earliest.
 */
static int find_end(int fd, struct chunkfile *file, uint64_t *ret_end, uint64_t *ret_lowest, struct error *error)
{
	struct pe_layout pe;
	uint8_t magic[2];
	int r;

	*ret_end = file->file_bytes;
	*ret_lowest = 0;
	r = io_read_at(fd, magic, sizeof magic, 0);
	if (r < 0)
		return fail(error, r, "Cannot read it: %s", strerror(-r));
	file->is_pe = pe_has_magic(magic, sizeof magic);
	if (!file->is_pe)
		return 0;
	r = chunkfile_read_pe(fd, file->file_bytes, &pe, error);
	if (r < 0)
		return r;
	if (pe.certificate_offset)
		*ret_end = pe.certificate_offset;
	*ret_lowest = pe.data_end;
	return 0;
}

static int read_identifier(int fd, struct chunkfile *file, struct error *error)
{
	uint8_t block[IDENTIFIER_BYTES];
	uint64_t end, lowest;
	int r;

	r = io_file_size(fd, &file->file_bytes);
	if (r < 0)
		return fail(error, r, "It is not a regular file");
	if (file->file_bytes < IDENTIFIER_BYTES)
		return fail(error, -ENOENT, "It is too short for an identifier");
	/* The end of a file on FAT is found by following its chain. */
	readahead_chain(fd, file->file_bytes);
	r = find_end(fd, file, &end, &lowest, error);
	if (r < 0)
		return r;
	if (end < lowest || end - lowest < IDENTIFIER_BYTES || end % BLOCK_BYTES != 0)
		return fail(error, -ENOENT, "No identifier at its end");
	r = io_read_at(fd, block, sizeof block, end - IDENTIFIER_BYTES);
	if (r < 0)
		return fail(error, r, "Cannot read its identifier: %s", strerror(-r));
	r = identifier_decode(block, &file->id, error);
	if (r < 0)
		return r;
	if (file->id.chunk_length > end - lowest - IDENTIFIER_BYTES)
		return fail(error, -EBADMSG, "The file is shorter than the chunk its identifier describes. Copy it again");
	file->offset = end - IDENTIFIER_BYTES - file->id.chunk_length;
	return 0;
}

/* Opening a device or a fifo, where a link of a hostile filesystem may lead, can already do something. */
static int open_regular(int dirfd, const char *name, struct error *error)
{
	struct stat st;
	int fd;

	if (fstatat(dirfd, name, &st, 0) < 0)
		return fail(error, -errno, "Cannot open it: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(error, -EINVAL, "It is not a regular file");
	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? fail(error, -errno, "Cannot open it: %s", strerror(errno)) : fd;
}

int chunkfile_read(int dirfd, const char *name, const char *path, struct chunkfile *ret, struct error *error)
{
	autoclose int fd = open_regular(dirfd, name, error);
	struct chunkfile file = { 0 };
	int r;

	if (fd < 0)
		return fd;
	r = read_identifier(fd, &file, error);
	if (r < 0)
		return r;
	file.path = strdup(path);
	if (!file.path)
		return fail(error, -ENOMEM, "Out of memory");
	*ret = file;
	return 0;
}

void chunkfile_release(struct chunkfile *file)
{
	free(file->path);
	file->path = NULL;
}
