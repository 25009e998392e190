// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "map/device.h"
#include "tool/json.h"
#include "tool/names.h"
#include "tool/status_errors.h"
#include "tool/verb.h"

struct counters {
	unsigned files, extents;
	long long failed_reads;
};

/* The target's own status (kmod/README.md); false on loop devices, which have none. */
static bool read_counters(const struct map_device *device, struct counters *ret)
{
	return device->backend == MAP_MODULE && sscanf(device->status, "%u %u %lld", &ret->files, &ret->extents, &ret->failed_reads) == 3;
}

static int print_json(const struct map_device *device, struct error *error)
{
	json_object *object = json_object_new_object();
	struct counters counters;

	json_add_string(object, "device", device->name);
	json_add_number(object, "size", device->sectors * SECTOR_BYTES);
	json_add_number(object, "open", (uint64_t)device->open_count);
	json_add_string(object, "map", device->backend == MAP_LOOP ? "loop" : MAP_TARGET);
	json_add_string(object, "table", device->table);
	json_add_string(object, "status", device->status);
	if (read_counters(device, &counters)) {
		json_add_number(object, "files", counters.files);
		json_add_number(object, "extents", counters.extents);
		json_add_number(object, "failed-reads", (uint64_t)counters.failed_reads);
	}
	return json_print(object, error);
}

static int print_device(const struct map_device *device, bool as_json, struct error *error)
{
	struct counters counters;

	if (as_json)
		return print_json(device, error);
	printf("%s\n  size: %" PRIu64 " bytes\n  open: %d\n  map: %s\n  table: %s\n  status: %s\n", device->name,
	       device->sectors * SECTOR_BYTES, device->open_count, device->backend == MAP_LOOP ? "loop" : MAP_TARGET, device->table,
	       device->status);
	if (read_counters(device, &counters))
		printf("  failed reads: %lld%s\n", counters.failed_reads, counters.failed_reads ? " (see \"ukiblk status --errors\")" : "");
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

static int print(const char *name, bool as_json, bool errors, struct error *error)
{
	if (errors)
		return status_print_errors(name, as_json, error);
	return name ? print_one(name, as_json, error) : print_all(as_json, error);
}

static int run(const struct verb_call *call)
{
	struct error error;

	return verb_report(print(call->count ? call->arguments[0] : NULL, verb_flag(call, "json"), verb_flag(call, "errors"), &error), &error);
}

const struct verb verb_status = {
	.name = "status",
	.arguments = "[NAME]",
	.summary = "Tell which archives are attached, their files and counters",
	.max_arguments = 1,
	.run = run,
	.options = {
		{ "errors", NULL, "tell which reads failed: chunk file, byte, disk, file of the image" },
		{ "json", NULL, "print JSON, one object a device or failed read" },
	},
};
