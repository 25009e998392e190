// SPDX-License-Identifier: GPL-2.0-only
#include "locate/secureboot.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "locate/efivars.h"

#define VARIABLE_MAX_BYTES 4096u
#define BOOT_PARAMS_BYTES 4096u	/* Documentation/arch/x86/zero-page.rst */
#define BOOT_PARAMS_SECURE_BOOT 0x1ecu
#define BOOT_PARAMS_ENABLED 3	/* enum efi_secureboot_mode in the kernel's efi.h */

static bool firmware_says_so(const char *efivars)
{
	autoefivar struct efivar variable = { 0 };

	return efivars_read(efivars, "SecureBoot", EFIVARS_GLOBAL_GUID, VARIABLE_MAX_BYTES, &variable) && variable.length > 0 &&
	       variable.value[0] == 1;
}

static bool kernel_says_so(const char *boot_params)
{
	autofree char *bytes = NULL;
	size_t length;

	return io_read_file(boot_params, BOOT_PARAMS_BYTES, &bytes, &length) == 0 && length > BOOT_PARAMS_SECURE_BOOT &&
	       bytes[BOOT_PARAMS_SECURE_BOOT] == BOOT_PARAMS_ENABLED;
}

bool secureboot_is_on(const char *efivars, const char *boot_params)
{
	return firmware_says_so(efivars) || kernel_says_so(boot_params);
}
