// SPDX-License-Identifier: GPL-2.0-only
#include "tool/status_errors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "mount/mount.h"
#include "tool/extent_owner.h"
#include "tool/json.h"
#include "tool/read_errors.h"

#define WALK_SECONDS 30.0	/* to find the image's file */

static const char *const kind_names[] = { [READ_ERROR_DATA] = "data", [READ_ERROR_TREE] = "tree", [READ_ERROR_DISK] = "disk" };

/* One failed read and all that is known of its place. */
struct place {
	const struct read_error *error;
	const struct map_device *device;
	bool has_offset;
	uint64_t offset;	/* in the archive */
	char file[PATH_MAX];	/* chunk file, or "" */
	uint64_t file_offset;
	char disk[64];	/* node, or "" */
	char *image_file;	/* or NULL; owned */
};

/* The first line of a block device's attribute in sysfs, or "". */
static void read_attribute(char *ret_text, size_t size, unsigned major, unsigned minor, const char *name)
{
	char path[128];
	autofree char *text = NULL;

	*ret_text = '\0';
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/%s", major, minor, name);
	if (io_read_file(path, PATH_MAX, &text, NULL) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	snprintf(ret_text, size, "%s", text);
}

static void find_disk(struct place *place)
{
	static const char key[] = "DEVNAME=";
	autofree char *text = NULL;
	char path[64], *name;
	struct stat st;

	if (!*place->file || stat(place->file, &st) < 0)
		return;
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/uevent", major(st.st_dev), minor(st.st_dev));
	if (io_read_file(path, 4096, &text, NULL) < 0 || !(name = strstr(text, key)))
		return;
	name += sizeof key - 1;
	name[strcspn(name, "\n")] = '\0';
	snprintf(place->disk, sizeof place->disk, "/dev/%s", name);
}

/* Rows of the loop backend, "MAJOR:MINOR 0" a line: a loop device is as long as its chunk. */
static void find_loop_file(struct place *place)
{
	uint64_t start = 0, sectors, offset;
	unsigned major, minor;

	for (const char *row = place->device->table; row && sscanf(row, "%u:%u", &major, &minor) == 2; row = strchr(row, '\n')) {
		char text[32], first[32];

		row += *row == '\n';
		read_attribute(text, sizeof text, major, minor, "size");
		if (!text_parse_number(text, 0, INT64_MAX / SECTOR_BYTES, &sectors))
			return;
		if (place->offset - start < sectors * SECTOR_BYTES) {
			read_attribute(first, sizeof first, major, minor, "loop/offset");
			read_attribute(place->file, sizeof place->file, major, minor, "loop/backing_file");
			if (!text_parse_number(first, 0, INT64_MAX, &offset))
				*place->file = '\0';
			place->file_offset = offset + (place->offset - start);
			return;
		}
		start += sectors * SECTOR_BYTES;
	}
}

static void find_place(struct place *place)
{
	const struct read_error *error = place->error;

	if (error->kind == READ_ERROR_DISK) {
		snprintf(place->file, sizeof place->file, "%s", error->path);
		place->file_offset = error->offset;
		place->has_offset = map_table_find_file(place->device->table, error->path, error->offset, &place->offset);
	} else {
		place->offset = error->offset;
		place->has_offset = true;
		if (place->device->backend == MAP_LOOP)
			find_loop_file(place);
		else if (!map_table_find(place->device->table, error->offset, place->file, sizeof place->file, &place->file_offset))
			*place->file = '\0';
	}
	find_disk(place);
}

/* The files of one device's filesystem, where that is mounted. */
static void find_image_files(const struct map_device *device, struct place *places, size_t count)
{
	struct extent_owner owners[READ_ERRORS_MAX];
	struct place *asking[READ_ERRORS_MAX];
	char node[MAP_NAME_BYTES + 32], mount[PATH_MAX];
	size_t asked = 0;

	for (size_t i = 0; i < count; i++)
		if (places[i].device == device && places[i].has_offset && places[i].error->kind != READ_ERROR_TREE) {
			owners[asked] = (struct extent_owner){ .offset = places[i].offset };
			asking[asked++] = &places[i];
		}
	snprintf(node, sizeof node, "/dev/mapper/%s-verity", device->name);
	if (asked == 0 || !mount_find_source(node, mount, sizeof mount))
		return;
	extent_find_owners(mount, owners, asked, WALK_SECONDS);
	for (size_t i = 0; i < asked; i++)
		asking[i]->image_file = owners[i].path;
}

static void print_text(const struct place *place)
{
	const struct read_error *error = place->error;
	autofree char *image = place->image_file ? strdup(place->image_file) : NULL;

	printf("%s: ", place->device->name);
	if (error->kind == READ_ERROR_DISK)
		printf(error->gone ? "The disk was gone (%s):" : "The disk did not give (%s)", strerror(-error->code));
	else
		printf("Damaged in the %s:", error->kind == READ_ERROR_DATA ? "filesystem" : "hash tree");
	if (*place->file)
		printf(" byte %" PRIu64 " of %s", place->file_offset, place->file);
	else
		printf(" byte %" PRIu64 " of the archive", place->offset);
	printf(" on %s", *place->disk ? place->disk : "a disk that is not there any more");
	if (image) {
		text_make_printable(image);
		printf(", which belongs to %s", image);
	} else if (error->kind != READ_ERROR_TREE) {
		printf(", which belongs to metadata or to a file that cannot be told");
	}
	printf(". Seen %u time%s, first %.1f s after the start.\n", error->count, error->count == 1 ? "" : "s", error->first);
}

static void add_known(json_object *object, const char *key, const char *text)
{
	if (text && *text)
		json_add_string(object, key, text);
	else
		json_add_null(object, key);
}

static void add_known_number(json_object *object, const char *key, bool is_known, uint64_t number)
{
	if (is_known)
		json_add_number(object, key, number);
	else
		json_add_null(object, key);
}

static int print_json(const struct place *place, struct error *reason)
{
	const struct read_error *error = place->error;
	json_object *object = json_object_new_object();

	json_add_string(object, "device", place->device->name);
	json_add_string(object, "kind", kind_names[error->kind]);
	json_add(object, "code", json_object_new_int(error->kind == READ_ERROR_DISK ? error->code : -EBADMSG));
	json_add_boolean(object, "gone", error->kind == READ_ERROR_DISK && error->gone);
	add_known_number(object, "offset", place->has_offset, place->offset);
	add_known(object, "file", place->file);
	add_known_number(object, "file-offset", *place->file, place->file_offset);
	add_known(object, "disk", place->disk);
	add_known(object, "image-file", place->image_file);
	json_add_number(object, "count", error->count);
	json_add_seconds(object, "first", error->first);
	json_add_seconds(object, "last", error->last);
	return json_print(object, reason);
}

static const struct map_device *find_device(const struct map_device *devices, size_t count, const struct read_error *error)
{
	for (size_t i = 0; i < count; i++)
		if (devices[i].major == error->major && devices[i].minor == error->minor)
			return &devices[i];
	return NULL;
}

static int print_places(const struct map_device *devices, size_t count, const struct read_errors *errors, bool as_json,
			struct error *error)
{
	static struct place places[READ_ERRORS_MAX];	/* large: not on the stack */
	size_t known = 0;
	int r = 0;

	for (size_t i = 0; i < errors->count; i++) {
		const struct map_device *device = find_device(devices, count, &errors->list[i]);

		if (!device)
			continue;	/* dm-verity of others */
		places[known] = (struct place){ .error = &errors->list[i], .device = device };
		find_place(&places[known++]);
	}
	for (size_t i = 0; i < count; i++)
		find_image_files(&devices[i], places, known);
	for (size_t i = 0; i < known; i++) {
		if (as_json && r >= 0)
			r = print_json(&places[i], error);
		else if (!as_json)
			print_text(&places[i]);
		free(places[i].image_file);
	}
	return r;
}

int status_print_errors(const struct map_device *devices, size_t count, bool as_json, struct error *error)
{
	static struct read_errors errors;	/* large: not on the stack */
	int r = kmsg_read(read_errors_take, &errors);

	if (r < 0)
		return fail(error, r, "Cannot read the kernel's log: %s", strerror(-r));
	return print_places(devices, count, &errors, as_json, error);
}
