/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What "ukiblk boot" leaves for the keeper: which device it keeps, and how to know its disk again. Lines
 * "key=value", written by the tool as a whole, refused as a whole. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct error;

#define KEEPER_CONF_PATH "/run/ukiblk/keeper.conf"
#define KEEPER_CONF_VERSION 1u
#define KEEPER_CONF_MAX_BYTES (8u << 20)
#define KEEPER_MAX_FILES 1024u	/* of a table (kmod/target.c) */
#define KEEPER_MAX_HOLD_SECONDS 86400u	/* of a table (kmod/hold.h) */

struct keeper_file {
	uint64_t first_sector, sectors;	/* the range that is mapped; an identifier follows it */
	uint64_t bytes;	/* size of the file */
	char *path;	/* on the carrier, without a slash before it; owned */
};

struct keeper_conf {
	char device[128], verity[128];	/* device-mapper names: the archive, and dm-verity on it */
	char filesystem[16];	/* of the carrier: vfat, exfat, iso9660 */
	char carrier[64];	/* its node at boot, /dev/... */
	unsigned hold_seconds;	/* how long reads wait for a disk that was pulled; 0: not at all */
	char uuid[37];	/* of the archive */
	char root_hash[65];
	uint64_t root_block;	/* byte of the archive where the root of the hash tree lies */
	uint64_t sectors;	/* of the archive: the sum of those of the files */
	struct keeper_file *files;	/* in the order of the table; owned */
	size_t count;
};

/* -EBADMSG with the line that is wrong, or -ENOMEM. @text is changed. The caller releases the result. */
int keeper_conf_parse(char *text, struct keeper_conf *ret, struct error *error);
void keeper_conf_release(struct keeper_conf *conf);
/* The same as text; NULL: out of memory. The caller frees it. */
char *keeper_conf_format(const struct keeper_conf *conf);

/*
 * Parameters of a device-mapper table: the files below the folder @carrier, and how long reads wait. The caller
 * frees it; NULL: out of memory.
 */
char *keeper_conf_table(const struct keeper_conf *conf, const char *carrier, unsigned hold_seconds);
