/* SPDX-License-Identifier: GPL-2.0-only */
/* "ukiblk status --errors": which reads failed, and where the bytes lie. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "map/device.h"

struct error;

/*
 * Prints the failed reads of these archive devices, a line each or an object of JSON each. 0, or a negative errno when
 * the kernel's log cannot be read.
 */
int status_print_errors(const struct map_device *devices, size_t count, bool as_json, struct error *error);
