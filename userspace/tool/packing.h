/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that pack and build share. */
#pragma once

#include "archive/pack.h"
#include "tool/verb.h"

#define PACKING_OPTIONS                                                                                 \
	{ "name", "NAME", "name of the archive and of its files (needed)" },                           \
	{ "output", "DIR", "folder for the results (default: the current one)" },                      \
	{ "compression", "ALG[,LEVEL]", "zstd, lzma, lz4hc, lz4, deflate or none; LEVEL may be max (default: " COMPRESSION_DEFAULT ")" }, \
	{ "kernel-config", "FILE", "configuration of the kernel that is to read it: refuse what it cannot" }, \
	{ "chunk-size", "BYTES", "largest size of a chunk file, K M G T allowed (default: 4G - 1)" },  \
	{ "fec", "[=ROOTS]", "add parity that repairs damage, ROOTS bytes (2 to 24) to a codeword of 255 (default: 2)" }, \
	{ "seed", "TEXT", "changes the UUIDs and the salt, which otherwise come from name and content" }, \
	{ "force", NULL, "replace results that are there already" },                                   \
	{ "json", NULL, "print JSON" }

/* Fills *ret from the call's options; EXIT_DONE, or the exit code of a usage error it has reported. */
int packing_read_options(const struct verb_call *call, const char *source, struct pack_options *ret, const char **ret_output);
/* Checks compression and parity against the kernel configuration @path; NULL: nothing to check with. */
int packing_check_kernel(const struct pack_options *options, const char *path, struct error *error);
/* The archive's facts on standard output: lines "key: value", or JSON. @mode: of build, or NULL. */
int packing_print(const struct identifier *id, const char *mode, bool as_json, struct error *error);
