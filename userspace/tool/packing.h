/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that pack and build share. */
#pragma once

#include "archive/pack.h"
#include "tool/verb.h"

#define PACKING_OPTIONS                                                                             \
	{ "name", "NAME", "name of the archive and of its files (needed)" },                       \
	{ "output", "DIR", "folder for the results (default: the current one)" },                  \
	{ "compression", "ALG[,LEVEL]", "for mkfs.erofs (default: " EROFS_DEFAULT_COMPRESSION "; or none)" }, \
	{ "chunk-size", "BYTES", "largest size of a chunk file, K M G allowed (default: 4G - 1)" }, \
	{ "force", NULL, "replace results that are there already" }

/* Fills *ret from the call's options; EXIT_DONE, or the exit code of a usage error it has reported. */
int packing_read_options(const struct verb_call *call, const char *source, struct pack_options *ret, const char **ret_output);
/* The archive's facts as lines "key: value" on standard output. */
void packing_print(const struct identifier *id);
