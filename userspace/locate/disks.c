// SPDX-License-Identifier: GPL-2.0-only
#include "locate/disks.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "locate/devices.h"

/* Made by the kernel out of nothing, or by us. */
static bool is_virtual(const char *name)
{
	static const char *const starts[] = { "dm-", "loop", "ram", "zram", "md", "nbd" };

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static void copy_property(struct udev_device *device, const char *name, char *ret_text, size_t size)
{
	const char *value = udev_device_get_property_value(device, name);

	snprintf(ret_text, size, "%s", value ? value : "");
	text_make_printable(ret_text);
}

static void tell_reason(struct udev_device *device, struct disk *disk)
{
	if (disk->bytes == 0)
		snprintf(disk->reason, sizeof disk->reason, "No medium");
	else if (!udev_device_get_is_initialized(device))
		snprintf(disk->reason, sizeof disk->reason, "It has not answered yet");
	else if (!*disk->content)
		snprintf(disk->reason, sizeof disk->reason, "No filesystem");
	else if (!disk->is_carrier)
		snprintf(disk->reason, sizeof disk->reason, "Not searched: only FAT, exFAT and ISO 9660 are");
}

/* False for what is not worth a line: virtual devices, and a disk whose partitions have lines of their own. */
static bool read_disk(struct udev_device *device, struct disk *ret)
{
	const char *node = udev_device_get_devnode(device), *size = udev_device_get_sysattr_value(device, "size");
	uint64_t sectors = 0;

	*ret = (struct disk){ 0 };
	if (!node || is_virtual(udev_device_get_sysname(device)))
		return false;
	if (size)
		text_parse_number(size, 0, UINT64_MAX / SECTOR_BYTES, &sectors);
	ret->bytes = sectors * SECTOR_BYTES;
	snprintf(ret->node, sizeof ret->node, "%s", node);
	copy_property(device, "ID_FS_TYPE", ret->content, sizeof ret->content);
	copy_property(device, "ID_FS_LABEL", ret->label, sizeof ret->label);
	if (!*ret->content && udev_device_get_property_value(device, "ID_PART_TABLE_TYPE"))
		return false;
	ret->is_carrier = device_is_carrier_fstype(ret->content);
	tell_reason(device, ret);
	return true;
}

int disks_list(struct disk *disks, size_t size, struct error *error)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *list = udev ? udev_enumerate_new(udev) : NULL;
	struct udev_list_entry *entry;
	size_t count = 0;
	int r = -EIO;

	if (list && udev_enumerate_add_match_subsystem(list, "block") >= 0 && udev_enumerate_scan_devices(list) >= 0) {
		udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list)) {
			struct udev_device *device = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));

			if (device && count < size && read_disk(device, &disks[count]))
				count++;
			udev_device_unref(device);
		}
		r = (int)count;
	}
	udev_enumerate_unref(list);
	udev_unref(udev);
	return r < 0 ? fail(error, r, "Cannot list the block devices") : r;
}
