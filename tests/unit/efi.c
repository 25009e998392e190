// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "format/efi.h"

/* A variable's value that is being written. */
struct value {
	uint8_t bytes[2048];
	size_t length;
};

static void add(struct value *value, const void *bytes, size_t length)
{
	assert_true(value->length + length <= sizeof value->bytes);
	memcpy(value->bytes + value->length, bytes, length);
	value->length += length;
}

static void add_utf16(struct value *value, const char *text)
{
	size_t length = strlen(text) + 1;

	for (size_t i = 0; i < length; i++)
		add(value, (char[]){ text[i], 0 }, 2);
}

static struct value utf16(const char *text)
{
	struct value value = { .length = 0 };

	add_utf16(&value, text);
	return value;
}

/* The decoder gets a copy of its own size: one read too far is a report of ASan. */
static bool decode_option(const uint8_t *bytes, size_t length, struct efi_location *ret)
{
	uint8_t *copy = malloc(length ? length : 1);
	bool good;

	memcpy(copy, bytes, length);
	good = efi_decode_load_option(copy, length, ret);
	free(copy);
	return good;
}

static void strings(void **state)
{
	struct value value = utf16("Grüße\x01\x7f");	/* each byte of ü and ß a unit of its own */
	char text[32];

	(void)state;
	assert_true(efi_decode_string(value.bytes, value.length, text, sizeof text));
	assert_string_equal(text, "Gr????e??");
	assert_true(efi_decode_string(value.bytes, value.length, text, 10));
	assert_false(efi_decode_string(value.bytes, value.length, text, 9));
	for (size_t length = 0; length < value.length; length++)
		assert_false(efi_decode_string(value.bytes, length, text, sizeof text));
	/* What stands behind the NUL does not count. */
	add(&value, "x", 1);
	assert_true(efi_decode_string(value.bytes, value.length, text, sizeof text));
	value = utf16("");
	assert_true(efi_decode_string(value.bytes, value.length, text, 1));
	assert_string_equal(text, "");
}

static void partuuids(void **state)
{
	static const char *const bad[] = { "", "00112233-4455-6677-8899-aabbccddeef", "12345678-01", "nothing of the kind",
					   "00112233-4455-6677-8899-aabbccddeeff0", "00112233-4455-6677-8899-aabbccddeeff-and-much-more-than-fits" };
	struct value value = utf16("00112233-4455-6677-8899-AABBCCDDEEFF");
	char partuuid[EFI_PARTUUID_BYTES];

	(void)state;
	assert_true(efi_decode_partuuid(value.bytes, value.length, partuuid));
	assert_string_equal(partuuid, "00112233-4455-6677-8899-aabbccddeeff");
	assert_false(efi_decode_partuuid(value.bytes, value.length - 2, partuuid));
	for (size_t i = 0; i < COUNT(bad); i++) {
		value = utf16(bad[i]);
		assert_false(efi_decode_partuuid(value.bytes, value.length, partuuid));
	}
}

static void paths(void **state)
{
	struct value value = utf16("\\EFI\\Linux\\rescue.efi");
	char path[EFI_PATH_BYTES], text[EFI_PATH_BYTES + 1];

	(void)state;
	assert_true(efi_decode_path(value.bytes, value.length, path));
	assert_string_equal(path, "/EFI/Linux/rescue.efi");
	value = utf16("EFI\\rescue.efi");
	assert_false(efi_decode_path(value.bytes, value.length, path));
	value = utf16("");
	assert_false(efi_decode_path(value.bytes, value.length, path));
	memset(text, 'a', sizeof text);
	text[0] = '\\';
	text[EFI_PATH_BYTES] = '\0';
	value = utf16(text);
	assert_false(efi_decode_path(value.bytes, value.length, path));
	value = utf16(text + 1);
	memcpy(value.bytes, "\\", 2);
	assert_true(efi_decode_path(value.bytes, value.length, path));
	assert_int_equal(strlen(path), EFI_PATH_BYTES - 1);
}

/* Nodes of a device path; UEFI 2.10, 10.3. */
static void add_node(struct value *value, uint8_t type, uint8_t subtype, const void *body, size_t length)
{
	const uint8_t head[4] = { type, subtype, (uint8_t)(length + 4), (uint8_t)((length + 4) >> 8) };

	add(value, head, 4);
	add(value, body, length);
}

static void add_hard_drive(struct value *value, uint32_t number, const uint8_t *signature, uint8_t signature_type)
{
	uint8_t body[38] = { 0 };

	put_le32(body, number);
	memcpy(body + 20, signature, 16);
	body[36] = 2;
	body[37] = signature_type;
	add_node(value, 4, 1, body, sizeof body);
}

static void add_file(struct value *value, const char *path)
{
	struct value text = utf16(path);

	add_node(value, 4, 4, text.bytes, text.length);
}

/* The GUID 00112233-4455-6677-8899-aabbccddeeff as it is stored. */
static const uint8_t guid[16] = { 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
static const uint8_t mbr[16] = { 0x78, 0x56, 0x34, 0x12 };

static struct value load_option(const struct value *list)
{
	struct value option = { .length = 0 };

	add(&option, (uint8_t[]){ 1, 0, 0, 0, (uint8_t)list->length, (uint8_t)(list->length >> 8) }, 6);
	add_utf16(&option, "Rescue system");
	add(&option, list->bytes, list->length);
	return option;
}

static void add_end(struct value *list) { add_node(list, 0x7f, 0xff, "", 0); }

static bool decode_list(const struct value *list, struct efi_location *ret)
{
	struct value option = load_option(list);

	return decode_option(option.bytes, option.length, ret);
}

static struct value usual_list(void)
{
	struct value list = { .length = 0 };

	add_node(&list, 2, 1, "PNP0A03\0", 8);
	add_node(&list, 1, 1, "\0\1", 2);
	add_hard_drive(&list, 1, guid, 2);
	add_file(&list, "\\EFI\\Linux\\rescue.efi");
	add_end(&list);
	return list;
}

static void load_options(void **state)
{
	struct value list = usual_list(), option = load_option(&list);
	struct efi_location location;

	(void)state;
	add(&option, "optional data", 13);
	assert_true(decode_option(option.bytes, option.length, &location));
	assert_string_equal(location.partuuid, "00112233-4455-6677-8899-aabbccddeeff");
	assert_string_equal(location.path, "/EFI/Linux/rescue.efi");
	/* MBR: udev writes signature and number so. */
	list.length = 0;
	add_hard_drive(&list, 5, mbr, 1);
	add_end(&list);
	assert_true(decode_list(&list, &location));
	assert_string_equal(location.partuuid, "12345678-05");
	assert_string_equal(location.path, "");
}

static void no_partition(void **state)
{
	struct efi_location location = { "untouched", "untouched" };
	struct value list = { .length = 0 };

	(void)state;
	assert_false(decode_list(&list, &location));
	add_file(&list, "\\EFI\\Linux\\rescue.efi");
	add_end(&list);
	assert_false(decode_list(&list, &location));
	/* Behind the end node begins another path, or nothing. */
	add_hard_drive(&list, 1, guid, 2);
	assert_false(decode_list(&list, &location));
	for (unsigned type = 0; type < 256; type++) {
		list.length = 0;
		add_hard_drive(&list, 1, guid, (uint8_t)type);
		add_end(&list);
		if (type == 1 || type == 2)
			continue;
		assert_false(decode_list(&list, &location));
	}
	assert_string_equal(location.partuuid, "untouched");
	assert_string_equal(location.path, "untouched");
}

static void lying_nodes(void **state)
{
	const struct value good = usual_list();
	static const size_t hard_drive = 12 + 6;
	struct efi_location location;
	struct value list;

	(void)state;
	for (unsigned length = 0; length < 300; length++) {
		list = good;
		list.bytes[hard_drive + 2] = (uint8_t)length;
		list.bytes[hard_drive + 3] = (uint8_t)(length >> 8);
		assert_int_equal(decode_list(&list, &location), length == 42);
	}
	/* A first node of length 0 to 3 would never end. */
	for (unsigned length = 0; length < 4; length++) {
		list = good;
		list.bytes[2] = (uint8_t)length;
		assert_false(decode_list(&list, &location));
	}
	/* Nor may it be shorter than its own head, whatever follows: two bytes, and a good list from there on. */
	list.length = 0;
	add(&list, "\1\1\2\0\4\0", 6);
	add(&list, good.bytes, good.length);
	assert_false(decode_list(&list, &location));
}

static void odd_file_paths(void **state)
{
	struct value list = { .length = 0 };
	struct efi_location location;
	char text[600];

	(void)state;
	add_hard_drive(&list, 1, guid, 2);
	add_node(&list, 4, 4, "\\\0a", 3);	/* cut */
	assert_true(decode_list(&list, &location));
	assert_string_equal(location.path, "");
	list.length = 0;
	memset(text, 'a', sizeof text);
	text[0] = '\\';
	text[sizeof text - 1] = '\0';
	add_hard_drive(&list, 1, guid, 2);
	add_file(&list, text);
	assert_true(decode_list(&list, &location));
	assert_string_equal(location.path, "");
	assert_string_equal(location.partuuid, "00112233-4455-6677-8899-aabbccddeeff");
}

static void cut_options(void **state)
{
	const struct value list = usual_list();
	struct value option = load_option(&list);
	struct efi_location location;

	(void)state;
	for (size_t length = 0; length < option.length; length++)
		assert_false(decode_option(option.bytes, length, &location));
	assert_true(decode_option(option.bytes, option.length, &location));
	/* The path list is one byte longer than the variable. */
	option.bytes[4]++;
	assert_false(decode_option(option.bytes, option.length, &location));
	option.bytes[4] = option.bytes[5] = 0xff;
	assert_false(decode_option(option.bytes, option.length, &location));
	/* A description that never ends. */
	option = load_option(&list);
	for (size_t i = 6; i < option.length; i++)
		option.bytes[i] = 'x';
	assert_false(decode_option(option.bytes, option.length, &location));
}

static void random_options(void **state)
{
	const struct value list = usual_list();
	unsigned taken = 0;

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 50000; round++) {
		struct value option = load_option(&list);
		struct efi_location location;

		for (int changes = 1 + rand() % 4; changes > 0; changes--)
			option.bytes[(size_t)rand() % option.length] = (uint8_t)rand();
		if (!decode_option(option.bytes, option.length - (size_t)rand() % 2, &location))
			continue;
		taken++;
		assert_true(strnlen(location.partuuid, sizeof location.partuuid) >= 11);
		assert_true(strnlen(location.path, sizeof location.path) < sizeof location.path);
	}
	assert_true(taken > 1000);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(strings), cmocka_unit_test(partuuids), cmocka_unit_test(paths), cmocka_unit_test(load_options),
	cmocka_unit_test(no_partition), cmocka_unit_test(lying_nodes), cmocka_unit_test(odd_file_paths),
	cmocka_unit_test(cut_options), cmocka_unit_test(random_options),
};
RUN(tests)
