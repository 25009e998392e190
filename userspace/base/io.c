// SPDX-License-Identifier: GPL-2.0-only
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/progress.h"

#define COPY_STEP_BYTES (1u << 20)

volatile int io_interrupted;

int io_read_at(int fd, void *buffer, size_t length, uint64_t offset)
{
	uint8_t *p = buffer;

	while (length > 0) {
		ssize_t n = pread(fd, p, length, (off_t)offset);

		if (n == 0)
			return -ENODATA;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		p += n;
		length -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int io_write_at(int fd, const void *buffer, size_t length, uint64_t offset)
{
	const uint8_t *p = buffer;

	while (length > 0) {
		ssize_t n = pwrite(fd, p, length, (off_t)offset);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		p += n;
		length -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int io_copy(int from, uint64_t from_offset, int to, uint64_t to_offset, uint64_t length)
{
	autofree uint8_t *buffer = malloc(COPY_STEP_BYTES);
	int r;

	if (!buffer)
		return -ENOMEM;
	while (length > 0) {
		size_t step = length < COPY_STEP_BYTES ? (size_t)length : COPY_STEP_BYTES;

		if (io_interrupted)
			return -EINTR;
		r = io_read_at(from, buffer, step, from_offset);
		if (r >= 0)
			r = io_write_at(to, buffer, step, to_offset);
		if (r < 0)
			return r;
		from_offset += step;
		to_offset += step;
		length -= step;
		progress_advance(step);
	}
	return 0;
}

int io_copy_stream(int from, int to)
{
	autofree uint8_t *buffer = malloc(COPY_STEP_BYTES);
	uint64_t offset = 0;

	if (!buffer)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(from, buffer, COPY_STEP_BYTES);
		int r;

		if (io_interrupted)
			return -EINTR;
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -errno : io_write_at(to, buffer, (size_t)n, offset);
		if (r < 0)
			return r;
		offset += (uint64_t)n;
		progress_advance((uint64_t)n);
	}
}

int io_read_file(const char *path, size_t limit, char **ret_bytes, size_t *ret_length)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	autofree char *bytes = NULL;
	size_t length = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	/* Files of /proc and efivarfs have no size worth asking for: read until the end. */
	bytes = malloc(limit + 2);
	if (!bytes)
		return -ENOMEM;
	while ((n = read(fd, bytes + length, limit + 1 - length)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		length += (size_t)n;
		if (length > limit)
			return -EFBIG;
	}
	bytes[length] = '\0';
	*ret_bytes = take_pointer(bytes);
	if (ret_length)
		*ret_length = length;
	return 0;
}

int io_file_size(int fd, uint64_t *ret_bytes)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret_bytes = (uint64_t)st.st_size;
	return 0;
}
