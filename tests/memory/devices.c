// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into ukiblk beside fail.c: a device-mapper that has two archives, for there is none where the
 * sweep runs. What the program itself asks libdevmapper is answered here; what libcryptsetup asks is not,
 * and ends as it does without the kernel's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <libdevmapper.h>
#include <stdlib.h>
#include <string.h>

#define CALLER __builtin_return_address(0)
#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

struct fake {
	int type;
	const struct device *device;	/* NULL: of all, or none of that name */
};

static const struct device {
	const char *name, *uuid, *target, *table, *status;
} devices[] = {
	{ "ukiblk-sample", "UKIBLK-0", "ukiblk", "2 /chunks/sample.erofs 0 128 /chunks/sample.erofs.001 0 128", "2 7 3 0 0" },
	{ "ukiblk-other", "UKIBLK-1", "linear", "7:0 0", "" },
};

static struct { struct dm_names head; char name[64]; } names[2];

static int is_own(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) && strcmp(basename(info.dli_fname), "ukiblk") == 0;
}

struct dm_task *dm_task_create(int type)
{
	struct fake *fake;

	if (!is_own(CALLER))
		return REAL(dm_task_create)(type);
	fake = calloc(1, sizeof *fake);
	if (fake)
		fake->type = type;
	return (struct dm_task *)fake;
}

void dm_task_destroy(struct dm_task *task)
{
	if (is_own(CALLER))
		free(task);
	else
		REAL(dm_task_destroy)(task);
}

int dm_task_set_name(struct dm_task *task, const char *name)
{
	if (!is_own(CALLER))
		return REAL(dm_task_set_name)(task, name);
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		if (strcmp(devices[i].name, name) == 0)
			((struct fake *)task)->device = &devices[i];
	return 1;
}

int dm_task_run(struct dm_task *task)
{
	struct fake *fake = (struct fake *)task;

	if (!is_own(CALLER))
		return REAL(dm_task_run)(task);
	return fake->device || fake->type == DM_DEVICE_LIST;
}

int dm_task_get_errno(struct dm_task *task) { return is_own(CALLER) ? ENXIO : REAL(dm_task_get_errno)(task); }
int dm_task_set_cookie(struct dm_task *task, uint32_t *cookie, uint16_t flags)
{
	return is_own(CALLER) ? 1 : REAL(dm_task_set_cookie)(task, cookie, flags);
}
int dm_udev_wait(uint32_t cookie) { return is_own(CALLER) ? 1 : REAL(dm_udev_wait)(cookie); }
void dm_task_update_nodes(void)
{
	if (!is_own(CALLER))
		REAL(dm_task_update_nodes)();
}

const char *dm_task_get_uuid(const struct dm_task *task)
{
	return is_own(CALLER) ? ((const struct fake *)task)->device->uuid : REAL(dm_task_get_uuid)(task);
}

int dm_task_get_info(struct dm_task *task, struct dm_info *info)
{
	if (!is_own(CALLER))
		return REAL(dm_task_get_info)(task, info);
	*info = (struct dm_info){ .exists = 1, .major = 253, .minor = (uint32_t)(((struct fake *)task)->device - devices) };
	return 1;
}

void *dm_get_next_target(struct dm_task *task, void *next, uint64_t *start, uint64_t *length, char **type, char **params)
{
	const struct fake *fake = (const struct fake *)task;

	if (!is_own(CALLER))
		return REAL(dm_get_next_target)(task, next, start, length, type, params);
	*start = 0;
	*length = 256;
	*type = (char *)fake->device->target;
	*params = (char *)(fake->type == DM_DEVICE_TABLE ? fake->device->table : fake->device->status);
	return NULL;
}

struct dm_names *dm_task_get_names(struct dm_task *task)
{
	if (!is_own(CALLER))
		return REAL(dm_task_get_names)(task);
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		names[i].head = (struct dm_names){ .dev = 1, .next = i == 0 ? sizeof *names : 0 };
		strcpy(names[i].head.name, devices[i].name);
	}
	return &names[0].head;
}
