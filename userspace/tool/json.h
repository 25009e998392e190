/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON that reporting verbs print with --json; ukiblk(8) documents it. */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>

#include "locate/archive.h"
#include "verify/offline.h"

/* name, uuid, root-hash, salt, size, erofs, hash-offset, chunk-count */
json_object *json_of_identifier(const struct identifier *id);
/* The same and "chunks": a list of file, offset, size. */
json_object *json_of_archive(const struct found_archive *archive);

/*
 * Each takes over the value. Where memory is short (a part is NULL, or does not find room) the whole is
 * marked, and json_print and json_write fail.
 */
void json_add(json_object *object, const char *key, json_object *value);
void json_append(json_object *array, json_object *value);
void json_add_string(json_object *object, const char *key, const char *text);
void json_add_number(json_object *object, const char *key, uint64_t number);
void json_add_boolean(json_object *object, const char *key, bool is_true);
void json_add_null(json_object *object, const char *key);
/* Microseconds are all that is known, and all that is written; negative: null. */
void json_add_seconds(json_object *object, const char *key, double seconds);
/* Prints it on standard output and releases it. */
int json_print(json_object *object, struct error *error);
/* The same into a file, which is replaced as a whole; a negative errno when that cannot be. */
int json_write(json_object *object, const char *path);
