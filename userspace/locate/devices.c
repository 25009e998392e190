// SPDX-License-Identifier: GPL-2.0-only
#include "locate/devices.h"

#include <ctype.h>
#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Events of a machine with very many disks must not be lost while we are busy; only what is used counts. */
#define EVENT_BUFFER_BYTES (16 << 20)

struct device_watch {
	struct udev *udev;
	struct udev_monitor *monitor;
};

void device_watch_close(struct device_watch *watch)
{
	if (!watch)
		return;
	udev_monitor_unref(watch->monitor);
	udev_unref(watch->udev);
	free(watch);
}

int device_watch_open(struct device_watch **ret, struct error *error)
{
	struct device_watch *watch = calloc(1, sizeof *watch);

	if (!watch)
		return fail(error, -ENOMEM, "Out of memory");
	if (!(watch->udev = udev_new()) || !(watch->monitor = udev_monitor_new_from_netlink(watch->udev, "udev")) ||
	    udev_monitor_filter_add_match_subsystem_devtype(watch->monitor, "block", NULL) < 0 ||
	    udev_monitor_enable_receiving(watch->monitor) < 0) {
		device_watch_close(watch);
		return fail(error, -EIO, "Cannot listen to udev's events");
	}
	/* Not granted in a container: then the usual size must do. */
	udev_monitor_set_receive_buffer_size(watch->monitor, EVENT_BUFFER_BYTES);
	*ret = watch;
	return 0;
}

int device_watch_fd(const struct device_watch *watch)
{
	return udev_monitor_get_fd(watch->monitor);
}

bool device_is_carrier_fstype(const char *fstype)
{
	return fstype && (strcmp(fstype, "vfat") == 0 || strcmp(fstype, "exfat") == 0 || strcmp(fstype, "iso9660") == 0);
}

static void copy_property(struct udev_device *device, const char *name, char *ret_text, size_t size)
{
	const char *value = udev_device_get_property_value(device, name);

	snprintf(ret_text, size, "%s", value ? value : "");
}

/* The parent belongs to @device. */
static void find_disk(struct udev_device *device, char ret_node[static 64])
{
	struct udev_device *disk = udev_device_get_parent_with_subsystem_devtype(device, "block", "disk");
	const char *node = udev_device_get_devnode(disk ? disk : device);

	snprintf(ret_node, 64, "%s", node ? node : "");
}

/* A PCI device behind Thunderbolt says "removable", one soldered in "fixed"; USB devices have the same attribute. */
static bool can_be_pulled(struct udev_device *device)
{
	struct udev_device *disk = udev_device_get_parent_with_subsystem_devtype(device, "block", "disk"), *at;
	const char *value = udev_device_get_sysattr_value(disk ? disk : device, "removable");

	if (value && strcmp(value, "1") == 0)
		return true;
	for (at = udev_device_get_parent(device); at; at = udev_device_get_parent(at)) {
		const char *subsystem = udev_device_get_subsystem(at);

		value = udev_device_get_sysattr_value(at, "removable");
		if (subsystem && (strcmp(subsystem, "usb") == 0 || strcmp(subsystem, "mmc") == 0 ||
				  (strcmp(subsystem, "pci") == 0 && value && strcmp(value, "removable") == 0)))
			return true;
	}
	return false;
}

static bool read_device(struct udev_device *device, struct carrier_device *ret)
{
	const char *node = udev_device_get_devnode(device);

	if (!node || strlen(node) >= sizeof ret->node || !device_is_carrier_fstype(udev_device_get_property_value(device, "ID_FS_TYPE")))
		return false;
	snprintf(ret->node, sizeof ret->node, "%s", node);
	find_disk(device, ret->disk);
	copy_property(device, "ID_FS_TYPE", ret->fstype, sizeof ret->fstype);
	copy_property(device, "ID_PART_ENTRY_UUID", ret->partuuid, sizeof ret->partuuid);
	copy_property(device, "ID_FS_LABEL", ret->label, sizeof ret->label);
	ret->can_be_pulled = can_be_pulled(device);
	for (char *p = ret->partuuid; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return true;
}

static void tell(struct device_watch *watch, const char *syspath, device_seen *seen, void *context)
{
	struct udev_device *device = udev_device_new_from_syspath(watch->udev, syspath);
	struct carrier_device carrier;

	if (device && read_device(device, &carrier))
		seen(context, &carrier);
	udev_device_unref(device);
}

int device_watch_list(struct device_watch *watch, device_seen *seen, void *context, struct error *error)
{
	struct udev_enumerate *list = udev_enumerate_new(watch->udev);
	struct udev_list_entry *entry;

	if (!list || udev_enumerate_add_match_subsystem(list, "block") < 0 ||
	    udev_enumerate_add_match_is_initialized(list) < 0 || udev_enumerate_scan_devices(list) < 0) {
		udev_enumerate_unref(list);
		return fail(error, -EIO, "Cannot list the block devices");
	}
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list))
		tell(watch, udev_list_entry_get_name(entry), seen, context);
	udev_enumerate_unref(list);
	return 0;
}

static enum device_event read_event(struct udev_device *device, struct carrier_device *ret)
{
	const char *action = udev_device_get_action(device), *node = udev_device_get_devnode(device);

	if (!action || !node || strlen(node) >= sizeof ret->node)
		return DEVICE_NOTHING;
	if (strcmp(action, "remove") != 0 && read_device(device, ret))
		return DEVICE_CARRIER;
	*ret = (struct carrier_device){ 0 };
	snprintf(ret->node, sizeof ret->node, "%s", node);
	return DEVICE_GONE;
}

enum device_event device_watch_next(struct device_watch *watch, struct carrier_device *ret)
{
	struct udev_device *device = udev_monitor_receive_device(watch->monitor);
	enum device_event event = device ? read_event(device, ret) : DEVICE_NOTHING;

	udev_device_unref(device);
	return event;
}
