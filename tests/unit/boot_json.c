// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <json-c/json.h>

#include "tool/boot_report.h"

static json_object *get(json_object *object, const char *key)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value))
		fail_msg("there is no %s", key);
	return value;
}

/* Times have more digits than are written. */
static void whole_report(void **state)
{
	static struct boot_report report;
	struct boot_finding finding = { .code = -ENODATA, .device = "/dev/sda1", .object = "/a.erofs", .sentence = "It lacks \"b\"" };
	const char *path = unit_path(*state, "boot.json");
	json_object *root, *phases, *list;

	report = (struct boot_report){ .exit_code = 3, .sentence = "Not found", .root_hash = "00ff", .disk_count = 1 };
	report.times = (struct boot_times){ .firmware = 1.23456789, .kernel = 2.0000004, .begin = { 3.00000071, 0 }, .end = 10.1 / 3 };
	report.disks[0] = (struct disk){ .node = "/dev/sdb", .bytes = 512, .reason = "No filesystem" };
	boot_report_add(&report, &finding);
	assert_int_equal(boot_report_write(&report, path), 0);
	root = json_object_from_file(path);
	assert_non_null(root);
	assert_int_equal(json_object_get_int(get(root, "version")), 1);
	assert_int_equal(json_object_get_int(get(root, "exit-code")), 3);
	assert_string_equal(json_object_get_string(get(root, "root-hash")), "00ff");
	phases = get(root, "phases");
	assert_string_equal(json_object_get_string(get(phases, "firmware")), "1.234568");
	assert_string_equal(json_object_get_string(get(phases, "initrd")), "1.000000");
	assert_string_equal(json_object_get_string(get(phases, "locate")), "0.366666");
	assert_null(get(phases, "map"));
	assert_null(get(phases, "mount"));
	list = get(root, "findings");
	assert_int_equal(json_object_array_length(list), 1);
	assert_int_equal(json_object_get_int(get(json_object_array_get_idx(list, 0), "code")), -ENODATA);
	assert_string_equal(json_object_get_string(get(json_object_array_get_idx(list, 0), "sentence")), "It lacks \"b\"");
	assert_true(strlen(json_object_get_string(get(json_object_array_get_idx(list, 0), "advice"))) > 20);
	list = get(root, "devices");
	assert_int_equal(json_object_get_int(get(json_object_array_get_idx(list, 0), "size")), 512);
	assert_false(json_object_get_boolean(get(json_object_array_get_idx(list, 0), "searched")));
	json_object_put(root);
}

static const struct CMUnitTest tests[] = { unit_test_in_folder(whole_report) };

RUN(tests)
