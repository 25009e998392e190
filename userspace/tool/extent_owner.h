/* SPDX-License-Identifier: GPL-2.0-only */
/* Which file of a mounted filesystem has its data at a byte of the device below. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct extent_owner {
	uint64_t offset;	/* asked for: bytes on the device */
	char *path;	/* found: of the file, beginning with /; owned by the caller. NULL: in no file that was seen */
};

/*
 * Walks through the filesystem mounted at @mount, once for all the questions, by FIEMAP. Metadata, small files that lie
 * within it, and what is not reached within @seconds have no answer.
 */
void extent_find_owners(const char *mount, struct extent_owner *owners, size_t count, double seconds);
