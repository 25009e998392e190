/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole reads, writes and copies: a short transfer is an error or is gone on with, never ignored. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/* 0, or a negative errno; -ENODATA when the file ends before @length bytes. */
int io_read_at(int fd, void *buffer, size_t length, uint64_t offset);
int io_write_at(int fd, const void *buffer, size_t length, uint64_t offset);
/*
 * Copies @length bytes between files and tells progress_advance() of them. Stops with -EINTR once
 * io_interrupted is set.
 */
int io_copy(int from, uint64_t from_offset, int to, uint64_t to_offset, uint64_t length);
/* Copies a stream to its end, with the same manners. */
int io_copy_stream(int from, int to);
/* The whole of a small text or binary file, NUL-terminated, at most @limit bytes (-EFBIG). Caller frees. */
int io_read_file(const char *path, size_t limit, char **ret_bytes, size_t *ret_length);

/* Set by the tool's SIGINT and SIGTERM handler; long work looks at it and leaves with -EINTR. */
extern volatile int io_interrupted;

/* Size in bytes of an open regular file; -EINVAL for anything else. */
int io_file_size(int fd, uint64_t *ret_bytes);
