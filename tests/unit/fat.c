// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "format/fat.h"

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

/* mkfs.vfat -F 32 -s 8 on 1 GiB: 32 reserved sectors, two tables of 2044 sectors. */
static void make_fat32(uint8_t sector[static FAT_BOOT_SECTOR_BYTES])
{
	memset(sector, 0, FAT_BOOT_SECTOR_BYTES);
	put16(sector + 11, 512);
	sector[13] = 8;
	put16(sector + 14, 32);
	sector[16] = 2;
	put_le32(sector + 32, 2097152);
	put_le32(sector + 36, 2044);
	put16(sector + 510, 0xaa55);
}

static void fat32(void **state)
{
	/* free, reserved, one too many, bad, the end of a chain */
	static const uint32_t none[] = { 0, 1, 261631, 0x0ffffff7, 0x0fffffff, UINT32_MAX };
	uint8_t sector[FAT_BOOT_SECTOR_BYTES];
	struct fat_layout layout;
	uint64_t offset;
	uint32_t cluster;

	(void)state;
	make_fat32(sector);
	assert_int_equal(fat_parse_boot_sector(sector, &layout), 0);
	assert_int_equal(layout.table_offset, 32 * 512);
	assert_int_equal(layout.table_bytes, 2044 * 512);
	assert_int_equal(layout.data_offset, (32 + 2 * 2044) * 512);
	assert_int_equal(layout.cluster_bytes, 4096);
	assert_int_equal(layout.entry_bytes, 4);
	assert_int_equal(layout.clusters, 261629);

	assert_int_equal(fat_cluster_at(&layout, layout.data_offset, &cluster), 0);
	assert_int_equal(cluster, 2);
	assert_int_equal(fat_cluster_at(&layout, layout.data_offset + 1000 * 4096 + 4095, &cluster), 0);
	assert_int_equal(cluster, 1002);
	assert_int_equal(fat_cluster_at(&layout, layout.data_offset - 1, &cluster), -ERANGE);
	assert_int_equal(fat_cluster_at(&layout, layout.data_offset + 261629 * UINT64_C(4096), &cluster), -ERANGE);
	assert_int_equal(fat_cluster_at(&layout, UINT64_MAX, &cluster), -ERANGE);

	assert_int_equal(fat_entry_offset(&layout, 1002, &offset), 0);
	assert_int_equal(offset, 32 * 512 + 1002 * 4);
	assert_int_equal(fat_entry_offset(&layout, 261630, &offset), 0);
	for (size_t i = 0; i < COUNT(none); i++)
		assert_int_equal(fat_entry_offset(&layout, none[i], &offset), -ERANGE);
	assert_int_equal(fat_entry_next(&layout, (const uint8_t[]){ 0xf8, 0xff, 0xff, 0xff }), 0x0ffffff8);
	layout.table_bytes = 1002 * 4;
	assert_int_equal(fat_entry_offset(&layout, 1001, &offset), 0);
	assert_int_equal(fat_entry_offset(&layout, 1002, &offset), -ERANGE);
	layout.table_bytes = 0;
	assert_int_equal(fat_entry_offset(&layout, 2, &offset), -ERANGE);
}

/* The number of clusters decides, not a name in the sector. */
static void fat16(void **state)
{
	uint8_t sector[FAT_BOOT_SECTOR_BYTES];
	struct fat_layout layout;

	(void)state;
	make_fat32(sector);
	put16(sector + 17, 512);
	put16(sector + 22, 250);
	put_le32(sector + 32, 500000);
	assert_int_equal(fat_parse_boot_sector(sector, &layout), 0);
	assert_int_equal(layout.entry_bytes, 2);
	assert_int_equal(layout.data_offset, (32 + 2 * 250 + 32) * 512);
	assert_int_equal(fat_entry_next(&layout, (const uint8_t[]){ 0x34, 0x12 }), 0x1234);
}

static void exfat(void **state)
{
	uint8_t sector[FAT_BOOT_SECTOR_BYTES] = { 0 };
	struct fat_layout layout;

	(void)state;
	memcpy(sector + 3, "EXFAT   ", 8);
	put_le32(sector + 80, 2048);
	put_le32(sector + 84, 1024);
	put_le32(sector + 88, 4096);
	put_le32(sector + 92, 100000);
	sector[108] = 9;
	sector[109] = 6;
	put16(sector + 510, 0xaa55);
	assert_int_equal(fat_parse_boot_sector(sector, &layout), 0);
	assert_int_equal(layout.table_offset, 1 << 20);
	assert_int_equal(layout.table_bytes, 512 << 10);
	assert_int_equal(layout.data_offset, 2 << 20);
	assert_int_equal(layout.cluster_bytes, 32768);
	assert_int_equal(layout.clusters, 100000);
	assert_int_equal(layout.entry_bytes, 4);
	assert_int_equal(fat_entry_next(&layout, (const uint8_t[]){ 0xff, 0xff, 0xff, 0xff }), UINT32_MAX);
	sector[109] = 17;
	assert_int_equal(fat_parse_boot_sector(sector, &layout), -EINVAL);
	sector[108] = 200;
	assert_int_equal(fat_parse_boot_sector(sector, &layout), -EINVAL);
}

static void others(void **state)
{
	static const unsigned bytes[] = { 11, 13, 14, 16, 510 };
	uint8_t sector[FAT_BOOT_SECTOR_BYTES];
	struct fat_layout layout;

	(void)state;
	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
		make_fat32(sector);
		put16(sector + bytes[i], 0);
		assert_int_equal(fat_parse_boot_sector(sector, &layout), -EINVAL);
	}
	make_fat32(sector);
	put_le32(sector + 36, UINT32_MAX);	/* tables larger than the disk */
	assert_int_equal(fat_parse_boot_sector(sector, &layout), -EINVAL);
	make_fat32(sector);
	put_le32(sector + 32, 30000);	/* FAT12 */
	put_le32(sector + 36, 10);
	assert_int_equal(fat_parse_boot_sector(sector, &layout), -EINVAL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(fat32), cmocka_unit_test(fat16), cmocka_unit_test(exfat), cmocka_unit_test(others),
};
RUN(tests)
