// SPDX-License-Identifier: GPL-2.0-only
#include "tool/packing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

int packing_read_options(const struct verb_call *call, const char *source, struct pack_options *ret, const char **ret_output)
{
	const char *name = verb_value(call, "name"), *output = verb_value(call, "output");
	const char *compression = verb_value(call, "compression"), *chunk = verb_value(call, "chunk-size");
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	*ret = (struct pack_options){
		.erofs = { .source = source, .compression = compression ? compression : EROFS_DEFAULT_COMPRESSION },
		.name = name,
		.chunk_bytes = CHUNK_MAX_BYTES,
	};
	*ret_output = output ? output : ".";
	if (!name)
		return verb_usage_error(call, "--name is missing");
	if (!identifier_is_name(name))
		return verb_usage_error(call, "\"%s\" cannot be a name: 1 to %u letters, digits, dots, dashes and underscores", name,
					IDENTIFIER_NAME_BYTES - 1);
	if (chunk && !text_parse_size(chunk, CHUNK_MIN_BYTES, INT64_MAX, &ret->chunk_bytes))
		return verb_usage_error(call, "--chunk-size \"%s\" is not a size of at least 64K", chunk);
	if (epoch && !text_parse_number(epoch, 0, INT64_MAX, &ret->erofs.epoch))
		return verb_usage_error(call, "SOURCE_DATE_EPOCH \"%s\" is not a number of seconds", epoch);
	return EXIT_DONE;
}

void packing_print(const struct identifier *id)
{
	char hash[2 * HASH_BYTES + 1], uuid[UUID_TEXT_BYTES];

	text_format_hex(id->root_hash, HASH_BYTES, hash);
	text_format_uuid(id->uuid, uuid);
	printf("name: %s\nuuid: %s\nroot-hash: %s\nsize: %" PRIu64 "\nchunks: %u\n", id->name, uuid, hash, id->total_length,
	       id->chunk_count);
}
