/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the keeper knows its disk by: identity of the filesystem, root block, a sample of the data, all identifiers.
 * Taken once, while the disk is there, and kept as a file in memory (/run), where a keeper that was started again
 * finds it.
 */
#pragma once

#include <stdbool.h>

#include "keeper/conf.h"
#include "keeper/fsid.h"

#define KNOWN_SAMPLES 16u	/* blocks, spread over the archive; the first and the last are among them */

struct known {
	int fd;
	char fsid[FSID_TEXT_BYTES];
};

/* Block of the archive that is sample @i; the archive has @blocks. Pure. */
uint64_t known_sample(unsigned i, uint64_t blocks);

/* What lies on the block device @disk. -EINVAL: no filesystem of a carrier; -EIO and the like: it cannot be read. */
int known_read_fsid(int disk, char ret_text[static FSID_TEXT_BYTES]);

/*
 * Takes all from the archive's device @archive (open with O_DIRECT) and the files below the folder @carrier; @fsid is
 * what its disk says. The file @path is written as a whole. 0, or a negative errno and a sentence.
 */
int known_take(const struct keeper_conf *conf, int archive, int carrier, const char *fsid, const char *path, struct error *error);
/* Opens what was taken. -ENOENT: nothing was; -EBADMSG: it is not of this archive. */
int known_open(const struct keeper_conf *conf, const char *path, struct known *ret);
/*
 * Whether the files below @carrier are the archive that was known. 0; -EKEYREJECTED with the difference; or what
 * reading gave.
 */
int known_check(const struct known *known, const struct keeper_conf *conf, int carrier, struct error *error);
