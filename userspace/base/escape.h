/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths as one word of a text, as the target "ukiblk" reads them (kmod/README.md): %XX for any byte. Pure. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define ESCAPED_PATH_BYTES (3 * PATH_MAX)	/* always enough for a path */

/* False when @ret, of @size bytes, is too short. */
bool escape_path(const char *path, char *ret, size_t size);
/* The word @text of @length bytes; false for a % without two digits, and when @ret is too short. */
bool unescape_path(const char *text, size_t length, char *ret, size_t size);
