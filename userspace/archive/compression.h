/* SPDX-License-Identifier: GPL-2.0-only */
/* Which compression the erofs gets, and whether the kernel that is to read it can. */
#pragma once

struct error;

#define COMPRESSION_DEFAULT "zstd,9"

struct compression {
	const char *name;	/* zstd, lzma, lz4hc, lz4, deflate or none */
	const char *config;	/* what the kernel's configuration must have; NULL for none */
	char mkfs_option[48];	/* of mkfs.erofs; "" for none */
};

/* "NAME", "NAME,LEVEL" or "NAME,max". -EINVAL names the choices or the range of levels. */
int compression_parse(const char *text, struct compression *ret, struct error *error);
/* @config: the text of a kernel's .config. -EOPNOTSUPP when it cannot read such an archive. */
int compression_check(const struct compression *compression, const char *config, struct error *error);
