// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "keeper/fsid.h"

struct disk {
	uint8_t boot[FSID_BOOT_BYTES];
	uint8_t volume[FSID_VOLUME_BYTES];
};

static struct disk make_fat(unsigned table_sectors)
{
	struct disk disk = { .boot = { [11] = 0, [12] = 2, [13] = 8, [14] = 32, [16] = 2, [510] = 0x55, [511] = 0xaa } };

	disk.boot[22] = (uint8_t)table_sectors;
	put_le32(disk.boot + 36, table_sectors ? 0 : 1000);
	put_le32(disk.boot + 39, 0xaaaa1111);
	put_le32(disk.boot + 67, 0xbbbb2222);
	if (table_sectors == 0)
		put_le32(disk.boot + 36, 1000);
	return disk;
}

static void assert_is(const struct disk *disk, const char *wanted)
{
	char text[FSID_TEXT_BYTES];

	assert_int_equal(fsid_parse(disk->boot, disk->volume, text), 0);
	assert_string_equal(text, wanted);
	if (strncmp(wanted, "iso", 3) == 0)
		return;
	assert_int_equal(fsid_parse(disk->boot, NULL, text), 0);
	assert_string_equal(text, wanted);
}

static void assert_none(const struct disk *disk)
{
	char text[FSID_TEXT_BYTES] = "untouched";

	assert_int_equal(fsid_parse(disk->boot, disk->volume, text), -EINVAL);
	assert_string_equal(text, "untouched");
}

static void fat(void **state)
{
	struct disk fat32 = make_fat(0), fat16 = make_fat(200);

	(void)state;
	put_le32(fat16.boot + 39, 0xaaaa1111);
	assert_is(&fat32, "vfat BBBB-2222");
	assert_is(&fat16, "vfat AAAA-1111");
}

static void exfat(void **state)
{
	struct disk disk = { .boot = { [510] = 0x55, [511] = 0xaa } };

	(void)state;
	memcpy(disk.boot + 3, "EXFAT   ", 8);
	put_le32(disk.boot + 100, 0x12345678);
	assert_is(&disk, "exfat 1234-5678");
}

static void iso(void **state)
{
	struct disk disk = make_fat(0);

	(void)state;
	memcpy(disk.volume, "\1CD001\1", 7);
	memcpy(disk.volume + 813, "2024010203040506", 17);
	memcpy(disk.volume + 830, "202401\nx\033\377040507", 17);
	assert_is(&disk, "iso9660 2024010203040506-2024010000040507");
	disk.volume[0] = 2;
	assert_is(&disk, "vfat BBBB-2222");
}

static void others(void **state)
{
	static const struct { unsigned at; uint8_t value; } spoils[] = {
		{ 510, 0 }, { 511, 0 }, { 12, 0 }, { 12, 3 }, { 12, 32 }, { 13, 0 }, { 13, 3 }, { 14, 0 }, { 16, 0 },
	};
	struct disk nothing = { 0 }, disk;

	(void)state;
	assert_none(&nothing);
	for (size_t i = 0; i < COUNT(spoils); i++) {
		disk = make_fat(0);
		disk.boot[spoils[i].at] = spoils[i].value;
		assert_none(&disk);
	}
	/* ext4, by accident with the mark of a boot sector, and a partition table */
	memset(&disk, 0, sizeof disk);
	disk.boot[510] = 0x55;
	disk.boot[511] = 0xaa;
	assert_none(&disk);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(fat), cmocka_unit_test(exfat), cmocka_unit_test(iso), cmocka_unit_test(others),
};
RUN(tests)
