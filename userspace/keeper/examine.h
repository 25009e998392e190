/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at a disk that was plugged in: is it ours? In a child process, which hands the finished mount over and can be
 * abandoned when the disk hangs.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "keeper/conf.h"
#include "keeper/known.h"
#include "keeper/uevent.h"

struct verdict {
	/*
	 * 0: ours, mounted. -EKEYREJECTED: a carrier, but another one. -EMEDIUMTYPE: nothing a carrier could be; -EXDEV: a
	 * carrier with another filesystem. Anything else: it cannot be read, perhaps not yet.
	 */
	int code;
	/* It could have been meant: its filesystem is, by its own mark, the one of the system's disk, and as far as it could be looked at
	   the archive's first file is there. */
	bool is_marked;
	unsigned mount_ms, check_ms;	/* opening and mounting; comparing and reading the file allocation table ahead */
	char reason[256];	/* a sentence without its end */
};

/* Looking again would find the same. */
bool verdict_is_final(const struct verdict *verdict);

struct examination {
	pid_t pid;
	int result;	/* becomes readable when the child is done */
};

int examine_start(const struct keeper_conf *conf, const struct known *known, const struct uevent *disk, struct examination *ret);
/* Takes the result; a descriptor of the mount, or -1. A child that died has said -EIO. */
int examine_finish(struct examination *examination, struct verdict *ret);
void examine_abandon(struct examination *examination);
