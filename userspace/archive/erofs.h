/* SPDX-License-Identifier: GPL-2.0-only */
/* A tree or tar file as an erofs image, by mkfs.erofs. */
#pragma once

#include <stdint.h>

#include "archive/compression.h"

struct error;

struct erofs_options {
	const char *source;	/* a folder or a tar file */
	const char *shown;	/* what sentences call it */
	struct compression compression;
	uint8_t uuid[16];
	uint64_t epoch;	/* seconds: the image's build time */
};

/* Makes the image @path; its length in bytes, a multiple of 4096 and at least two blocks, is returned. */
int erofs_make_image(const struct erofs_options *options, const char *path, uint64_t *ret_length, struct error *error);
