/* SPDX-License-Identifier: GPL-2.0-only */
/* How many blocks hash tree and parity have: arithmetic alone. Counts below 2^52 cannot overflow. */
#pragma once

#include <stdint.h>

#define HASHES_PER_BLOCK 128u	/* SHA-256 in blocks of 4096 bytes */
#define HASH_TREE_MAX_LEVELS 9u	/* 128^9 blocks of 4096 bytes exceed 64 bits */

/* Reed-Solomon over GF(256): a codeword has 255 bytes, @roots of them parity (the range is veritysetup's). */
#define FEC_CODEWORD_BYTES 255u
#define FEC_MIN_ROOTS 2u
#define FEC_MAX_ROOTS 24u

/* Blocks of the tree's levels, lowest first, into @ret_blocks; returns the number of levels. */
unsigned hash_tree_levels(uint64_t data_blocks, uint64_t ret_blocks[static HASH_TREE_MAX_LEVELS]);
/* Blocks of all levels; the superblock is not among them. */
uint64_t hash_tree_blocks(uint64_t data_blocks);

/*
 * The data blocks, and behind them the tree's, are covered in so many rounds: one codeword for each byte
 * of a block takes its bytes from the blocks round, round + rounds, round + 2 * rounds …
 */
uint64_t fec_rounds(uint64_t covered_blocks, uint32_t roots);
/* A round has @roots blocks of parity. */
uint64_t fec_parity_blocks(uint64_t covered_blocks, uint32_t roots);
