/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of the kernel command line that "ukiblk boot" reads. Pure. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "map/backend.h"
#include "verify/policy.h"

struct error;

#define BOOT_MAX_HOLD_SECONDS 86400u	/* of a table (kmod/README.md) */
#define BOOT_HOLD_BY_DISK UINT_MAX	/* BOOT_DEFAULT_HOLD_SECONDS where the disk can be pulled, else none */
#define BOOT_DEFAULT_HOLD_SECONDS 60u

#define BOOT_DEFAULT_TIMEOUT_SECONDS 60u
#define BOOT_MAX_TIMEOUT_SECONDS 86400u
#define BOOT_DEFAULT_TMPFS_SIZE "50%"	/* of the memory, as tmpfs(5) itself has it */

enum ram_mode {
	RAM_NO,
	RAM_YES,	/* copy the archive to memory when the system runs */
	RAM_AUTO,	/* the same where there is memory enough */
	RAM_BEFORE,	/* before the system starts */
};

struct boot_words {
	bool is_ours;	/* root=ukiblk:... is there */
	uint8_t root_hash[HASH_BYTES];
	unsigned timeout_seconds;	/* rd.ukiblk.timeout= */
	unsigned hold_seconds;	/* rd.ukiblk.hold= */
	enum map_backend backend;	/* rd.ukiblk.map= */
	enum verify_policy corruption;	/* rd.ukiblk.corruption= */
	enum ram_mode ram;	/* rd.ukiblk.ram= */
	char tmpfs_size[32];	/* rd.ukiblk.overlay=tmpfs,size=: tmpfs's own syntax */
};

/* The table of the words, which makes the help of "ukiblk boot" as well. */
struct boot_word {
	const char *start;	/* the word up to its value */
	const char *value;	/* what the help calls the value */
	const char *help;
	int (*parse)(const char *value, struct boot_words *words, struct error *error);
};
extern const struct boot_word boot_word_table[];	/* ends with a NULL start */

/* -EINVAL names the word that is not understood. Of a repeated word the last one counts, as in the kernel. */
int boot_parse_words(const char *cmdline, struct boot_words *ret, struct error *error);
