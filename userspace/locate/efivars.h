/* SPDX-License-Identifier: GPL-2.0-only */
/* Which partition the firmware booted from, as its variables tell. A hint, never trusted. */
#pragma once

#include "format/efi.h"

#define EFIVARS_FOLDER "/sys/firmware/efi/efivars"

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
