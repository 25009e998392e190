// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "locate/efivars.h"

#define LOADER "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

#define STUB_UUID "11111111-2222-3333-4444-555555555555"
#define LOADER_UUID "66666666-7777-8888-9999-aaaaaaaaaaaa"

/* As efivarfs shows a variable: four bytes of attributes, then the value. */
static void write_variable(const char *folder, const char *name, const void *value, size_t length)
{
	uint8_t *bytes = malloc(length + 4);

	memcpy(bytes, "\7\0\0\0", 4);
	memcpy(bytes + 4, value, length);
	unit_write(unit_path(folder, name), bytes, length + 4);
	free(bytes);
}

static void write_text(const char *folder, const char *name, const char *text)
{
	uint8_t value[1024] = { 0 };
	size_t length = strlen(text) + 1;

	for (size_t i = 0; i < length; i++)
		value[2 * i] = (uint8_t)text[i];
	write_variable(folder, name, value, 2 * length);
}

static void write_boot_option(const char *folder, const char *name)
{
	/* Attributes, length of the path list, "A", HD() of an MBR partition, \x, end. */
	static const uint8_t option[] = {
		1, 0, 0, 0, 42 + 10 + 4, 0, 'A', 0, 0, 0,
		4, 1, 42, 0, 2, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 1, 1,
		4, 4, 10, 0, '\\', 0, 'x', 0, 0, 0,
		0x7f, 0xff, 4, 0,
	};

	write_variable(folder, name, option, sizeof option);
}

/* The first of @count hints. */
static void assert_hints(const char *folder, size_t count, const char *source, const char *partuuid, const char *path)
{
	struct boot_hint hints[EFIVARS_MAX_HINTS];

	assert_int_equal(efivars_list_hints(folder, hints), count);
	assert_string_equal(hints[0].source, source);
	assert_string_equal(hints[0].location.partuuid, partuuid);
	assert_string_equal(hints[0].location.path, path);
}

static void assert_no_boot(const char *folder)
{
	struct boot_hint hints[EFIVARS_MAX_HINTS];

	assert_int_equal(efivars_list_hints(folder, hints), 0);
}

/* Each source is added behind the one that is to outrank it. */
static void order_of_sources(void **state)
{
	struct boot_hint hints[EFIVARS_MAX_HINTS];

	assert_no_boot(*state);
	assert_no_boot(unit_path(*state, "no-efi-here"));
	write_boot_option(*state, "Boot01AF" GLOBAL);
	assert_no_boot(*state);
	write_variable(*state, "BootCurrent" GLOBAL, "\xaf\x01", 2);
	assert_hints(*state, 1, "BootCurrent", "deadbeef-02", "/x");
	write_text(*state, "LoaderDevicePartUUID" LOADER, LOADER_UUID);
	/* Under systemd-boot that names systemd-boot. */
	write_text(*state, "LoaderImageIdentifier" LOADER, "\\EFI\\systemd\\systemd-bootx64.efi");
	assert_hints(*state, 2, "LoaderDevicePartUUID", LOADER_UUID, "");
	write_text(*state, "StubDevicePartUUID" LOADER, STUB_UUID);
	assert_hints(*state, 3, "StubDevicePartUUID", STUB_UUID, "");
	write_text(*state, "StubImageIdentifier" LOADER, "\\EFI\\Linux\\rescue.efi");
	assert_hints(*state, 3, "StubDevicePartUUID", STUB_UUID, "/EFI/Linux/rescue.efi");
	write_text(*state, "StubImageIdentifier" LOADER, "rescue.efi");
	assert_hints(*state, 3, "StubDevicePartUUID", STUB_UUID, "");
	assert_int_equal(efivars_list_hints(*state, hints), 3);
	assert_string_equal(hints[1].source, "LoaderDevicePartUUID");
	assert_string_equal(hints[1].location.partuuid, LOADER_UUID);
	assert_string_equal(hints[2].source, "BootCurrent");
	assert_string_equal(hints[2].location.partuuid, "deadbeef-02");
	assert_string_equal(hints[2].location.path, "/x");
}

static void damaged_variables(void **state)
{
	static uint8_t large[70000];

	write_text(*state, "LoaderDevicePartUUID" LOADER, LOADER_UUID);
	write_text(*state, "StubDevicePartUUID" LOADER, "not a UUID");
	assert_hints(*state, 1, "LoaderDevicePartUUID", LOADER_UUID, "");
	unit_write(unit_path(*state, "StubDevicePartUUID" LOADER), "\7\0\0", 3);
	assert_hints(*state, 1, "LoaderDevicePartUUID", LOADER_UUID, "");
	write_variable(*state, "StubDevicePartUUID" LOADER, "", 0);
	assert_hints(*state, 1, "LoaderDevicePartUUID", LOADER_UUID, "");
	write_variable(*state, "StubDevicePartUUID" LOADER, large, sizeof large);
	assert_hints(*state, 1, "LoaderDevicePartUUID", LOADER_UUID, "");
}

static void damaged_boot_current(void **state)
{
	write_boot_option(*state, "Boot0000" GLOBAL);
	write_variable(*state, "BootCurrent" GLOBAL, "\0", 1);
	assert_no_boot(*state);
	write_variable(*state, "BootCurrent" GLOBAL, "\0\0\0", 3);
	assert_no_boot(*state);
	write_variable(*state, "BootCurrent" GLOBAL, "\1\0", 2);
	assert_no_boot(*state);
	write_variable(*state, "BootCurrent" GLOBAL, "\0\0", 2);
	assert_hints(*state, 1, "BootCurrent", "deadbeef-02", "/x");
	write_variable(*state, "Boot0000" GLOBAL, "\1\0\0\0\377\377A\0\0\0", 10);
	assert_no_boot(*state);
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(order_of_sources), unit_test_in_folder(damaged_variables), unit_test_in_folder(damaged_boot_current),
};
RUN(tests)
