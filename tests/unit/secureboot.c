// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "locate/secureboot.h"

#define NAME "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define PARAMS_BYTES 4096

static void variable(const char *folder, const char *bytes, size_t length)
{
	unit_write(unit_path(folder, NAME), bytes, length);
}

static void params(const char *folder, char mode)
{
	char bytes[PARAMS_BYTES] = { [0x1ec] = mode };

	unit_write(unit_path(folder, "data"), bytes, sizeof bytes);
}

static bool is_on(const char *folder)
{
	return secureboot_is_on(folder, unit_path(folder, "data"));
}

static void either_source(void **state)
{
	const char *folder = *state;

	assert_false(is_on(folder));
	variable(folder, "\6\0\0\0\0", 5);
	assert_false(is_on(folder));
	variable(folder, "\6\0\0\0\1", 5);
	assert_true(is_on(folder));
	params(folder, 2);
	assert_true(is_on(folder));
	variable(folder, "\6\0\0\0\0", 5);
	assert_false(is_on(folder));
	params(folder, 3);
	assert_true(is_on(folder));
}

static void short_files(void **state)
{
	const char *folder = *state;

	variable(folder, "\1\1\1\1", 4);
	unit_write(unit_path(folder, "data"), "\3\3\3", 3);
	assert_false(is_on(folder));
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(either_source),
	unit_test_in_folder(short_files),
};

RUN(tests)
