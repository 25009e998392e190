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

int map_create_device(const char *name, const struct found_archive *archive, struct error *error)
{
	autotask struct dm_task *task = new_task(DM_DEVICE_CREATE, name);
	autofree char *params = map_table_params(archive);
	autoclose int log = open_kernel_log();
	char reason[512];
	int code;

	if (!task)
		return fail(error, -ENODEV, "Device-mapper cannot be used: %s", *last_message ? last_message : "no answer");
	if (!params || !dm_task_set_ro(task) ||
	    !dm_task_add_target(task, 0, map_table_sectors(archive), MAP_TARGET, params))
		return fail(error, -ENOMEM, "Cannot prepare the device-mapper table of %s", name);
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

/* One ioctl that tells of the only target line of a device: DM_DEVICE_TABLE or DM_DEVICE_STATUS. */
static int query(int type, const char *name, struct map_device *device, char **ret_params, struct error *error)
{
	autotask struct dm_task *task = new_task(type, name);
	uint64_t start, sectors;
	struct dm_info info;
	char *target, *params;

	if (!task || !dm_task_run(task) || !dm_task_get_info(task, &info))
		return fail(error, task && task_errno(task) != -ENXIO ? task_errno(task) : -ENXIO,
			    "There is no device named %s", name);
	if (!info.exists)
		return fail(error, -ENXIO, "There is no device named %s", name);
	dm_get_next_target(task, NULL, &start, &sectors, &target, &params);
	if (!target || strcmp(target, MAP_TARGET) != 0)
		return fail(error, -ENXIO, "%s is not an archive device (its target is not %s)", name, MAP_TARGET);
	*ret_params = strdup(params ? params : "");
	if (!*ret_params)
		return fail(error, -ENOMEM, "Out of memory");
	device->sectors = sectors;
	device->open_count = info.open_count;
	return 0;
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

int map_list_devices(struct map_device **ret_devices, size_t *ret_count, struct error *error)
{
	autotask struct dm_task *task = new_task(DM_DEVICE_LIST, NULL);
	struct map_device *devices = NULL;
	struct dm_names *names;
	size_t count = 0;

	if (!task || !dm_task_run(task) || !(names = dm_task_get_names(task)))
		return fail(error, -EIO, "Cannot ask device-mapper for its devices: %s",
			    *last_message ? last_message : "no answer");
	for (; names->dev; names = (struct dm_names *)((char *)names + names->next)) {
		struct map_device device, *grown;
		struct error ignored;

		if (map_get_device(names->name, &device, &ignored) >= 0) {
			grown = reallocarray(devices, count + 1, sizeof *grown);
			if (!grown) {
				map_release_device(&device);
				break;
			}
			devices = grown;
			devices[count++] = device;
		}
		if (!names->next)
			break;
	}
	*ret_devices = devices;
	*ret_count = count;
	return 0;
}
