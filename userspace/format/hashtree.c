// SPDX-License-Identifier: GPL-2.0-only
#include "format/hashtree.h"

unsigned hash_tree_levels(uint64_t data_blocks, uint64_t ret_blocks[static HASH_TREE_MAX_LEVELS])
{
	unsigned levels = 0;

	for (uint64_t blocks = data_blocks; blocks > 1 && levels < HASH_TREE_MAX_LEVELS; levels++) {
		blocks = (blocks + HASHES_PER_BLOCK - 1) / HASHES_PER_BLOCK;
		ret_blocks[levels] = blocks;
	}
	return levels;
}

uint64_t hash_tree_blocks(uint64_t data_blocks)
{
	uint64_t blocks[HASH_TREE_MAX_LEVELS], sum = 0;
	unsigned levels = hash_tree_levels(data_blocks, blocks);

	for (unsigned level = 0; level < levels; level++)
		sum += blocks[level];
	return sum;
}

uint64_t fec_rounds(uint64_t covered_blocks, uint32_t roots)
{
	uint64_t symbols = FEC_CODEWORD_BYTES - roots;

	return (covered_blocks + symbols - 1) / symbols;
}

uint64_t fec_parity_blocks(uint64_t covered_blocks, uint32_t roots)
{
	return fec_rounds(covered_blocks, roots) * roots;
}
