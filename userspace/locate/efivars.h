/* SPDX-License-Identifier: GPL-2.0-only */
/* The firmware's variables, and which partition it booted from by what they tell. A hint, never trusted. */
#pragma once

#include <stdlib.h>

#include "format/efi.h"

#define EFIVARS_FOLDER "/sys/firmware/efi/efivars"

#define EFIVARS_LOADER_GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"	/* systemd.io/BOOT_LOADER_INTERFACE */
#define EFIVARS_GLOBAL_GUID "8be4df61-93ca-11d2-aa0d-00e098032b8c"	/* UEFI 2.10, 3.3 */

struct efivar {
	char *bytes;	/* owned */
	const uint8_t *value;
	size_t length;	/* of the value, bytes */
};

static inline void cleanup_efivar(struct efivar *variable)
{
	free(variable->bytes);
}
#define autoefivar __attribute__((cleanup(cleanup_efivar)))

/* False when there is none in @folder, or its file has more than @max_bytes. */
bool efivars_read(const char *folder, const char *name, const char *guid, size_t max_bytes, struct efivar *ret);

#define EFIVARS_MAX_HINTS 3

struct boot_hint {
	const char *source;	/* the variable */
	struct efi_location location;
};

/*
 * Fills @ret with every source that can be read, the most precise one first: StubDevicePartUUID with
 * StubImageIdentifier (systemd's stub since 256), LoaderDevicePartUUID (without a path: under systemd-boot
 * LoaderImageIdentifier names the boot loader), BootCurrent with its Boot####. Returns their number.
 */
size_t efivars_list_hints(const char *folder, struct boot_hint ret[static EFIVARS_MAX_HINTS]);
