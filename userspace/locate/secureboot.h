/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the firmware checked the image that was booted. */
#pragma once

#include <stdbool.h>

#define BOOT_PARAMS "/sys/kernel/boot_params/data"

/*
 * True when the firmware's variable SecureBoot in the folder @efivars or the kernel's own note of it in
 * @boot_params says so; either alone may be missing.
 */
bool secureboot_is_on(const char *efivars, const char *boot_params);
