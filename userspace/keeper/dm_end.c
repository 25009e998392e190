// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/dm_end.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAX_DEVICES 64
#define MAX_ROUNDS 16

union call {
	struct dm_ioctl head;
	char bytes[32768];
};

/* What follows the header is the caller's: @targets rows of a table. */
static bool run_with_targets(union call *call, unsigned long command, const char *name, uint32_t flags, uint32_t targets)
{
	autoclose int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);

	call->head = (struct dm_ioctl){
		.version = { DM_VERSION_MAJOR, 0, 0 },
		.data_size = sizeof *call,
		.data_start = sizeof call->head,
		.flags = flags,
		.target_count = targets,
	};
	snprintf(call->head.name, sizeof call->head.name, "%s", name);
	return control >= 0 && ioctl(control, command, call) == 0;
}

static bool run(union call *call, unsigned long command, const char *name, uint32_t flags)
{
	return run_with_targets(call, command, name, flags, 0);
}

static size_t list(char names[static MAX_DEVICES][DM_NAME_LEN])
{
	static union call call;
	const struct dm_name_list *entry;
	size_t count = 0;

	if (!run(&call, DM_LIST_DEVICES, "", 0))
		return 0;
	entry = (const void *)(call.bytes + call.head.data_start);
	while (entry->dev && count < MAX_DEVICES) {
		snprintf(names[count++], DM_NAME_LEN, "%s", entry->name);
		if (!entry->next)
			break;
		entry = (const void *)((const char *)entry + entry->next);
	}
	return count;
}

/* A device of the target "ukiblk" whose disk is gone (kmod/README.md, Status); *@ret_sectors: its length. */
static bool is_gone(const char *name, uint64_t *ret_sectors)
{
	static union call call;
	const struct dm_target_spec *spec = (const void *)(call.bytes + sizeof call.head);
	char state[16] = "";

	if (!run(&call, DM_TABLE_STATUS, name, 0) || call.head.target_count != 1 || strcmp(spec->target_type, "ukiblk") != 0)
		return false;
	*ret_sectors = spec->length;
	return sscanf((const char *)(spec + 1), "%*u %*u %*d %15s", state) == 1 && strcmp(state, "live") != 0;
}

static void load_error(const char *name, uint64_t sectors)
{
	static union call call;
	struct dm_target_spec *spec = (void *)(call.bytes + sizeof call.head);

	memset(&call, 0, sizeof call);
	*spec = (struct dm_target_spec){ .length = sectors, .next = sizeof *spec + 8 };
	memcpy(spec->target_type, "error", sizeof "error");
	if (!run_with_targets(&call, DM_TABLE_LOAD, name, DM_READONLY_FLAG, 1))
		return;
	/* With flush: what waits fails. Without freezing a filesystem that cannot be written to. */
	run(&call, DM_DEV_SUSPEND, name, DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG);
	run(&call, DM_DEV_SUSPEND, name, 0);
}

void dm_end_waiting(void)
{
	static char names[MAX_DEVICES][DM_NAME_LEN];
	size_t count = list(names);

	for (size_t i = 0; i < count; i++) {
		uint64_t sectors;

		if (is_gone(names[i], &sectors))
			load_error(names[i], sectors);
	}
}

void dm_end_devices(void)
{
	static char names[MAX_DEVICES][DM_NAME_LEN];
	static union call call;
	bool changed = true;

	for (int round = 0; round < MAX_ROUNDS && changed; round++) {
		size_t count = list(names);

		changed = false;
		for (size_t i = 0; i < count; i++)
			changed |= run(&call, DM_DEV_REMOVE, names[i], 0);
	}
}
