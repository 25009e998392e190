/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON that reporting verbs print with --json; ukiblk(8) documents it. */
#pragma once

#include <json-c/json.h>

#include "locate/archive.h"
#include "verify/offline.h"

/* name, uuid, root-hash, salt, size, erofs, hash-offset, chunk-count */
json_object *json_of_identifier(const struct identifier *id);
/* The same and "chunks": a list of file, offset, size. */
json_object *json_of_archive(const struct found_archive *archive);
void json_add_string(json_object *object, const char *key, const char *text);
void json_add_number(json_object *object, const char *key, uint64_t number);
/* Prints it on standard output and releases it. */
void json_print(json_object *object);
