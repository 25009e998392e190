/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of the kernel command line that "ukiblk boot" reads. Pure. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"

struct error;

#define BOOT_DEFAULT_TIMEOUT_SECONDS 60u
#define BOOT_MAX_TIMEOUT_SECONDS 86400u
#define BOOT_DEFAULT_TMPFS_SIZE "50%"	/* of the memory, as tmpfs(5) itself has it */

struct boot_words {
	bool is_ours;	/* root=ukiblk:... is there */
	uint8_t root_hash[HASH_BYTES];
	unsigned timeout_seconds;	/* rd.ukiblk.timeout= */
	char tmpfs_size[32];	/* rd.ukiblk.overlay=tmpfs,size=: tmpfs's own syntax */
};

/* -EINVAL names the word that is not understood. Of a repeated word the last one counts, as in the kernel. */
int boot_parse_words(const char *cmdline, struct boot_words *ret, struct error *error);
