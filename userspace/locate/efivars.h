/* SPDX-License-Identifier: GPL-2.0-only */
/* Which partition the firmware booted from, as its variables tell. A hint, never trusted. */
#pragma once

#include "format/efi.h"

#define EFIVARS_FOLDER "/sys/firmware/efi/efivars"

/*
 * Fills *ret from the first source that answers: StubDevicePartUUID with StubImageIdentifier (systemd's
 * stub since 256), LoaderDevicePartUUID (then without a path: under systemd-boot LoaderImageIdentifier
 * names the boot loader), BootCurrent with its Boot####. Returns the name of the source, or NULL.
 */
const char *efivars_find_boot(const char *folder, struct efi_location *ret);
