/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether an archive's parity can repair what an offline check found wrong. Nothing is written: blocks are
 * repaired in memory and held against their hashes, which proves it, whatever the parity is like.
 */
#pragma once

#include "format/identifier.h"

/* Reads @length bytes of the archive; 0 or a negative errno. */
typedef int repair_read(void *context, uint8_t *buffer, uint64_t length, uint64_t offset);

struct repair;

/* -ENOMEM. The archive must have parity; salt and places come from @id. */
int repair_open(const struct identifier *id, repair_read *read, void *context, struct repair **ret);
void repair_close(struct repair *repair);

/* Blocks are numbered as FORMAT.md covers them: data blocks, then those of the tree. */

/* A block that does not match @hash. One of the tree is repaired at once, if that can be done. */
int repair_note_bad(struct repair *repair, uint64_t block, const uint8_t hash[static HASH_BYTES]);
/* Puts what a tree block was repaired to over what was read of it. */
void repair_overlay(const struct repair *repair, uint64_t block, uint8_t content[static BLOCK_BYTES]);
/*
 * When all bad blocks are noted: reads everything once more. *ret_all: the kernel can repair every bad block.
 * *ret_bad_rounds: rounds without a bad block whose parity is wrong. Tells progress_advance() of what it read.
 */
int repair_finish(struct repair *repair, bool *ret_all, uint64_t *ret_bad_rounds);
