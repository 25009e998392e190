// SPDX-License-Identifier: GPL-2.0-only
/* Field offsets: Microsoft's "FAT: General Overview of On-Disk Format" and "exFAT file system specification". */
#include "format/fat.h"

#include <errno.h>
#include <stdbool.h>

#include "base/bytes.h"

#define FAT12_MAX_CLUSTERS 4084u
#define FAT16_MAX_CLUSTERS 65524u
#define FAT32_ENTRY_MASK 0x0fffffffu

static bool is_power_of_two(uint32_t n)
{
	return n && (n & (n - 1)) == 0;
}

static int parse_exfat(const uint8_t *sector, struct fat_layout *ret)
{
	unsigned sector_shift = sector[108], cluster_shift = sector[109];

	if (sector_shift < 9 || sector_shift > 12 || sector_shift + cluster_shift > 25)
		return -EINVAL;
	ret->table_offset = (uint64_t)get_le32(sector + 80) << sector_shift;
	ret->table_bytes = (uint64_t)get_le32(sector + 84) << sector_shift;
	ret->data_offset = (uint64_t)get_le32(sector + 88) << sector_shift;
	ret->clusters = get_le32(sector + 92);
	ret->cluster_bytes = 1u << (sector_shift + cluster_shift);
	ret->entry_bytes = 4;
	ret->entry_mask = UINT32_MAX;
	return 0;
}

static int parse_fat(const uint8_t *sector, struct fat_layout *ret)
{
	uint32_t sector_bytes = get_le16(sector + 11), reserved = get_le16(sector + 14), tables = sector[16];
	uint32_t root_entries = get_le16(sector + 17), cluster_sectors = sector[13];
	uint64_t sectors = get_le16(sector + 19), table_sectors = get_le16(sector + 22), data_sector, clusters;

	if (!is_power_of_two(sector_bytes) || sector_bytes < 512 || sector_bytes > 4096 || !is_power_of_two(cluster_sectors) ||
	    reserved == 0 || tables == 0)
		return -EINVAL;
	if (sectors == 0)
		sectors = get_le32(sector + 32);
	if (table_sectors == 0)
		table_sectors = get_le32(sector + 36);
	data_sector = reserved + tables * table_sectors + (root_entries * 32 + sector_bytes - 1) / sector_bytes;
	if (data_sector >= sectors)
		return -EINVAL;
	clusters = (sectors - data_sector) / cluster_sectors;
	if (clusters <= FAT12_MAX_CLUSTERS)
		return -EINVAL;
	ret->clusters = (uint32_t)clusters;
	ret->table_offset = (uint64_t)reserved * sector_bytes;
	ret->table_bytes = table_sectors * sector_bytes;
	ret->data_offset = data_sector * sector_bytes;
	ret->cluster_bytes = cluster_sectors * sector_bytes;
	ret->entry_bytes = clusters <= FAT16_MAX_CLUSTERS ? 2 : 4;
	ret->entry_mask = clusters <= FAT16_MAX_CLUSTERS ? UINT16_MAX : FAT32_ENTRY_MASK;
	return 0;
}

int fat_parse_boot_sector(const uint8_t sector[static FAT_BOOT_SECTOR_BYTES], struct fat_layout *ret)
{
	struct fat_layout layout;
	int r;

	if (sector[510] != 0x55 || sector[511] != 0xaa)
		return -EINVAL;
	r = memcmp(sector + 3, "EXFAT   ", 8) == 0 ? parse_exfat(sector, &layout) : parse_fat(sector, &layout);
	if (r < 0)
		return r;
	*ret = layout;
	return 0;
}

int fat_cluster_at(const struct fat_layout *layout, uint64_t offset, uint32_t *ret)
{
	if (offset < layout->data_offset || (offset - layout->data_offset) / layout->cluster_bytes >= layout->clusters)
		return -ERANGE;
	*ret = (uint32_t)((offset - layout->data_offset) / layout->cluster_bytes) + FAT_FIRST_CLUSTER;
	return 0;
}

int fat_entry_offset(const struct fat_layout *layout, uint32_t cluster, uint64_t *ret)
{
	uint64_t entry = (uint64_t)cluster * layout->entry_bytes;

	if (cluster < FAT_FIRST_CLUSTER || cluster - FAT_FIRST_CLUSTER >= layout->clusters || layout->table_bytes < layout->entry_bytes ||
	    entry > layout->table_bytes - layout->entry_bytes)
		return -ERANGE;
	*ret = layout->table_offset + entry;
	return 0;
}

uint32_t fat_entry_next(const struct fat_layout *layout, const uint8_t *entry)
{
	return (layout->entry_bytes == 2 ? get_le16(entry) : get_le32(entry)) & layout->entry_mask;
}
