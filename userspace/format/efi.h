/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What EFI variables say about where the boot came from: strings of the boot loader interface, and
 * the partition in a Boot#### load option (UEFI specification 2.10, 3.1.3 "Load Options", 10.3.5.1
 * "Hard Drive" and 10.3.5.4 "File Path" device path nodes). Pure. The bytes are the variable's
 * value, without the four bytes of attributes that efivarfs puts before it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EFI_PARTUUID_BYTES 48	/* udev's ID_PART_ENTRY_UUID form, lower case, with NUL */
#define EFI_PATH_BYTES 512

struct efi_location {
	char partuuid[EFI_PARTUUID_BYTES];	/* GPT: the GUID; MBR: "signature-number"; or "" */
	char path[EFI_PATH_BYTES];	/* of the image on it, with '/' and printable ASCII only; or "" */
};

/* UTF-16LE text to printable ASCII (others become '?'). False when it does not fit or is cut. */
bool efi_decode_string(const uint8_t *value, size_t length, char *ret_text, size_t size);
/* LoaderDevicePartUUID and StubDevicePartUUID: a GUID as text. */
bool efi_decode_partuuid(const uint8_t *value, size_t length, char ret_partuuid[static EFI_PARTUUID_BYTES]);
/* LoaderImageIdentifier and StubImageIdentifier: a path with backslashes; they become slashes. */
bool efi_decode_path(const uint8_t *value, size_t length, char ret_path[static EFI_PATH_BYTES]);
/* A Boot#### variable. False when it names no hard drive partition or contradicts itself. */
bool efi_decode_load_option(const uint8_t *value, size_t length, struct efi_location *ret);
