// SPDX-License-Identifier: GPL-2.0-only
#include "verify/reedsolomon.h"

#include <string.h>

#define POLYNOMIAL 0x11du
#define ORDER 255u

static uint8_t times(uint8_t a, uint8_t b)
{
	unsigned product = 0;

	for (unsigned bit = 0; bit < 8; bit++)
		if (b & (1u << bit))
			product ^= (unsigned)a << bit;
	for (unsigned bit = 14; bit >= 8; bit--)
		if (product & (1u << bit))
			product ^= POLYNOMIAL << (bit - 8);
	return (uint8_t)product;
}

static uint8_t to_the(uint8_t base, unsigned exponent)
{
	uint8_t result = 1;

	for (; exponent > 0; exponent >>= 1, base = times(base, base))
		if (exponent & 1)
			result = times(result, base);
	return result;
}

static uint8_t inverse(uint8_t a)
{
	return to_the(a, ORDER - 1);
}

void rs_init(struct reed_solomon *rs, unsigned roots)
{
	rs->roots = roots;
	for (unsigned i = 0; i < roots; i++)
		for (unsigned x = 0; x < 256; x++)
			rs->power[i][x] = times((uint8_t)x, to_the(2, i));
}

void rs_add_symbols(const struct reed_solomon *rs, uint8_t *syndromes, const uint8_t *symbols, size_t width)
{
	for (unsigned i = 0; i < rs->roots; i++) {
		const uint8_t *power = rs->power[i];
		uint8_t *syndrome = syndromes + i * width;

		for (size_t c = 0; c < width; c++)
			syndrome[c] = power[syndrome[c]] ^ symbols[c];
	}
}

/*
 * The inverse of the matrix of places' locators to the powers 0 … count - 1, by Gauss and Jordan. Locators of
 * different places differ, so it has one (Vandermonde); a zero on the way is exchanged for another row.
 */
static void invert(const unsigned *places, unsigned count, uint8_t ret[FEC_MAX_ROOTS][FEC_MAX_ROOTS])
{
	uint8_t m[FEC_MAX_ROOTS][2 * FEC_MAX_ROOTS] = { { 0 } };

	for (unsigned i = 0; i < count; i++) {
		for (unsigned k = 0; k < count; k++)
			m[i][k] = to_the(2, (ORDER - 1 - places[k]) * i % ORDER);
		m[i][count + i] = 1;
	}
	for (unsigned k = 0; k < count; k++) {
		unsigned row = k;
		uint8_t factor;

		while (row + 1 < count && m[row][k] == 0)
			row++;
		for (unsigned j = 0; row != k && j < 2 * count; j++) {
			uint8_t kept = m[k][j];

			m[k][j] = m[row][j];
			m[row][j] = kept;
		}
		factor = inverse(m[k][k]);
		for (unsigned j = 0; j < 2 * count; j++)
			m[k][j] = times(m[k][j], factor);
		for (unsigned i = 0; i < count; i++) {
			factor = m[i][k];
			for (unsigned j = 0; i != k && j < 2 * count; j++)
				m[i][j] ^= times(m[k][j], factor);
		}
	}
	for (unsigned i = 0; i < count; i++)
		memcpy(ret[i], m[i] + count, count);
}

void rs_solve(const struct reed_solomon *rs, const uint8_t *syndromes, size_t stride, size_t width, const unsigned *places,
	      unsigned count, uint8_t *ret)
{
	uint8_t inverted[FEC_MAX_ROOTS][FEC_MAX_ROOTS];

	if (count > rs->roots)
		count = rs->roots;
	invert(places, count, inverted);
	memset(ret, 0, count * width);
	for (unsigned k = 0; k < count; k++)
		for (unsigned i = 0; i < count; i++)
			for (size_t c = 0; c < width; c++)
				ret[k * width + c] ^= times(inverted[k][i], syndromes[i * stride + c]);
}
