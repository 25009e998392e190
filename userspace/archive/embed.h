/* SPDX-License-Identifier: GPL-2.0-only */
/* Puts an archive behind the data of a UKI: one file. Before signing: firmware hashes all of it. */
#pragma once

#include <stdint.h>

#include "locate/archive.h"

struct error;

#define EMBEDDED_MAX_BYTES UINT64_C(4294967295)	/* FAT32, and PE offsets have 32 bits */

/*
 * Writes @output: @uki, padding to 4096, the payload of all chunks, one identifier. -EEXIST when @uki
 * is signed or holds an archive already, -EFBIG when the result would be larger than @max_bytes
 * (EMBEDDED_MAX_BYTES at most).
 */
int embed_archive(const char *uki, const struct found_archive *archive, uint64_t max_bytes, const char *output,
		  struct error *error);
/* Size of the .efi that embedding would give. */
uint64_t embed_size(uint64_t uki_bytes, uint64_t archive_bytes);
