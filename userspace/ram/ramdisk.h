/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A block device in memory for one archive: the kernel's ramdisk driver (brd), which gets its size when it is loaded, or
 * where that is not to be had (no module, or somebody else's ramdisks) a loop device over a sealed memfd. The second one
 * takes an extra copy of each block that is read: it is the slower one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct error;

enum ramdisk_kind {
	RAMDISK_BRD,
	RAMDISK_LOOP,
};

struct ramdisk {
	enum ramdisk_kind kind;
	int fd;	/* of brd's device, or of the memfd; -1: nothing to release */
	int loop;	/* the loop device once it is sealed, before that its control device; brd: -1 */
	char node[32];	/* "" until there is a device */
	unsigned major, minor;
	uint64_t bytes;
};

/* "brd" or "loop". */
const char *ramdisk_name(enum ramdisk_kind kind);
/* An empty one of exactly that size, a multiple of 4096. Takes no memory yet, and all modules it will need are loaded. */
int ramdisk_create(uint64_t bytes, struct ramdisk *ret, struct error *error);
/* @buffer, @length and @offset are multiples of 4096. A negative errno. */
int ramdisk_write(const struct ramdisk *disk, const void *buffer, size_t length, uint64_t offset);
/* Nothing can be written any more, and the device is there. */
int ramdisk_seal(struct ramdisk *disk, struct error *error);
/* The device lives on with its users; only our hold on it ends. */
void ramdisk_let_go(struct ramdisk *disk);
/* Gives the memory back. */
void ramdisk_release(struct ramdisk *disk);
/* The same for one that was let go, when nobody uses it any more; -EBUSY: somebody does. */
int ramdisk_free(unsigned major, struct error *error);
