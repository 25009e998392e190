// SPDX-License-Identifier: GPL-2.0-only
/* A boot sector, where a file begins on that filesystem, and an entry of its table. */
#include "format/fat.h"

#include <errno.h>

#include "fuzz.h"

static void promise_layout(const struct fat_layout *layout)
{
	const uint64_t limit = UINT64_C(1) << 45;	/* 2^32 sectors of 4096 bytes, and two tables */

	PROMISE(layout->cluster_bytes >= 512 && (layout->cluster_bytes & (layout->cluster_bytes - 1)) == 0);
	PROMISE(layout->cluster_bytes <= 32u << 20);
	PROMISE(layout->entry_bytes == 2 || layout->entry_bytes == 4);
	PROMISE(layout->table_offset <= limit && layout->table_bytes <= limit && layout->data_offset <= 256 * limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	uint8_t sector[FAT_BOOT_SECTOR_BYTES] = { 0 };
	struct fat_layout layout;
	const uint64_t start = take_number(&input, 8), link = take_number(&input, 8);
	uint8_t bytes_of_entry[4];

	memcpy(sector, input.bytes, input.left < sizeof sector ? input.left : sizeof sector);
	if (fat_parse_boot_sector(sector, &layout) < 0)
		return 0;
	promise_layout(&layout);
	for (unsigned from_data = 0; from_data < 2; from_data++) {
		const uint64_t at = from_data ? layout.data_offset + start : start;
		uint32_t cluster;
		uint64_t entry;

		if (fat_cluster_at(&layout, at, &cluster) < 0)
			continue;
		PROMISE(at >= layout.data_offset && cluster >= FAT_FIRST_CLUSTER && cluster - FAT_FIRST_CLUSTER < layout.clusters);
		PROMISE((at - layout.data_offset) / layout.cluster_bytes == cluster - FAT_FIRST_CLUSTER);
		/* Within the table, and the whole of it. */
		if (fat_entry_offset(&layout, cluster, &entry) < 0)
			continue;
		PROMISE(entry >= layout.table_offset && entry - layout.table_offset + layout.entry_bytes <= layout.table_bytes);
	}
	memcpy(bytes_of_entry, &link, sizeof bytes_of_entry);
	PROMISE((fat_entry_next(&layout, bytes_of_entry) & ~layout.entry_mask) == 0);
	return 0;
}
