// SPDX-License-Identifier: GPL-2.0-only
#include "map/device.h"

#include <errno.h>
#include <fcntl.h>
#include <libdevmapper.h>
#include <linux/dm-ioctl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "map/loop.h"

static void cleanup_task(struct dm_task **task)
{
	if (*task)
		dm_task_destroy(*task);
}
#define autotask __attribute__((cleanup(cleanup_task)))

static char last_message[512];

static void keep_message(int level, const char *file, int line, int dm_errno, const char *format, ...)
{
	va_list arguments;

	(void)file;
	(void)line;
	(void)dm_errno;
	/* 3: _LOG_ERR of libdevmapper's own log levels */
	if ((level & 7) > 3)
		return;
	va_start(arguments, format);
	vsnprintf(last_message, sizeof last_message, format, arguments);
	va_end(arguments);
	/* It becomes the end of a sentence, which brings its own full stop. */
	for (size_t length = strlen(last_message); length > 0 && last_message[length - 1] == '.'; length--)
		last_message[length - 1] = '\0';
}

void map_init(void)
{
	dm_log_with_errno_init(keep_message);
}

static struct dm_task *new_task(int type, const char *name)
{
	struct dm_task *task;

	last_message[0] = '\0';
	task = dm_task_create(type);
	if (task && (!name || dm_task_set_name(task, name)))
		return task;
	if (task)
		dm_task_destroy(task);
	return NULL;
}

static int task_errno(struct dm_task *task)
{
	int code = dm_task_get_errno(task);

	return code ? -code : -EIO;
}

/*
 * The kernel's reason for refusing a table is only in its log. Read what was logged since @log was
 * put at the end; the newest line of device-mapper that names our target wins.
 */
static void read_kernel_reason(int log, char *ret_reason, size_t size)
{
	static const char mark[] = ": " MAP_TARGET ": ";
	char line[1024];
	ssize_t n;

	*ret_reason = '\0';
	while (log >= 0 && ((n = read(log, line, sizeof line - 1)) > 0 || (n < 0 && errno == EPIPE))) {
		char *text = n > 0 ? (line[n] = '\0', strstr(line, mark)) : NULL;

		if (!text)
			continue;
		text[strcspn(text, "\n")] = '\0';
		text += sizeof mark - 1;
		/* The core appends the errno as " (-EXXX)"; the sentence is what stands before it. */
		snprintf(ret_reason, size, "%s", text);
	}
}

static int open_kernel_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (log >= 0)
		lseek(log, 0, SEEK_END);
	return log;
}

static int run_with_cookie(struct dm_task *task, uint16_t flags)
{
	uint32_t cookie = 0;
	int done = dm_task_set_cookie(task, &cookie, flags) && dm_task_run(task);

	/* The cookie is waited for even after a failure: it must not leak. */
	dm_udev_wait(cookie);
	return done;
}

static void set_uuid(struct dm_task *task, const struct found_archive *archive, const char *name)
{
	char uuid[UUID_TEXT_BYTES], text[DM_UUID_LEN];

	text_format_uuid(archive->files[0].id.uuid, uuid);
	snprintf(text, sizeof text, MAP_UUID_PREFIX "%s-%.80s", uuid, name);
	dm_task_set_uuid(task, text);
}

/* Asking for a target's version makes the kernel load its module. */
static bool has_target(void)
{
	autotask struct dm_task *task = new_task(DM_DEVICE_GET_TARGET_VERSION, MAP_TARGET);

	return task && dm_task_run(task);
}

static int add_module_rows(struct dm_task *task, const struct found_archive *archive)
{
	autofree char *params = map_table_params(archive);

	return params && dm_task_add_target(task, 0, map_table_sectors(archive), MAP_TARGET, params) ? 0 : -ENOMEM;
}

static int add_loop_rows(struct dm_task *task, const struct found_archive *archive, struct loop_device *loops, struct error *error)
{
	for (size_t i = 0; i < archive->count; i++) {
		const struct identifier *id = &archive->files[i].id;
		char params[LOOP_NODE_BYTES + 8];
		int r = loop_attach(&archive->files[i], &loops[i], error);

		if (r < 0)
			return r;
		snprintf(params, sizeof params, "%s 0", loops[i].node);
		if (!dm_task_add_target(task, id->chunk_offset / SECTOR_BYTES, id->chunk_length / SECTOR_BYTES, "linear", params))
			return fail(error, -ENOMEM, "Out of memory");
	}
	return 0;
}

static int run_create(struct dm_task *task, const char *name, const struct found_archive *archive, struct error *error)
{
	autoclose int log = open_kernel_log();
	char reason[512];
	int code;

	set_uuid(task, archive, name);
	/* The content is also on the disk itself: no links by UUID or label may point here. */
	if (run_with_cookie(task, DM_UDEV_DISABLE_DISK_RULES_FLAG | DM_UDEV_DISABLE_OTHER_RULES_FLAG |
					  DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG)) {
		dm_task_update_nodes();
		return 0;
	}
	code = task_errno(task);
	dm_task_update_nodes();
	read_kernel_reason(log, reason, sizeof reason);
	if (code == -EBUSY && !*reason)
		return fail(error, -EEXIST, "A device named %s exists already", name);
	return fail(error, code, "The kernel refuses to map %s: %s", archive->files[0].path,
		    *reason ? reason : *last_message ? last_message : strerror(-code));
}

static int create_on_loops(struct dm_task *task, const char *name, const struct found_archive *archive, struct error *error)
{
	struct loop_device *loops = calloc(archive->count, sizeof *loops);
	int r = 0;

	if (!loops)
		return fail(error, -ENOMEM, "Out of memory");
	for (size_t i = 0; i < archive->count; i++)
		loops[i].fd = -1;
	r = add_loop_rows(task, archive, loops, error);
	if (r >= 0)
		r = run_create(task, name, archive, error);
	for (size_t i = 0; i < archive->count; i++)
		if (loops[i].fd >= 0)
			close(loops[i].fd);
	free(loops);
	return r;
}

int map_create_device(const char *name, const struct found_archive *archive, enum map_backend backend,
		      enum map_backend *ret_used, struct error *error)
{
	autotask struct dm_task *task = new_task(DM_DEVICE_CREATE, name);
	int r;

	if (!task)
		return fail(error, -ENODEV, "Device-mapper cannot be used: %s", *last_message ? last_message : "no answer");
	if (backend == MAP_AUTO)
		backend = has_target() ? MAP_MODULE : MAP_LOOP;
	if (!dm_task_set_ro(task))
		return fail(error, -ENOMEM, "Out of memory");
	if (backend == MAP_LOOP) {
		r = create_on_loops(task, name, archive, error);
	} else if (add_module_rows(task, archive) < 0) {
		return fail(error, -ENOMEM, "Out of memory");
	} else {
		r = run_create(task, name, archive, error);
	}
	if (r >= 0)
		*ret_used = backend;
	return r;
}

int map_remove_device(const char *name, struct error *error)
{
	autotask struct dm_task *task = new_task(DM_DEVICE_REMOVE, name);

	if (!task)
		return fail(error, -ENOMEM, "Out of memory");
	if (run_with_cookie(task, 0)) {
		dm_task_update_nodes();
		return 0;
	}
	switch (task_errno(task)) {
	case -ENXIO:
		return fail(error, -ENXIO, "There is no device named %s", name);
	case -EBUSY:
		return fail(error, -EBUSY, "The device %s is in use. Unmount what is on it first", name);
	default:
		return fail(error, task_errno(task), "Cannot remove the device %s: %s", name, last_message);
	}
}

static bool is_ours(struct dm_task *task)
{
	const char *uuid = dm_task_get_uuid(task);

	return uuid && strncmp(uuid, MAP_UUID_PREFIX, sizeof MAP_UUID_PREFIX - 1) == 0;
}

/* The rows' parameters, one a line; dm_get_next_target() returns NULL with the last row. */
static int read_rows(struct dm_task *task, struct map_device *device, char **ret_text)
{
	uint64_t start, sectors;
	char *target, *params, *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	void *next = NULL;

	if (!out)
		return -ENOMEM;
	device->sectors = 0;
	do {
		next = dm_get_next_target(task, next, &start, &sectors, &target, &params);
		if (!target)
			continue;
		fprintf(out, "%s%s", device->sectors ? "\n" : "", params ? params : "");
		device->backend = strcmp(target, MAP_TARGET) == 0 ? MAP_MODULE : MAP_LOOP;
		device->sectors += sectors;
	} while (next);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	return 0;
}

/* One ioctl: DM_DEVICE_TABLE or DM_DEVICE_STATUS. */
static int query(int type, const char *name, struct map_device *device, char **ret_text, struct error *error)
{
	autotask struct dm_task *task = new_task(type, name);
	struct dm_info info;

	if (!task || !dm_task_run(task) || !dm_task_get_info(task, &info))
		return fail(error, task && task_errno(task) != -ENXIO ? task_errno(task) : -ENXIO,
			    "There is no device named %s", name);
	if (!info.exists)
		return fail(error, -ENXIO, "There is no device named %s", name);
	if (!is_ours(task))
		return fail(error, -ENXIO, "%s is not an archive device", name);
	device->open_count = info.open_count;
	device->major = info.major;
	device->minor = info.minor;
	return read_rows(task, device, ret_text) < 0 ? fail(error, -ENOMEM, "Out of memory") : 0;
}

int map_get_device(const char *name, struct map_device *ret, struct error *error)
{
	struct map_device device = { 0 };
	int r;

	snprintf(device.name, sizeof device.name, "%s", name);
	r = query(DM_DEVICE_TABLE, name, &device, &device.table, error);
	if (r >= 0)
		r = query(DM_DEVICE_STATUS, name, &device, &device.status, error);
	if (r < 0) {
		map_release_device(&device);
		return r;
	}
	*ret = device;
	return 0;
}

void map_release_device(struct map_device *device)
{
	free(device->table);
	free(device->status);
	*device = (struct map_device){ 0 };
}

void map_release_devices(struct map_device *devices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		map_release_device(&devices[i]);
	free(devices);
}

/* One that is not ours, or gone by now, is left out. */
static int append_device(struct map_device **devices, size_t *count, const char *name, struct error *error)
{
	struct map_device device, *grown;
	int r = map_get_device(name, &device, error);

	if (r < 0)
		return r == -ENXIO ? 0 : r;
	grown = reallocarray(*devices, *count + 1, sizeof *grown);
	if (!grown) {
		map_release_device(&device);
		return fail(error, -ENOMEM, "Out of memory");
	}
	*devices = grown;
	grown[(*count)++] = device;
	return 0;
}

int map_get_params(const char *name, const char *target, char **ret, struct error *error)
{
	autotask struct dm_task *task = new_task(DM_DEVICE_TABLE, name);
	char *type = NULL, *params = NULL;
	uint64_t start, sectors;

	if (!task || !dm_task_run(task))
		return fail(error, -ENXIO, "There is no device named %s", name);
	if (dm_get_next_target(task, NULL, &start, &sectors, &type, &params) || !type || !params || strcmp(type, target) != 0)
		return fail(error, -ENXIO, "%s is not a device of the target %s", name, target);
	*ret = strdup(params);
	return *ret ? 0 : fail(error, -ENOMEM, "Out of memory");
}

int map_list_devices(struct map_device **ret_devices, size_t *ret_count, struct error *error)
{
	autotask struct dm_task *task = new_task(DM_DEVICE_LIST, NULL);
	struct map_device *devices = NULL;
	struct dm_names *names;
	size_t count = 0;
	int r = 0;

	if (!task || !dm_task_run(task) || !(names = dm_task_get_names(task)))
		return fail(error, -EIO, "Cannot ask device-mapper for its devices: %s",
			    *last_message ? last_message : "no answer");
	for (; names->dev; names = (struct dm_names *)((char *)names + names->next)) {
		r = append_device(&devices, &count, names->name, error);
		if (r < 0 || !names->next)
			break;
	}
	if (r < 0) {
		map_release_devices(devices, count);
		return r;
	}
	*ret_devices = devices;
	*ret_count = count;
	return 0;
}
