// SPDX-License-Identifier: GPL-2.0-only
#include "tool/packing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "archive/kernelconfig.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/text.h"
#include "format/hashtree.h"
#include "tool/json.h"

#define FEC_DEFAULT_ROOTS 2u	/* 0.8 % more; also the smallest that a kernel's verity takes */
#define KERNEL_CONFIG_MAX_BYTES (4u << 20)

int packing_read_options(const struct verb_call *call, const char *source, struct pack_options *ret, const char **ret_output)
{
	const char *name = verb_value(call, "name"), *output = verb_value(call, "output"), *seed = verb_value(call, "seed");
	const char *compression = verb_value(call, "compression"), *chunk = verb_value(call, "chunk-size");
	const char *fec = verb_value(call, "fec");
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	struct error error;
	uint64_t roots;

	*ret = (struct pack_options){
		.erofs = { .source = source },
		.name = name,
		.seed = seed ? seed : "",
		.chunk_bytes = CHUNK_MAX_BYTES,
	};
	*ret_output = output ? output : ".";
	if (!name)
		return verb_usage_error(call, "--name is missing");
	if (!identifier_is_name(name))
		return verb_usage_error(call, "\"%s\" cannot be a name: 1 to %u letters, digits, dots, dashes and underscores", name,
					IDENTIFIER_NAME_BYTES - 1);
	if (compression_parse(compression ? compression : COMPRESSION_DEFAULT, &ret->erofs.compression, &error) < 0)
		return verb_usage_error(call, "%s", error.text);
	if (chunk && !text_parse_size(chunk, CHUNK_MIN_BYTES, INT64_MAX, &ret->chunk_bytes))
		return verb_usage_error(call, "--chunk-size \"%s\" is not a size of at least 64K", chunk);
	if (fec && !*fec)
		ret->fec_roots = FEC_DEFAULT_ROOTS;
	else if (fec && text_parse_number(fec, FEC_MIN_ROOTS, FEC_MAX_ROOTS, &roots))
		ret->fec_roots = (uint32_t)roots;
	else if (fec)
		return verb_usage_error(call, "--fec \"%s\" is not a number from %u to %u", fec, FEC_MIN_ROOTS, FEC_MAX_ROOTS);
	if (epoch && !text_parse_number(epoch, 0, INT64_MAX, &ret->erofs.epoch))
		return verb_usage_error(call, "SOURCE_DATE_EPOCH \"%s\" is not a number of seconds", epoch);
	return EXIT_DONE;
}

int packing_check_kernel(const struct pack_options *options, const char *path, struct error *error)
{
	autofree char *config = NULL;
	int r;

	if (!path)
		return 0;
	r = io_read_file(path, KERNEL_CONFIG_MAX_BYTES, &config, NULL);
	if (r < 0)
		return fail(error, r, "Cannot read the kernel configuration %s: %s", path, strerror(-r));
	if (options->fec_roots && !kernel_config_has(config, "CONFIG_DM_VERITY_FEC"))
		return fail(error, -EOPNOTSUPP, "The kernel cannot use parity (CONFIG_DM_VERITY_FEC is not set). Leave out --fec");
	return compression_check(&options->erofs.compression, config, error);
}

static int print_json(const struct identifier *id, const char *mode, struct error *error)
{
	json_object *object = json_of_identifier(id);

	if (mode)
		json_add_string(object, "mode", mode);
	return json_print(object, error);
}

int packing_print(const struct identifier *id, const char *mode, bool as_json, struct error *error)
{
	char hash[2 * HASH_BYTES + 1], uuid[UUID_TEXT_BYTES];

	if (as_json)
		return print_json(id, mode, error);
	text_format_hex(id->root_hash, HASH_BYTES, hash);
	text_format_uuid(id->uuid, uuid);
	printf("name: %s\nuuid: %s\nroot-hash: %s\nsize: %" PRIu64 "\nchunks: %u\n", id->name, uuid, hash, id->total_length,
	       id->chunk_count);
	if (mode)
		printf("mode: %s\n", mode);
	return 0;
}
