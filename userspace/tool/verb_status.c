// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "map/device.h"
#include "tool/json.h"
#include "tool/names.h"
#include "tool/verb.h"

static int print_json(const struct map_device *device, struct error *error)
{
	json_object *object = json_object_new_object();

	json_add_string(object, "device", device->name);
	json_add_number(object, "size", device->sectors * SECTOR_BYTES);
	json_add_number(object, "open", (uint64_t)device->open_count);
	json_add_string(object, "map", device->backend == MAP_LOOP ? "loop" : MAP_TARGET);
	json_add_string(object, "table", device->table);
	json_add_string(object, "status", device->status);
	return json_print(object, error);
}

static int print_device(const struct map_device *device, bool as_json, struct error *error)
{
	if (as_json)
		return print_json(device, error);
	printf("%s\n  size: %" PRIu64 " bytes\n  open: %d\n  map: %s\n  table: %s\n  status: %s\n", device->name,
	       device->sectors * SECTOR_BYTES, device->open_count, device->backend == MAP_LOOP ? "loop" : MAP_TARGET, device->table,
	       device->status);
	return 0;
}

static int print_one(const char *name, bool as_json, struct error *error)
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
	r = print_device(&device, as_json, error);
	map_release_device(&device);
	return r;
}

static int print_all(bool as_json, struct error *error)
{
	struct map_device *devices;
	size_t count;
	int r = map_list_devices(&devices, &count, error);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (r >= 0)
			r = print_device(&devices[i], as_json, error);
		map_release_device(&devices[i]);
	}
	free(devices);
	return r;
}

static int run(const struct verb_call *call)
{
	struct error error;

	bool as_json = verb_flag(call, "json");

	return verb_report(call->count ? print_one(call->arguments[0], as_json, &error) : print_all(as_json, &error), &error);
}

const struct verb verb_status = {
	.name = "status",
	.arguments = "[NAME]",
	.summary = "Tell which archives are attached, their files and counters",
	.max_arguments = 1,
	.run = run,
	.options = { { "json", NULL, "print JSON, one object a device" } },
};
