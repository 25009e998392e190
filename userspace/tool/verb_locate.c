// SPDX-License-Identifier: GPL-2.0-only
/*
 * The archives within reach of this running system: the boot's search without its end. A carrier that is
 * mounted is looked at where it is; others are mounted read-only in a mount namespace of our own, so
 * that nothing of it shows or stays.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/text.h"
#include "locate/carrier.h"
#include "locate/queue.h"
#include "mount/mount.h"
#include "tool/json.h"
#include "tool/verb.h"

#define PRIVATE_MOUNT "/run/ukiblk/locate"

struct locate {
	const uint8_t *root_hash;	/* NULL: all archives */
	struct carrier_queue queue;	/* in the order of the boot */
	bool boot_seen;
	bool as_json;
	unsigned found, failed;
	bool is_short_of_memory;	/* and something is missing in the list */
	/* The carrier at hand. */
	const struct carrier_device *device;
	bool is_boot_partition;	/* the first that a variable of the firmware names */
	const char *mount;
};

static void print_refused(void *context, const char *path, int code, const char *sentence)
{
	struct locate *locate = context;

	locate->is_short_of_memory |= code == -ENOMEM;
	/* Another archive than the one asked for is no fault of it. */
	if (code == -ENOENT && locate->root_hash)
		return;
	locate->failed++;
	fprintf(stderr, "ukiblk: %s %s: %s.\n", locate->device->node, path + strlen(locate->mount), sentence);
}

static int print_found(void *context, const struct found_archive *archive)
{
	struct locate *locate = context;
	const struct identifier *id = &archive->files[0].id;
	const char *file = archive->files[0].path + strlen(locate->mount);
	char hash[2 * HASH_BYTES + 1];
	json_object *object;
	struct error error;

	locate->found++;
	if (locate->as_json) {
		object = json_of_archive(archive);
		json_add_string(object, "device", locate->device->node);
		json_add_boolean(object, "boot-partition", locate->is_boot_partition);
		if (json_print(object, &error) < 0)
			locate->is_short_of_memory = true;
		return -EAGAIN;	/* go on: all are wanted */
	}
	text_format_hex(id->root_hash, HASH_BYTES, hash);
	printf("%s%s  %s  archive \"%s\", %u chunk%s\n  root-hash: %s\n", locate->device->node,
	       locate->is_boot_partition ? " (boot partition)" : "", file, id->name, id->chunk_count, id->chunk_count == 1 ? "" : "s", hash);
	return -EAGAIN;
}

static void look_at(struct locate *locate, const struct candidate *candidate)
{
	const struct carrier_device *device = &candidate->device;
	const struct mount_request request = { .fstype = device->fstype, .source = device->node, .target = PRIVATE_MOUNT,
					       .read_only = true, .confined = true };
	char mounted[4096];
	struct error error;

	locate->device = device;
	locate->is_boot_partition = candidate->hint && !locate->boot_seen;
	locate->boot_seen |= candidate->hint != NULL;
	locate->mount = mounted;
	if (!mount_find_source(device->node, mounted, sizeof mounted)) {
		if (mount_filesystem(&request, &error) < 0) {
			locate->failed++;
			fprintf(stderr, "ukiblk: %s: %s.\n", device->node, error.text);
			return;
		}
		snprintf(mounted, sizeof mounted, PRIVATE_MOUNT);
	}
	carrier_search(locate->mount, candidate->uki_path, locate->root_hash, print_found, print_refused, locate);
	if (strcmp(mounted, PRIVATE_MOUNT) == 0)
		mount_detach(PRIVATE_MOUNT);
}

static void queue_device(void *context, const struct carrier_device *device)
{
	struct locate *locate = context;

	carrier_queue_add(&locate->queue, device, 0, false);
}

static int locate_all(struct locate *locate, struct error *error)
{
	struct device_watch *watch;
	struct candidate candidate;
	int r;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail(error, -errno, "Cannot mount privately: %s. Looking at disks needs root", strerror(errno));
	locate->queue.hint_count = efivars_list_hints(EFIVARS_FOLDER, locate->queue.hints);
	r = device_watch_open(&watch, error);
	if (r < 0)
		return r;
	r = device_watch_list(watch, queue_device, locate, error);
	device_watch_close(watch);
	while (r >= 0 && carrier_queue_take(&locate->queue, &candidate))
		look_at(locate, &candidate);
	if (r >= 0 && locate->is_short_of_memory)
		return fail(error, -ENOMEM, "Out of memory");
	if (r >= 0 && locate->found == 0)
		r = fail(error, -ETIMEDOUT, locate->root_hash ? "No archive with that root hash is on a disk of this machine"
							       : "No archive is on a disk of this machine");
	return r;
}

static int run(const struct verb_call *call)
{
	const char *hex = verb_value(call, "root-hash");
	static struct locate locate;	/* large: not on the stack */
	uint8_t root_hash[HASH_BYTES];
	struct error error;

	if (hex && !text_parse_hex(hex, root_hash, HASH_BYTES))
		return verb_usage_error(call, "The root hash is not %u hexadecimal digits", 2 * HASH_BYTES);
	locate.as_json = verb_flag(call, "json");
	locate.root_hash = hex ? root_hash : NULL;
	return verb_report(locate_all(&locate, &error), &error);
}

const struct verb verb_locate = {
	.name = "locate",
	.arguments = "",
	.summary = "List the archives on the disks of this machine",
	.run = run,
	.options = {
		{ "root-hash", "HEX", "only the one that names this root hash" },
		{ "json", NULL, "print JSON, one object an archive" },
	},
};
