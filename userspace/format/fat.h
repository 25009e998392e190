/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the file allocation table of a FAT or exFAT filesystem lies: as much of the boot sector as
 * reading ahead needs. Nothing that is served depends on it. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FAT_BOOT_SECTOR_BYTES 512u

struct fat_layout {
	uint64_t table_offset;	/* of the first table, bytes from the start of the filesystem */
	uint64_t table_bytes;
	uint64_t data_offset;	/* bytes; the cluster 2 begins here */
	uint32_t cluster_bytes;
	uint32_t entry_bytes;	/* of the table, for each cluster: 2 or 4 */
};

/* -EINVAL: not the boot sector of FAT16, FAT32 or exFAT. */
int fat_parse_boot_sector(const uint8_t sector[static FAT_BOOT_SECTOR_BYTES], struct fat_layout *ret);

/*
 * The part of the table that describes a file of @bytes which begins at byte @start of the filesystem,
 * with some room behind it for a file that is not quite in one piece. -ERANGE: @start is no cluster.
 */
int fat_table_part(const struct fat_layout *layout, uint64_t start, uint64_t bytes, uint64_t *ret_offset, uint64_t *ret_bytes);
