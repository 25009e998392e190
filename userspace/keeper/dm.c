// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/dm.h"

#include <errno.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#define HEADER_BYTES sizeof(struct dm_ioctl)

int dm_init(struct dm *dm, int control, size_t params_bytes)
{
	dm->control = control;
	dm->size = HEADER_BYTES + sizeof(struct dm_target_spec) + params_bytes + 64;
	/* A list of devices needs room as well. */
	if (dm->size < 16384)
		dm->size = 16384;
	dm->buffer = calloc(1, dm->size);
	return dm->buffer ? 0 : -ENOMEM;
}

static struct dm_ioctl *prepare(struct dm *dm, const char *name, uint32_t flags)
{
	struct dm_ioctl *call = dm->buffer;

	memset(call, 0, HEADER_BYTES);
	/* The interface that knows DM_DEV_ARM_POLL; a newer kernel takes it. */
	call->version[0] = DM_VERSION_MAJOR;
	call->version[1] = 37;
	call->data_size = (uint32_t)dm->size;
	call->data_start = HEADER_BYTES;
	call->flags = flags;
	snprintf(call->name, sizeof call->name, "%s", name);
	return call;
}

static int run(struct dm *dm, unsigned long request, const char *name, uint32_t flags)
{
	return ioctl(dm->control, request, prepare(dm, name, flags)) < 0 ? -errno : 0;
}

static int query(struct dm *dm, const char *name, uint32_t flags, struct dm_answer *ret)
{
	struct dm_ioctl *call = prepare(dm, name, flags);
	const struct dm_target_spec *row;

	if (ioctl(dm->control, DM_TABLE_STATUS, call) < 0)
		return -errno;
	if (call->flags & DM_BUFFER_FULL_FLAG)
		return -ENOSPC;
	*ret = (struct dm_answer){ .major = major(call->dev), .minor = minor(call->dev), .suspended = call->flags & DM_SUSPEND_FLAG,
				   .rows = call->target_count, .params = "" };
	if (ret->rows == 0)
		return 0;
	row = (const void *)((const char *)call + call->data_start);
	ret->sectors = row->length;
	snprintf(ret->type, sizeof ret->type, "%.15s", row->target_type);
	ret->params = (const char *)(row + 1);
	return 0;
}

int dm_table(struct dm *dm, const char *name, struct dm_answer *ret)
{
	return query(dm, name, DM_STATUS_TABLE_FLAG, ret);
}

int dm_status(struct dm *dm, const char *name, struct dm_answer *ret)
{
	/* Without flush: a status must not wait for what is on its way. */
	return query(dm, name, DM_NOFLUSH_FLAG, ret);
}

int dm_load(struct dm *dm, const char *name, uint64_t sectors, const char *type, const char *params)
{
	struct dm_ioctl *call = prepare(dm, name, DM_READONLY_FLAG);
	struct dm_target_spec *row = (void *)((char *)call + HEADER_BYTES);
	size_t length = strlen(params) + 1;

	if (HEADER_BYTES + sizeof *row + length > dm->size)
		return -ENOSPC;
	call->target_count = 1;
	*row = (struct dm_target_spec){ .length = sectors };
	snprintf(row->target_type, sizeof row->target_type, "%s", type);
	memcpy(row + 1, params, length);
	return ioctl(dm->control, DM_TABLE_LOAD, call) < 0 ? -errno : 0;
}

int dm_clear(struct dm *dm, const char *name)
{
	return run(dm, DM_TABLE_CLEAR, name, 0);
}

int dm_suspend(struct dm *dm, const char *name)
{
	return run(dm, DM_DEV_SUSPEND, name, DM_SUSPEND_FLAG | DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG);
}

int dm_resume(struct dm *dm, const char *name)
{
	return run(dm, DM_DEV_SUSPEND, name, 0);
}

int dm_remove(struct dm *dm, const char *name)
{
	return run(dm, DM_DEV_REMOVE, name, 0);
}

int dm_arm(struct dm *dm)
{
	return run(dm, DM_DEV_ARM_POLL, "", 0);
}

int dm_list(struct dm *dm, dm_seen *seen, void *context)
{
	struct dm_ioctl *call = prepare(dm, "", 0);
	const struct dm_name_list *entry;

	if (ioctl(dm->control, DM_LIST_DEVICES, call) < 0)
		return -errno;
	if (call->flags & DM_BUFFER_FULL_FLAG)
		return -ENOSPC;
	entry = (const void *)((const char *)call + call->data_start);
	for (; entry->dev; entry = (const void *)((const char *)entry + entry->next)) {
		seen(context, entry->name, major(entry->dev), minor(entry->dev));
		if (!entry->next)
			break;
	}
	return 0;
}
