// SPDX-License-Identifier: GPL-2.0-only
/*
 * Field offsets: Microsoft's "FAT: General Overview of On-Disk Format" and "exFAT file system specification";
 * ECMA-119, 8.4 (primary volume descriptor).
 */
#include "keeper/fsid.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

static bool is_power_of_two(unsigned n)
{
	return n && (n & (n - 1)) == 0;
}

static bool is_fat(const uint8_t *boot)
{
	unsigned sector_bytes = get_le16(boot + 11);

	return is_power_of_two(sector_bytes) && sector_bytes >= 512 && sector_bytes <= 4096 && is_power_of_two(boot[13]) &&
	       get_le16(boot + 14) > 0 && boot[16] > 0 && (get_le16(boot + 22) > 0 || get_le32(boot + 36) > 0);
}

static void print_serial(const char *type, uint32_t serial, char *ret_text)
{
	snprintf(ret_text, FSID_TEXT_BYTES, "%s %04X-%04X", type, serial >> 16, serial & 0xffff);
}

/* Sixteen digits and a time zone; bytes of a foreign disk become text here. */
static void print_date(const uint8_t *date, char ret_text[static 18])
{
	for (int i = 0; i < 16; i++)
		ret_text[i] = date[i] >= '0' && date[i] <= '9' ? (char)date[i] : '0';
	ret_text[16] = '\0';
}

static int parse_volume(const uint8_t *volume, char *ret_text)
{
	char created[18], modified[18];

	if (volume[0] != 1 || memcmp(volume + 1, "CD001", 5) != 0)
		return -EINVAL;
	print_date(volume + 813, created);
	print_date(volume + 830, modified);
	snprintf(ret_text, FSID_TEXT_BYTES, "iso9660 %s-%s", created, modified);
	return 0;
}

int fsid_parse(const uint8_t boot[static FSID_BOOT_BYTES], const uint8_t *volume, char ret_text[static FSID_TEXT_BYTES])
{
	/* Before FAT: the image of a CD may begin with what looks like a boot sector. */
	if (volume && parse_volume(volume, ret_text) == 0)
		return 0;
	if (boot[510] != 0x55 || boot[511] != 0xaa)
		return -EINVAL;
	if (memcmp(boot + 3, "EXFAT   ", 8) == 0)
		print_serial("exfat", get_le32(boot + 100), ret_text);
	else if (!is_fat(boot))
		return -EINVAL;
	else
		/* FAT32 has no number of sectors for a table of 16 bits, and its serial number elsewhere. */
		print_serial("vfat", get_le32(boot + (get_le16(boot + 22) ? 39 : 67)), ret_text);
	return 0;
}
