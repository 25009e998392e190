// SPDX-License-Identifier: GPL-2.0-only
#include "locate/efivars.h"

#include <limits.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/io.h"

#define VARIABLE_MAX_BYTES 65536u
#define ATTRIBUTE_BYTES 4u	/* efivarfs puts them before the value (Documentation/filesystems/efivarfs.rst) */

bool efivars_read(const char *folder, const char *name, const char *guid, size_t max_bytes, struct efivar *ret)
{
	char path[PATH_MAX];
	size_t length;

	if (snprintf(path, sizeof path, "%s/%s-%s", folder, name, guid) >= (int)sizeof path ||
	    io_read_file(path, max_bytes, &ret->bytes, &length) < 0 || length < ATTRIBUTE_BYTES)
		return false;
	ret->value = (const uint8_t *)ret->bytes + ATTRIBUTE_BYTES;
	ret->length = length - ATTRIBUTE_BYTES;
	return true;
}

static bool read_partuuid(const char *folder, const char *name, char ret_partuuid[static EFI_PARTUUID_BYTES])
{
	autoefivar struct efivar variable = { 0 };

	return efivars_read(folder, name, EFIVARS_LOADER_GUID, VARIABLE_MAX_BYTES, &variable) &&
	       efi_decode_partuuid(variable.value, variable.length, ret_partuuid);
}

static void read_path(const char *folder, const char *name, char ret_path[static EFI_PATH_BYTES])
{
	autoefivar struct efivar variable = { 0 };

	if (!efivars_read(folder, name, EFIVARS_LOADER_GUID, VARIABLE_MAX_BYTES, &variable) ||
	    !efi_decode_path(variable.value, variable.length, ret_path))
		ret_path[0] = '\0';
}

static bool read_boot_current(const char *folder, struct efi_location *ret)
{
	autoefivar struct efivar current = { 0 }, option = { 0 };
	char name[sizeof "Boot0000"];

	if (!efivars_read(folder, "BootCurrent", EFIVARS_GLOBAL_GUID, VARIABLE_MAX_BYTES, &current) || current.length != 2)
		return false;
	snprintf(name, sizeof name, "Boot%04X", get_le16(current.value));
	return efivars_read(folder, name, EFIVARS_GLOBAL_GUID, VARIABLE_MAX_BYTES, &option) &&
	       efi_decode_load_option(option.value, option.length, ret);
}

static bool read_stub(const char *folder, struct efi_location *ret)
{
	if (!read_partuuid(folder, "StubDevicePartUUID", ret->partuuid))
		return false;
	read_path(folder, "StubImageIdentifier", ret->path);
	return true;
}

static bool read_loader(const char *folder, struct efi_location *ret)
{
	return read_partuuid(folder, "LoaderDevicePartUUID", ret->partuuid);
}

size_t efivars_list_hints(const char *folder, struct boot_hint ret[static EFIVARS_MAX_HINTS])
{
	static const struct {
		const char *name;
		bool (*read)(const char *folder, struct efi_location *ret);
	} sources[EFIVARS_MAX_HINTS] = {
		{ "StubDevicePartUUID", read_stub },
		{ "LoaderDevicePartUUID", read_loader },
		{ "BootCurrent", read_boot_current },
	};
	size_t count = 0;

	for (size_t i = 0; i < EFIVARS_MAX_HINTS; i++) {
		struct boot_hint hint = { .source = sources[i].name };

		if (sources[i].read(folder, &hint.location))
			ret[count++] = hint;
	}
	return count;
}
