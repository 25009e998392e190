// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "tool/json.h"
#include "tool/progress.h"
#include "tool/verb.h"
#include "verify/offline.h"

static int print_result(const struct found_archive *archive, const struct verify_result *result, bool as_json, struct error *error)
{
	const struct identifier *id = &archive->files[0].id;
	json_object *object;

	if (!as_json) {
		if (result->bad_blocks + result->bad_parity == 0)
			printf("archive \"%s\": all %" PRIu64 " data blocks match the root hash%s\n", id->name, id->erofs_length / BLOCK_BYTES,
			       id->fec_roots ? ", and the parity is right" : "");
		return 0;
	}
	object = json_of_archive(archive);
	json_add_number(object, "bad-blocks", result->bad_blocks);
	if (archive->files[0].id.fec_roots) {
		json_add_number(object, "bad-parity", result->bad_parity);
		json_add(object, "repairable", json_object_new_boolean(result->repairable));
	}
	if (result->bad_blocks > 0) {
		json_object *first = json_object_new_object();

		json_add_string(first, "part", result->in_tree ? "tree" : "data");
		json_add_number(first, "block", result->block);
		json_add_string(first, "file", result->file);
		json_add_number(first, "offset", result->file_offset);
		json_add(object, "first-bad", first);
	}
	return json_print(object, error);
}

/* @root_hash NULL: the archive's own, which finds damage, not forgery. */
static int verify(const char *path, const uint8_t *root_hash, bool as_json, struct error *error)
{
	struct verify_result result = { 0 };
	struct found_archive archive;
	struct error reason;
	int r = archive_open_file(path, &archive, error);

	if (r < 0)
		return r;
	progress_show_on_terminal();
	r = verify_archive(&archive, root_hash ? root_hash : archive.files[0].id.root_hash, &result, error);
	if ((r >= 0 || result.bad_blocks + result.bad_parity > 0) && print_result(&archive, &result, as_json, &reason) < 0)
		r = fail(error, -ENOMEM, "%s", reason.text);
	archive_release(&archive);
	return r;
}

static int run(const struct verb_call *call)
{
	const char *hex = verb_value(call, "root-hash");
	uint8_t root_hash[HASH_BYTES];
	struct error error;

	if (hex && !text_parse_hex(hex, root_hash, HASH_BYTES))
		return verb_usage_error(call, "The root hash is not %u hexadecimal digits", 2 * HASH_BYTES);
	return verb_report(verify(call->arguments[0], hex ? root_hash : NULL, verb_flag(call, "json"), &error), &error);
}

const struct verb verb_verify = {
	.name = "verify",
	.arguments = "FILE",
	.summary = "Check every block of an archive against its root hash",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
	.options = {
		{ "root-hash", "HEX", "the hash to believe (default: the one the archive names, which finds damage but no forgery)" },
		{ "json", NULL, "print JSON" },
	},
};
