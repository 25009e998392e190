/* SPDX-License-Identifier: GPL-2.0-only */
/* Failed reads of archives, as the kernel's log tells them. Pure. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/kmsg.h"

#define READ_ERRORS_MAX 256

enum read_error_kind {
	READ_ERROR_DATA,	/* dm-verity: a block of the filesystem does not match its hash */
	READ_ERROR_TREE,	/* dm-verity: a block of the hash tree does not match its hash */
	READ_ERROR_DISK,	/* target "ukiblk": the disk did not give the bytes */
};

struct read_error {
	enum read_error_kind kind;
	unsigned major, minor;	/* of the archive's device */
	uint64_t offset;	/* bytes: in the archive; of READ_ERROR_DISK in @path */
	char path[PATH_MAX];	/* READ_ERROR_DISK: the chunk file */
	int code;	/* READ_ERROR_DISK: negative errno */
	bool gone;	/* READ_ERROR_DISK: the disk was pulled; else it has a bad sector */
	unsigned count;
	double first, last;	/* seconds after the kernel's start */
};

struct read_errors {
	struct read_error list[READ_ERRORS_MAX];
	size_t count;
};

/* False for every other line. Time and count are left alone. */
bool read_error_parse(const char *text, struct read_error *ret);
/* A kmsg_seen: @context is a struct read_errors; the same failure again only counts. */
void read_errors_take(void *context, const struct kmsg_record *record);
