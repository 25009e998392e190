/* SPDX-License-Identifier: GPL-2.0-only */
/* Root tree → archive: erofs, hash tree, parity, identifier, cut to chunks. */
#pragma once

#include "archive/erofs.h"
#include "archive/workfolder.h"
#include "format/identifier.h"

#define CHUNK_MAX_BYTES UINT64_C(4294967295)	/* FAT32: a file's size has 32 bits */
#define CHUNK_MIN_BYTES UINT64_C(65536)

struct pack_options {
	struct erofs_options erofs;
	const char *name;
	const char *seed;	/* changes UUIDs and salt; "" usually */
	uint32_t fec_roots;	/* bytes of parity a codeword; 0: no error correction */
	uint64_t chunk_bytes;	/* of a chunk file, its identifier included */
};

/*
 * The source "-" is a tar stream on standard input. Writes NAME.erofs, NAME.erofs.001, … into the work folder. *ret describes the archive as its first
 * chunk's identifier does. The filesystem's UUID comes from name and seed, salt and archive UUID from
 * the image's bytes and the seed: the same tree gives the same archive.
 */
int pack_archive(struct pack_options *options, const struct work_folder *folder, struct identifier *ret,
		 struct error *error);
