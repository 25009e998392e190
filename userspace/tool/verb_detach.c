// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "map/device.h"
#include "tool/names.h"
#include "tool/verb.h"
#include "verify/verity.h"

/* The name as attach printed it, or as the archive is called: both mean the same pair of devices. */
static const char *bare_name(const char *name, char buffer[static MAP_NAME_BYTES])
{
	static const char prefix[] = "ukiblk-", suffix[] = "-verity", folder[] = "/dev/mapper/";
	size_t length;

	if (strncmp(name, folder, sizeof folder - 1) == 0)
		name += sizeof folder - 1;
	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return name;
	snprintf(buffer, MAP_NAME_BYTES, "%s", name + sizeof prefix - 1);
	length = strlen(buffer);
	if (length > sizeof suffix - 1 && strcmp(buffer + length - (sizeof suffix - 1), suffix) == 0)
		buffer[length - (sizeof suffix - 1)] = '\0';
	return buffer;
}

static int run(const struct verb_call *call)
{
	char buffer[MAP_NAME_BYTES];
	struct device_names names;
	struct map_device device;
	struct error error;
	int r;

	device_names_make(bare_name(call->arguments[0], buffer), &names);
	r = map_get_device(names.archive, &device, &error);
	if (r < 0)
		return verb_report(r, &error);
	map_release_device(&device);
	r = verify_deactivate(names.verity, &error);
	if (r >= 0 || r == -ENXIO)
		r = map_remove_device(names.archive, &error);
	return verb_report(r, &error);
}

const struct verb verb_detach = {
	.name = "detach",
	.arguments = "NAME|DEVICE",
	.summary = "Take away the devices that attach made",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
