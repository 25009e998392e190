/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The whole archive against its root hash, without device-mapper and wherever its chunks cut it: every
 * block of the hash tree, from the root down, then every data block, then the parity, if there is any.
 * veritysetup can do this for one file only; its layout (cryptsetup lib/verity/verity_hash.c: levels,
 * highest first) is followed here.
 */
#pragma once

#include "locate/archive.h"

struct verify_result {
	uint64_t bad_blocks;	/* data and tree blocks that do not match; after 65536 no more are looked for */
	uint64_t bad_parity;	/* rounds (FORMAT.md) without a bad block whose parity is wrong */
	bool repairable;	/* the archive has parity, and the kernel can repair all bad blocks with it */
	/* Of the first bad one: */
	bool in_tree;
	uint64_t block;	/* number among the data blocks, or among the tree's */
	const char *file;	/* chunk file, owned by the archive */
	uint64_t file_offset;	/* bytes */
};

/*
 * 0: every block matches. -EKEYREJECTED: the error names the first bad block, *ret the number of them.
 * Other errors: reading failed, or -EINTR.
 */
int verify_archive(const struct found_archive *archive, const uint8_t root_hash[static HASH_BYTES],
		   struct verify_result *ret, struct error *error);
