// SPDX-License-Identifier: GPL-2.0-only
#include "locate/secureboot.h"

#include <limits.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/io.h"

#define VARIABLE "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"	/* UEFI 2.10, 3.3 */
#define VARIABLE_BYTES 5u	/* efivarfs's four bytes of attributes, and the value */
#define BOOT_PARAMS_BYTES 4096u	/* Documentation/arch/x86/zero-page.rst */
#define BOOT_PARAMS_SECURE_BOOT 0x1ecu
#define BOOT_PARAMS_ENABLED 3	/* enum efi_secureboot_mode in the kernel's efi.h */

static bool has_byte(const char *path, size_t offset, char wanted)
{
	autofree char *bytes = NULL;
	size_t length;

	return io_read_file(path, BOOT_PARAMS_BYTES, &bytes, &length) == 0 && offset < length && bytes[offset] == wanted;
}

bool secureboot_is_on(const char *efivars, const char *boot_params)
{
	char path[PATH_MAX];

	return (snprintf(path, sizeof path, "%s/" VARIABLE, efivars) < (int)sizeof path && has_byte(path, VARIABLE_BYTES - 1, 1)) ||
	       has_byte(boot_params, BOOT_PARAMS_SECURE_BOOT, BOOT_PARAMS_ENABLED);
}
