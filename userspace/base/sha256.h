/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Always succeeds: what fails for want of memory could look like a block that is damaged, or like one that is not. */
void sha256(const void *bytes, size_t length, uint8_t ret[static HASH_BYTES]);
