/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the file allocation table of a FAT or exFAT filesystem lies: as much of the boot sector as
 * reading ahead needs. Nothing that is served depends on it. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FAT_BOOT_SECTOR_BYTES 512u
#define FAT_FIRST_CLUSTER 2u

struct fat_layout {
	uint64_t table_offset;	/* of the first table, bytes from the start of the filesystem */
	uint64_t table_bytes;
	uint64_t data_offset;	/* bytes; the cluster 2 begins here */
	uint32_t cluster_bytes;
	uint32_t clusters;
	uint32_t entry_bytes;	/* of the table, for each cluster: 2 or 4 */
	uint32_t entry_mask;	/* the bits of an entry that count */
};

/* -EINVAL: not the boot sector of FAT16, FAT32 or exFAT. */
int fat_parse_boot_sector(const uint8_t sector[static FAT_BOOT_SECTOR_BYTES], struct fat_layout *ret);

/* The cluster that holds byte @offset of the filesystem. -ERANGE: none does. */
int fat_cluster_at(const struct fat_layout *layout, uint64_t offset, uint32_t *ret);
/* Where in the filesystem the entry of a cluster lies. -ERANGE: no cluster, as what stands in the last entry of a chain. */
int fat_entry_offset(const struct fat_layout *layout, uint32_t cluster, uint64_t *ret);
/* What follows that cluster, by the entry_bytes of its entry. */
uint32_t fat_entry_next(const struct fat_layout *layout, const uint8_t *entry);
