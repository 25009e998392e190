// SPDX-License-Identifier: GPL-2.0-only
/* A boot sector, and where a file begins on that filesystem and how long it is. */
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
	const uint64_t start = take_number(&input, 8), size = take_number(&input, 8);

	memcpy(sector, input.bytes, input.left < sizeof sector ? input.left : sizeof sector);
	if (fat_parse_boot_sector(sector, &layout) < 0)
		return 0;
	promise_layout(&layout);
	for (unsigned from_data = 0; from_data < 2; from_data++) {
		const uint64_t at = from_data ? layout.data_offset + start : start;
		uint64_t offset, part;
		int r = fat_table_part(&layout, at, size, &offset, &part);

		PROMISE(r == 0 || r == -ERANGE);
		/* Within the table, and no more of it than the file can need with its room. */
		if (r == 0) {
			PROMISE(offset >= layout.table_offset && part > 0 && part <= layout.table_bytes);
			PROMISE(offset - layout.table_offset <= layout.table_bytes - part);
			PROMISE((part - part / 8) / 4 <= size / layout.cluster_bytes * 9 / 8 + (64u << 10));
		}
	}
	return 0;
}
