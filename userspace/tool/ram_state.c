// SPDX-License-Identifier: GPL-2.0-only
#include "tool/ram_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"

#define STATE_MAX_BYTES 8192u

static const char *const names[] = {
	[RAM_NONE] = "none", [RAM_WAITING] = "waiting", [RAM_COPYING] = "copying", [RAM_VERIFYING] = "verifying",
	[RAM_MEMORY] = "memory", [RAM_FAILED] = "failed", [RAM_STOPPED] = "stopped",
};
#define PHASES (sizeof names / sizeof *names)

const char *ram_phase_name(enum ram_phase phase)
{
	return names[phase];
}

int ram_state_percent(const struct ram_state *state)
{
	if ((state->phase != RAM_COPYING && state->phase != RAM_VERIFYING) || state->bytes == 0)
		return -1;
	return state->done >= state->bytes ? 100 : (int)((double)state->done * 100 / (double)state->bytes);
}

static void add_seconds(json_object *object, const char *key, double seconds)
{
	json_add_seconds(object, key, seconds > 0 ? seconds : -1);
}

json_object *ram_state_json(const struct ram_state *state)
{
	json_object *object = json_object_new_object();
	int percent = ram_state_percent(state);

	json_add_number(object, "version", 1);
	json_add_string(object, "state", names[state->phase]);
	if (percent < 0)
		json_add_null(object, "percent");
	else
		json_add_number(object, "percent", (uint64_t)percent);
	json_add_number(object, "size", state->bytes);
	json_add_string(object, "disk", state->disk);
	json_add_string(object, "device", state->device);
	add_seconds(object, "switched", state->switched);
	add_seconds(object, "first-read", state->first_read);
	add_seconds(object, "removable", state->removable);
	add_seconds(object, "copy-seconds", state->copy_seconds);
	add_seconds(object, "verify-seconds", state->verify_seconds);
	add_seconds(object, "swap-seconds", state->swap_seconds);
	json_add_number(object, "exit-code", (uint64_t)state->exit_code);
	json_add_string(object, "sentence", state->sentence);
	return object;
}

void ram_state_write(const struct ram_state *state, const char *path)
{
	json_write(ram_state_json(state), path);
}

static const char *text_of(json_object *object, const char *key)
{
	json_object *value = json_object_object_get(object, key);

	return value ? json_object_get_string(value) : "";
}

static double number_of(json_object *object, const char *key)
{
	return json_object_get_double(json_object_object_get(object, key));
}

static void read_object(json_object *object, struct ram_state *state)
{
	for (size_t i = 0; i < PHASES; i++)
		if (strcmp(text_of(object, "state"), names[i]) == 0)
			state->phase = (enum ram_phase)i;
	state->bytes = json_object_get_uint64(json_object_object_get(object, "size"));
	state->done = (uint64_t)(number_of(object, "percent") / 100 * (double)state->bytes + 0.5);
	snprintf(state->disk, sizeof state->disk, "%s", text_of(object, "disk"));
	snprintf(state->device, sizeof state->device, "%s", text_of(object, "device"));
	state->switched = number_of(object, "switched");
	state->first_read = number_of(object, "first-read");
	state->removable = number_of(object, "removable");
	state->copy_seconds = number_of(object, "copy-seconds");
	state->verify_seconds = number_of(object, "verify-seconds");
	state->swap_seconds = number_of(object, "swap-seconds");
	state->exit_code = (int)number_of(object, "exit-code");
	snprintf(state->sentence, sizeof state->sentence, "%s", text_of(object, "sentence"));
}

void ram_state_read(const char *path, struct ram_state *ret)
{
	autofree char *text = NULL;
	json_object *object = NULL;

	*ret = (struct ram_state){ .phase = RAM_NONE };
	if (io_read_file(path, STATE_MAX_BYTES, &text, NULL) >= 0)
		object = json_tokener_parse(text);
	if (json_object_is_type(object, json_type_object))
		read_object(object, ret);
	json_object_put(object);
}

pid_t ram_state_owner(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	autoclose int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

int ram_state_lock(const char *path, struct error *error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	autoclose int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(error, -errno, "Cannot open %s: %s", path, strerror(errno));
	if (fcntl(fd, F_SETLK, &lock) < 0)
		return errno == EAGAIN || errno == EACCES
			       ? fail(error, -EBUSY, "The archive is already being copied to memory, by process %d. See \"ukiblk ram status\"",
				      (int)ram_state_owner(path))
			       : fail(error, -errno, "Cannot lock %s: %s", path, strerror(errno));
	return take_fd(fd);
}
