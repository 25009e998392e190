/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reed-Solomon as FORMAT.md has it, for as much of it as an offline check needs: syndromes, and the values
 * of symbols whose places are known, for hashes tell which blocks are wrong. (Who does not know the places is
 * the kernel; and a decoder that guesses them has no use for a proof.) Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/hashtree.h"

struct reed_solomon {
	unsigned roots;
	uint8_t power[FEC_MAX_ROOTS][256];	/* power[i][x] = x times the generator to the i */
};

void rs_init(struct reed_solomon *rs, unsigned roots);
/*
 * The next symbol of @width codewords at once. @syndromes: roots × width bytes, zero before the first of the
 * 255 symbols; all zero again after the last one when the codewords are right.
 */
void rs_add_symbols(const struct reed_solomon *rs, uint8_t *syndromes, const uint8_t *symbols, size_t width);
/*
 * What the symbols at the @count different places (at most roots) must be changed by (XOR) to make the first
 * @count syndromes zero, in all @width codewords: @ret holds count × width bytes. Codeword c's syndrome i stands
 * at syndromes[i * stride + c].
 */
void rs_solve(const struct reed_solomon *rs, const uint8_t *syndromes, size_t stride, size_t width, const unsigned *places,
	      unsigned count, uint8_t *ret);
