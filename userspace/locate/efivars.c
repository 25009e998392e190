// SPDX-License-Identifier: GPL-2.0-only
#include "locate/efivars.h"

#include <limits.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/io.h"

#define VARIABLE_MAX_BYTES 65536u
#define ATTRIBUTE_BYTES 4u	/* efivarfs puts them before the value (Documentation/filesystems/efivarfs.rst) */
#define LOADER_GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"	/* systemd.io/BOOT_LOADER_INTERFACE */
#define GLOBAL_GUID "8be4df61-93ca-11d2-aa0d-00e098032b8c"	/* UEFI 2.10, 3.3 */

struct variable {
	char *bytes;	/* owned */
	const uint8_t *value;
	size_t length;
};

static void cleanup_variable(struct variable *variable)
{
	free(variable->bytes);
}
#define autovariable __attribute__((cleanup(cleanup_variable)))

static bool read_variable(const char *folder, const char *name, const char *guid, struct variable *ret)
{
	char path[PATH_MAX];
	size_t length;

	if (snprintf(path, sizeof path, "%s/%s-%s", folder, name, guid) >= (int)sizeof path ||
	    io_read_file(path, VARIABLE_MAX_BYTES, &ret->bytes, &length) < 0 || length < ATTRIBUTE_BYTES)
		return false;
	ret->value = (const uint8_t *)ret->bytes + ATTRIBUTE_BYTES;
	ret->length = length - ATTRIBUTE_BYTES;
	return true;
}

static bool read_partuuid(const char *folder, const char *name, char ret_partuuid[static EFI_PARTUUID_BYTES])
{
	autovariable struct variable variable = { 0 };

	return read_variable(folder, name, LOADER_GUID, &variable) &&
	       efi_decode_partuuid(variable.value, variable.length, ret_partuuid);
}

static void read_path(const char *folder, const char *name, char ret_path[static EFI_PATH_BYTES])
{
	autovariable struct variable variable = { 0 };

	if (!read_variable(folder, name, LOADER_GUID, &variable) ||
	    !efi_decode_path(variable.value, variable.length, ret_path))
		ret_path[0] = '\0';
}

static bool read_boot_current(const char *folder, struct efi_location *ret)
{
	autovariable struct variable current = { 0 }, option = { 0 };
	char name[sizeof "Boot0000"];

	if (!read_variable(folder, "BootCurrent", GLOBAL_GUID, &current) || current.length != 2)
		return false;
	snprintf(name, sizeof name, "Boot%04X", get_le16(current.value));
	return read_variable(folder, name, GLOBAL_GUID, &option) &&
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
