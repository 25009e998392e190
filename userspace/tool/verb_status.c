// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "map/device.h"
#include "tool/json.h"
#include "tool/keeper_client.h"
#include "tool/names.h"
#include "tool/status_errors.h"
#include "tool/verb.h"

#define KEEPER_SECONDS 5.0	/* it answers at once, or not at all */

struct counters {
	unsigned files, extents;
	long long failed_reads;
	unsigned nameless;
};

/* The target's own status (kmod/README.md); false on loop devices, which have none. */
static bool read_counters(const struct map_device *device, struct counters *ret)
{
	return device->backend == MAP_MODULE &&
	       sscanf(device->status, "%u %u %lld %*s %*u %*d %u", &ret->files, &ret->extents, &ret->failed_reads, &ret->nameless) == 4;
}

/* What the keeper says, when it is this device that it keeps; else NULL. @reply is where it is put. */
static const struct keeper_reply *ask_keeper(const struct map_device *device, struct keeper_reply *reply)
{
	char name[MAP_NAME_BYTES];
	struct error ignored;

	return keeper_ask(KEEPER_REQUEST_STATUS, KEEPER_SECONDS, reply, &ignored) == 0 && keeper_reply_value(reply, "device", name, sizeof name) &&
	       strcmp(name, device->name) == 0 ? reply : NULL;
}

static void add_keeper_number(json_object *object, const struct keeper_reply *reply, const char *key)
{
	char value[32];
	uint64_t number;

	if (keeper_reply_value(reply, key, value, sizeof value) && text_parse_number(value, 0, INT64_MAX, &number))
		json_add_number(object, key, number);
	else
		json_add_null(object, key);
}

static void add_keeper(json_object *object, const struct keeper_reply *reply)
{
	static const char *const texts[] = { "state", "carrier", "refused" };
	static const char *const numbers[] = { "hold", "left", "waiting", "pulls", "last-mount-ms", "last-check-ms", "last-reload-ms",
					       "last-total-ms", "locked-kib", "pid" };
	json_object *keeper = json_object_new_object();
	char value[512];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		json_add_string(keeper, texts[i], keeper_reply_value(reply, texts[i], value, sizeof value) ? value : "");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		add_keeper_number(keeper, reply, numbers[i]);
	json_add(object, "keeper", keeper);
}

static int print_json(const struct map_device *device, struct error *error)
{
	json_object *object = json_object_new_object();
	struct keeper_reply space;
	const struct keeper_reply *reply = ask_keeper(device, &space);
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
		json_add_number(object, "replaced-files", counters.nameless);
	}
	if (reply)
		add_keeper(object, reply);
	return json_print(object, error);
}

static void print_keeper(const struct keeper_reply *reply)
{
	char state[16], carrier[96], value[512] = "", waiting[32];

	if (!keeper_reply_value(reply, "state", state, sizeof state) || !keeper_reply_value(reply, "carrier", carrier, sizeof carrier) ||
	    !keeper_reply_value(reply, "waiting", waiting, sizeof waiting))
		return;
	if (strcmp(state, "kept") == 0 && keeper_reply_value(reply, "hold", value, sizeof value))
		printf("  keeper: watches over %s; when it is pulled, reads wait for %s s\n", carrier, value);
	else if (strcmp(state, "gone") == 0)
		printf("  keeper: %s was pulled; waiting reads: %s%s%s\n", carrier, waiting,
		       keeper_reply_value(reply, "left", value, sizeof value) ? ", seconds left: " : "", value);
	else if (strcmp(state, "failed") == 0)
		printf("  keeper: %s was pulled and did not return in time; reads fail\n", carrier);
	else
		printf("  keeper: the archive is in memory; no disk is needed\n");
	if (keeper_reply_value(reply, "pulls", value, sizeof value) && strcmp(value, "0") != 0)
		printf("  pulls: %s\n", value);
	if (keeper_reply_value(reply, "refused", value, sizeof value) && *value)
		printf("  refused: %s\n", value);
}

static void print_counters(const struct counters *counters)
{
	printf("  failed reads: %lld%s\n", counters->failed_reads, counters->failed_reads ? " (see \"ukiblk status --errors\")" : "");
	if (counters->nameless)
		printf("  replaced: %u of %u files were deleted or replaced on the disk; they stay readable until this device goes\n",
		       counters->nameless, counters->files);
}

static int print_device(const struct map_device *device, bool as_json, struct error *error)
{
	struct keeper_reply space;
	const struct keeper_reply *reply;
	struct counters counters;

	if (as_json)
		return print_json(device, error);
	printf("%s\n  size: %" PRIu64 " bytes\n  open: %d\n  map: %s\n  table: %s\n  status: %s\n", device->name,
	       device->sectors * SECTOR_BYTES, device->open_count, device->backend == MAP_LOOP ? "loop" : MAP_TARGET, device->table,
	       device->status);
	if (read_counters(device, &counters))
		print_counters(&counters);
	reply = ask_keeper(device, &space);
	if (reply)
		print_keeper(reply);
	return 0;
}

/* One, by its archive's name or its own, or all; the caller releases the list. */
static int get_devices(const char *name, struct map_device **ret_devices, size_t *ret_count, struct error *error)
{
	struct device_names names;
	struct map_device *device;
	int r;

	if (!name)
		return map_list_devices(ret_devices, ret_count, error);
	device = calloc(1, sizeof *device);
	if (!device)
		return fail(error, -ENOMEM, "Out of memory");
	device_names_make(name, &names);
	r = map_get_device(names.archive, device, error);
	if (r == -ENXIO)
		r = map_get_device(name, device, error);
	if (r < 0) {
		free(device);
		return r;
	}
	*ret_devices = device;
	*ret_count = 1;
	return 0;
}

static int print(const char *name, bool as_json, bool errors, struct error *error)
{
	struct map_device *devices;
	size_t count;
	int r = get_devices(name, &devices, &count, error);

	if (r < 0)
		return r;
	if (errors)
		r = status_print_errors(devices, count, as_json, error);
	for (size_t i = 0; !errors && r >= 0 && i < count; i++)
		r = print_device(&devices[i], as_json, error);
	map_release_devices(devices, count);
	return r;
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
