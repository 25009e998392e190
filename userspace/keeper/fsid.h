/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which filesystem lies on a carrier, as far as its own mark tells: serial number or, of iso9660, the dates of
 * its volume. Enough to pass over other disks; what is on the filesystem decides. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FSID_BOOT_BYTES 512u	/* from byte 0 */
#define FSID_VOLUME_OFFSET 32768u	/* of iso9660's first volume descriptor */
#define FSID_VOLUME_BYTES 2048u
#define FSID_TEXT_BYTES 64u

/*
 * "vfat 1234-5678", "exfat 1234-5678" or "iso9660 20240102030405006-20240102030405006". @volume may be NULL on a disk
 * that ends before it. -EINVAL: none of these.
 */
int fsid_parse(const uint8_t boot[static FSID_BOOT_BYTES], const uint8_t *volume, char ret_text[static FSID_TEXT_BYTES]);
