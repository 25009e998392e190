// SPDX-License-Identifier: GPL-2.0-only
#include "tool/json.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

#define FLAGS (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)

static bool is_incomplete;	/* one object is made at a time */

void json_add(json_object *object, const char *key, json_object *value)
{
	if (object && value && json_object_object_add(object, key, value) == 0)
		return;
	is_incomplete = true;
	json_object_put(value);
}

void json_append(json_object *array, json_object *value)
{
	if (array && value && json_object_array_add(array, value) == 0)
		return;
	is_incomplete = true;
	json_object_put(value);
}

void json_add_string(json_object *object, const char *key, const char *text)
{
	json_add(object, key, json_object_new_string(text));
}

void json_add_number(json_object *object, const char *key, uint64_t number)
{
	json_add(object, key, json_object_new_uint64(number));
}

void json_add_boolean(json_object *object, const char *key, bool is_true)
{
	json_add(object, key, json_object_new_boolean(is_true));
}

/* To json-c, null is no value at all. */
void json_add_null(json_object *object, const char *key)
{
	if (!object || json_object_object_add(object, key, NULL) != 0)
		is_incomplete = true;
}

void json_add_seconds(json_object *object, const char *key, double seconds)
{
	char text[32];

	snprintf(text, sizeof text, "%.6f", seconds);
	if (seconds < 0)
		json_add_null(object, key);
	else
		json_add(object, key, json_object_new_double_s(strtod(text, NULL), text));	/* to_text() compares both */
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
		json_append(chunks, chunk);
	}
	json_add(object, "chunks", chunks);
	return object;
}

/* Ends the making of an object: whether it is whole. */
static bool is_whole(const json_object *object)
{
	bool whole = object && !is_incomplete;

	is_incomplete = false;
	return whole;
}

/* Without memory json-c leaves parts of the text out and does not say so: it is read again. NULL: out of memory. */
static const char *to_text(json_object *object)
{
	const char *text = is_whole(object) ? json_object_to_json_string_ext(object, FLAGS) : NULL;
	json_object *again = text ? json_tokener_parse(text) : NULL;
	bool is_same = again && json_object_equal(again, object);

	json_object_put(again);
	return is_same ? text : NULL;
}

int json_print(json_object *object, struct error *error)
{
	const char *text = to_text(object);

	if (text)
		puts(text);
	json_object_put(object);
	return text ? 0 : fail(error, -ENOMEM, "Out of memory");
}

int json_write(json_object *object, const char *path)
{
	const char *text = to_text(object);
	char temporary[PATH_MAX];
	FILE *file;
	int r = text ? 0 : -ENOMEM;

	if (r >= 0 && snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary)
		r = -ENAMETOOLONG;
	file = r < 0 ? NULL : fopen(temporary, "we");
	if (r >= 0 && !file)
		r = -errno;
	if (file && (fprintf(file, "%s\n", text) < 0) | (fclose(file) != 0))
		r = -EIO;
	json_object_put(object);
	return r < 0 ? r : rename(temporary, path) < 0 ? -errno : 0;
}
