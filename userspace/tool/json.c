// SPDX-License-Identifier: GPL-2.0-only
#include "tool/json.h"

#include <stdio.h>

#include "base/text.h"

void json_add_string(json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

void json_add_number(json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

json_object *json_of_identifier(const struct identifier *id)
{
	char hash[2 * HASH_BYTES + 1], salt[2 * HASH_BYTES + 1], uuid[UUID_TEXT_BYTES];
	json_object *object = json_object_new_object();

	text_format_hex(id->root_hash, HASH_BYTES, hash);
	text_format_hex(id->salt, HASH_BYTES, salt);
	text_format_uuid(id->uuid, uuid);
	json_add_string(object, "name", id->name);
	json_add_string(object, "uuid", uuid);
	json_add_string(object, "root-hash", hash);
	json_add_string(object, "salt", salt);
	json_add_number(object, "size", id->total_length);
	json_add_number(object, "erofs", id->erofs_length);
	json_add_number(object, "hash-offset", id->hash_offset);
	json_add_number(object, "fec-offset", id->fec_offset);
	json_add_number(object, "fec-roots", id->fec_roots);
	json_add_number(object, "chunk-count", id->chunk_count);
	return object;
}

json_object *json_of_archive(const struct found_archive *archive)
{
	json_object *object = json_of_identifier(&archive->files[0].id), *chunks = json_object_new_array();

	for (size_t i = 0; i < archive->count; i++) {
		json_object *chunk = json_object_new_object();

		json_add_string(chunk, "file", archive->files[i].path);
		json_add_number(chunk, "offset", archive->files[i].offset);
		json_add_number(chunk, "size", archive->files[i].id.chunk_length);
		json_object_array_add(chunks, chunk);
	}
	json_object_object_add(object, "chunks", chunks);
	return object;
}

void json_print(json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
