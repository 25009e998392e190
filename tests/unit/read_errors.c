// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "base/kmsg.h"
#include "map/table.h"
#include "tool/read_errors.h"

/* Lines as the kernels 6.1 and 6.12 wrote them. */
static void verity(void **state)
{
	struct read_error error;

	(void)state;
	assert_true(read_error_parse("device-mapper: verity: 253:0: data block 1500 is corrupted", &error));
	assert_int_equal(error.kind, READ_ERROR_DATA);
	assert_int_equal(error.major, 253);
	assert_int_equal(error.minor, 0);
	assert_int_equal(error.offset, 1500 * 4096);
	assert_true(read_error_parse("device-mapper: verity: 254:17: metadata block 3 is corrupted", &error));
	assert_int_equal(error.kind, READ_ERROR_TREE);
	assert_int_equal(error.minor, 17);
	assert_int_equal(error.offset, 3 * 4096);
}

static void target(void **state)
{
	struct read_error error;

	(void)state;
	assert_true(read_error_parse("device-mapper: ukiblk: 253:1: error -5 reading file /run/ukiblk/carrier/tiny.erofs at byte 12288, sector 206858 of sda: bad sector", &error));
	assert_int_equal(error.kind, READ_ERROR_DISK);
	assert_int_equal(error.minor, 1);
	assert_int_equal(error.code, -5);
	assert_string_equal(error.path, "/run/ukiblk/carrier/tiny.erofs");
	assert_int_equal(error.offset, 12288);
	assert_false(error.gone);
	/* The kernel's %pE, and a name made to mislead. */
	assert_true(read_error_parse("device-mapper: ukiblk: 253:1: error -5 reading file /a at byte 7\\n\\\\\\303\\274 b at byte 512, sector 7 of nvme0n1: disk gone", &error));
	assert_string_equal(error.path, "/a at byte 7\n\\\303\274 b");
	assert_int_equal(error.offset, 512);
	assert_true(error.gone);
}

static void others(void **state)
{
	static const char *const lines[] = {
		"", "device-mapper: verity: ", "device-mapper: verity: sha256 using implementation \"sha256-generic\"",
		"device-mapper: verity: 253:0: data block x is corrupted", "device-mapper: verity: 253:0: data block 15 is corrupted twice",
		"device-mapper: verity: 253:0: data block 15", "device-mapper: verity: 253: data block 15 is corrupted",
		"device-mapper: verity: 253:0: data block 99999999999999999999999 is corrupted",
		"device-mapper: ukiblk: refused file: /x", "device-mapper: ukiblk: 253:0: error -5 reading file /x",
		"device-mapper: ukiblk: 253:0: error -5 reading file /x at byte , sector 1 of sda: bad sector", "device-mapper: ukiblk: 253:0: error -5 reading file /x at byte -1, sector 1 of sda: bad sector", "device-mapper: ukiblk: 253:0: error -5 reading file /x at byte 5",
		"device-mapper: ukiblk: 253:0: error -5 reading file /x at byte 5z, sector 1 of sda: bad sector", "device-mapper: ukiblk: 253:0: error -5 reading file /x at byte 5, sector 1 of sda: tired", " device-mapper: verity: 253:0: data block 15 is corrupted",
	};
	struct read_error error;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		if (read_error_parse(lines[i], &error))
			fail_msg("taken: %s", lines[i]);
}

static void take(struct read_errors *errors, double seconds, const char *text)
{
	const struct kmsg_record record = { .seconds = seconds, .text = text };

	read_errors_take(errors, &record);
}

static void repeated(void **state)
{
	static struct read_errors errors;
	char text[128];

	(void)state;
	take(&errors, 1, "device-mapper: verity: 253:0: data block 1 is corrupted");
	take(&errors, 2, "something else");
	take(&errors, 3, "device-mapper: verity: 253:1: data block 1 is corrupted");
	take(&errors, 4.5, "device-mapper: verity: 253:0: data block 1 is corrupted");
	assert_int_equal(errors.count, 2);
	assert_int_equal(errors.list[0].count, 2);
	assert_true(errors.list[0].first == 1 && errors.list[0].last == 4.5);
	assert_int_equal(errors.list[1].count, 1);
	for (int i = 0; i < 2 * READ_ERRORS_MAX; i++) {
		snprintf(text, sizeof text, "device-mapper: verity: 253:2: metadata block %d is corrupted", i);
		take(&errors, 5, text);
	}
	assert_int_equal(errors.count, READ_ERRORS_MAX);
}

static void kernel_log(void **state)
{
	char good[] = "3,812,9654321,-;one \\x5cline\\xc3\\xbc \\xg\n SUBSYSTEM=block\n DEVICE=b8:0\n";
	char more[] = "6,1,0,c,caller=T1;\n", bad[] = "3,812,9654321,-", worse[] = "x;text";
	struct kmsg_record record;

	(void)state;
	assert_int_equal(kmsg_parse(good, &record), 0);
	assert_true(record.seconds > 9.65432 && record.seconds < 9.65433);
	assert_string_equal(record.text, "one \\line\303\274 \\xg");
	assert_int_equal(kmsg_parse(more, &record), 0);
	assert_string_equal(record.text, "");
	assert_int_equal(kmsg_parse(bad, &record), -EBADMSG);
	assert_int_equal(kmsg_parse(worse, &record), -EBADMSG);
}

/* Three files; the second has a name that the table encodes. */
#define TABLE "3 /c/BOOTX64.EFI 8 16 /c/a%20b%25 0 8 /c/last 24 8"

static void places(void **state)
{
	static const struct {
		uint64_t offset;
		const char *path;
		uint64_t file_offset;
	} known[] = {
		{ 0, "/c/BOOTX64.EFI", 4096 }, { 8191, "/c/BOOTX64.EFI", 12287 }, { 8192, "/c/a b%", 0 }, { 12287, "/c/a b%", 4095 },
		{ 12288, "/c/last", 12288 }, { 16383, "/c/last", 16383 },
	};
	uint64_t offset;
	char path[64];

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		assert_true(map_table_find(TABLE, known[i].offset, path, sizeof path, &offset));
		assert_string_equal(path, known[i].path);
		assert_int_equal(offset, known[i].file_offset);
		assert_true(map_table_find_file(TABLE, known[i].path, known[i].file_offset, &offset));
		assert_int_equal(offset, known[i].offset);
	}
	assert_false(map_table_find(TABLE, 16384, path, sizeof path, &offset));
	assert_false(map_table_find(TABLE, 0, path, 5, &offset));
	assert_false(map_table_find_file(TABLE, "/c/BOOTX64.EFI", 4095, &offset));
	assert_false(map_table_find_file(TABLE, "/c/BOOTX64.EFI", 12288, &offset));
	assert_false(map_table_find_file(TABLE, "/c/none", 0, &offset));
}

static void bad_tables(void **state)
{
	static const char *const tables[] = {
		"", "x", "1", "1 /a", "1 /a 0", "1 /a 0 x", "1 /a%2 0 8", "1 /a%zz 0 8", "1 /a 99999999999999999 8", "0 /a 0 8", "7:0 0",
	};
	uint64_t offset;
	char path[64];

	(void)state;
	for (size_t i = 0; i < COUNT(tables); i++)
		if (map_table_find(tables[i], 0, path, sizeof path, &offset))
			fail_msg("found in \"%s\"", tables[i]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(verity), cmocka_unit_test(target), cmocka_unit_test(others), cmocka_unit_test(repeated),
	cmocka_unit_test(kernel_log), cmocka_unit_test(places), cmocka_unit_test(bad_tables),
};

RUN(tests)
