// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "map/device.h"
#include "tool/names.h"
#include "verify/rootblock.h"
#include "tool/verb.h"
#include "verify/verity.h"

/* The kernel opens the files by these paths, and the table line shows them: make them absolute. */
static int make_absolute(struct found_archive *archive, struct error *error)
{
	for (size_t i = 0; i < archive->count; i++) {
		char *absolute = realpath(archive->files[i].path, NULL);

		if (!absolute)
			return fail(error, -errno, "Cannot resolve the path %s", archive->files[i].path);
		free(archive->files[i].path);
		archive->files[i].path = absolute;
	}
	return 0;
}

static int attach(struct found_archive *archive, const char *name, const uint8_t *root_hash, enum map_backend backend,
		  struct error *error)
{
	struct device_names names;
	enum map_backend used = backend;
	struct error ignored;
	bool needs_proof;
	int r;

	device_names_make(name ? name : archive->files[0].id.name, &names);
	r = make_absolute(archive, error);
	if (r >= 0 && root_hash)
		r = verify_root_block(archive, root_hash, error);
	needs_proof = r == 1;
	if (r >= 0)
		r = map_create_device(names.archive, archive, backend, &used, error);
	if (r < 0)
		return r;
	if (used == MAP_LOOP && backend == MAP_AUTO)
		fputs("ukiblk: " MAP_LOOP_WARNING "\n", stderr);
	if (root_hash) {
		r = verify_activate(names.archive_node, names.verity, &archive->files[0].id, root_hash, VERIFY_EIO, error);
		if (r >= 0 && needs_proof) {
			r = verify_prove(names.verity_node, error);
			if (r < 0)
				verify_deactivate(names.verity, &ignored);
		}
		if (r < 0) {
			map_remove_device(names.archive, &ignored);
			return r;
		}
	}
	printf("%s\n", root_hash ? names.verity_node : names.archive_node);
	return 0;
}

static int run(const struct verb_call *call)
{
	const char *hex = verb_value(call, "root-hash"), *name = verb_value(call, "name");
	struct found_archive archive;
	const char *map = verb_value(call, "map");
	enum map_backend backend = MAP_AUTO;
	uint8_t root_hash[HASH_BYTES];
	struct error error;
	int r;

	if (!hex == !verb_flag(call, "unverified"))
		return verb_usage_error(call, "Give either --root-hash or --unverified");
	if (hex && !text_parse_hex(hex, root_hash, HASH_BYTES))
		return verb_usage_error(call, "The root hash is not %u hexadecimal digits", 2 * HASH_BYTES);
	if (name && !identifier_is_name(name))
		return verb_usage_error(call, "\"%s\" cannot be a name", name);
	if (map && !map_parse_backend(map, &backend))
		return verb_usage_error(call, "--map \"%s\" is none of auto, ukiblk, loop", map);
	r = archive_open_file(call->arguments[0], &archive, &error);
	if (r < 0)
		return verb_report(r, &error);
	r = attach(&archive, name, hex ? root_hash : NULL, backend, &error);
	archive_release(&archive);
	return verb_report(r, &error);
}

const struct verb verb_attach = {
	.name = "attach",
	.arguments = "FILE",
	.summary = "Show an archive as a read-only block device; prints the device",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
	.options = {
		{ "root-hash", "HEX", "verify with dm-verity: the device is the verified filesystem" },
		{ "unverified", NULL, "show the raw archive, and trust the file" },
		{ "map", "BACKEND", "ukiblk (the module), loop, or auto: the module where the kernel takes it (default)" },
		{ "name", "NAME", "name of the devices (default: the archive's)" },
	},
};
