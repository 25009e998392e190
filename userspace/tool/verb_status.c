// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "map/device.h"
#include "tool/names.h"
#include "tool/verb.h"

static void print_device(const struct map_device *device)
{
	printf("%s\n  size: %" PRIu64 " bytes\n  open: %d\n  table: %s\n  status: %s\n", device->name,
	       device->sectors * SECTOR_BYTES, device->open_count, device->table, device->status);
}

static int print_one(const char *name, struct error *error)
{
	struct device_names names;
	struct map_device device;
	int r;

	device_names_make(name, &names);
	r = map_get_device(names.archive, &device, error);
	if (r < 0)
		r = map_get_device(name, &device, error);
	if (r < 0)
		return r;
	print_device(&device);
	map_release_device(&device);
	return 0;
}

static int print_all(struct error *error)
{
	struct map_device *devices;
	size_t count;
	int r = map_list_devices(&devices, &count, error);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		print_device(&devices[i]);
		map_release_device(&devices[i]);
	}
	free(devices);
	return 0;
}

static int run(const struct verb_call *call)
{
	struct error error;

	return verb_report(call->count ? print_one(call->arguments[0], &error) : print_all(&error), &error);
}

const struct verb verb_status = {
	.name = "status",
	.arguments = "[NAME]",
	.summary = "Tell which archives are attached, their files and counters",
	.max_arguments = 1,
	.run = run,
};
