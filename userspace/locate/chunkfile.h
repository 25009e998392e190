/* SPDX-License-Identifier: GPL-2.0-only */
/* One file that may carry a chunk of an archive: a UKI with an archive inside, or a chunk on its own. */
#pragma once

#include "format/identifier.h"
#include "format/pe.h"

struct error;

struct chunkfile {
	char *path;	/* as the kernel is to open it; owned */
	uint64_t offset;	/* of the payload in the file, bytes, multiple of 4096 */
	uint64_t file_bytes;
	bool is_pe;
	bool is_used;	/* an archive was made with it (archive_collect) */
	struct identifier id;
};

/*
 * Reads @name below the folder @dirfd. 0; -ENOENT: a file without an identifier (no fault in
 * itself); -EBADMSG, -EOPNOTSUPP: a damaged or unknown one; or what opening and reading gave. On
 * success ret->path is a copy of @path and the caller releases it with chunkfile_release.
 */
int chunkfile_read(int dirfd, const char *name, const char *path, struct chunkfile *ret, struct error *error);
void chunkfile_release(struct chunkfile *file);

/* Reads the PE layout of an open file of @file_bytes; errors as pe_parse and read give them. */
int chunkfile_read_pe(int fd, uint64_t file_bytes, struct pe_layout *ret, struct error *error);
