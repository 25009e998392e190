/* SPDX-License-Identifier: GPL-2.0-only */
/* "ukiblk status --errors": which reads failed, and where the bytes lie. */
#pragma once

#include <stdbool.h>

struct error;

/*
 * Prints the failed reads of the archive device @name (NULL: of all), a line each or an object of JSON each. 0, or a
 * negative errno when there is no such device or the kernel's log cannot be read.
 */
int status_print_errors(const char *name, bool as_json, struct error *error);
