// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "base/text.h"

static void numbers(void **state)
{
	static const struct { const char *text; uint64_t number; } good[] = {
		{ "0", 0 }, { "42", 42 }, { "007", 7 }, { "18446744073709551615", UINT64_MAX },
	};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(text_parse_number(good[i].text, 0, UINT64_MAX, &number));
		assert_int_equal(number, good[i].number);
	}
}

static void no_numbers(void **state)
{
	static const char *const bad[] = {
		"", " ", "+1", "-1", " 1", "1 ", "1\n", "0x10", "1.0", "1e3", "one", "1K", "18446744073709551616",
		"99999999999999999999999999999999", "184467440737095516150",
	};
	uint64_t number = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_parse_number(bad[i], 0, UINT64_MAX, &number))
			fail_msg("\"%s\" was taken for %llu", bad[i], (unsigned long long)number);
	assert_int_equal(number, 77);
}

static void number_range(void **state)
{
	uint64_t number = 77;

	(void)state;
	assert_false(text_parse_number("9", 10, 20, &number));
	assert_false(text_parse_number("21", 10, 20, &number));
	assert_int_equal(number, 77);
	assert_true(text_parse_number("10", 10, 20, &number));
	assert_true(text_parse_number("20", 10, 20, &number));
}

static void sizes(void **state)
{
	static const struct { const char *text; uint64_t bytes; } good[] = {
		{ "4096", 4096 }, { "64K", 65536 }, { "1M", 1 << 20 }, { "4G", UINT64_C(4) << 30 }, { "1T", UINT64_C(1) << 40 },
		{ "16777215T", UINT64_C(16777215) << 40 }, { "18446744073709551615", UINT64_MAX },
	};
	static const char *const bad[] = {
		"", "K", "1k", "1KB", "1KK", "1 K", "1P", "-1K", "16777216T", "18446744073709551615K", "1.5M", "1%",
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(text_parse_size(good[i].text, 0, UINT64_MAX, &bytes));
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_parse_size(bad[i], 0, UINT64_MAX, &bytes))
			fail_msg("\"%s\" was taken for %llu bytes", bad[i], (unsigned long long)bytes);
	assert_false(text_parse_size("63K", 65536, INT64_MAX, &bytes));
	assert_false(text_parse_size("8388608T", 0, INT64_MAX, &bytes));
}

static void hex(void **state)
{
	const uint8_t wanted[4] = { 0x00, 0xff, 0xaB, 0x19 };
	uint8_t bytes[4] = { 1, 2, 3, 4 };
	char text[9];

	(void)state;
	assert_true(text_parse_hex("00fFAb19", bytes, 4));
	assert_memory_equal(bytes, wanted, 4);
	text_format_hex(bytes, 4, text);
	assert_string_equal(text, "00ffab19");
	assert_false(text_parse_hex("00ffab1", bytes, 4));
	assert_false(text_parse_hex("00ffab190", bytes, 4));
	assert_false(text_parse_hex("", bytes, 4));
	/* A bad digit anywhere, and nothing is written. */
	for (size_t i = 0; i < 8; i++)
		for (const char *bad = "gG/:@`-\n "; *bad; bad++) {
			memcpy(text, "11111111", 9);
			text[i] = *bad;
			assert_false(text_parse_hex(text, bytes, 4));
		}
	assert_memory_equal(bytes, wanted, 4);
}

static void uuids(void **state)
{
	static const char good[] = "00112233-4455-6677-8899-aabbccddeeff";
	static const char *const bad[] = {
		"", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
		"0011223344556677-8899-aabbccddeeff----", "00112233_4455-6677-8899-aabbccddeeff",
		"0011223-34455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefg",
		"{0112233-4455-6677-8899-aabbccddeef}",
	};
	char text[UUID_TEXT_BYTES];
	uint8_t uuid[16];

	(void)state;
	assert_true(text_parse_uuid("00112233-4455-6677-8899-AABBCCDDEEFF", uuid));
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(uuid[i], i * 0x11);
	text_format_uuid(uuid, text);
	assert_string_equal(text, good);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_parse_uuid(bad[i], uuid))
			fail_msg("\"%s\" was taken for a UUID", bad[i]);
}

static void suffixes(void **state)
{
	(void)state;
	assert_true(text_has_suffix("a.efi", ".efi"));
	assert_true(text_has_suffix("A.EFI", ".efi"));
	assert_true(text_has_suffix(".efi", ".efi"));
	assert_true(text_has_suffix("a", ""));
	assert_false(text_has_suffix("efi", ".efi"));
	assert_false(text_has_suffix("a.efi ", ".efi"));
	assert_false(text_has_suffix("", "x"));
}

static void printable(void **state)
{
	static const char *const cases[][2] = {
		{ "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x90\xa7", "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x90\xa7" },
		/* CSI, as an escape sequence, as one byte, as U+009B */
		{ "a\x1b[2Jb", "a?[2Jb" }, { "a\x9b" "2Jb", "a?2Jb" }, { "a\xc2\x9b" "2Jb", "a??2Jb" }, { "\xc2\xa0", "\xc2\xa0" },
		{ "\xc3", "?" }, { "\xe2\x82", "??" }, { "\xe2\x82x", "??x" }, { "\xf0\x9f\x90", "???" }, { "\xff\xfe", "??" },
		{ "\xc0\xaf", "??" }, { "\xe0\x80\xaf", "???" }, { "\xed\xa0\x80", "???" }, { "\xf4\x90\x80\x80", "????" },
	};
	char text[256];

	(void)state;
	for (unsigned i = 0; i < 255; i++)
		text[i] = (char)(i + 1);
	text[255] = '\0';
	text_make_printable(text);
	assert_int_equal(strlen(text), 255);
	for (unsigned i = 0; i < 255; i++) {
		uint8_t was = (uint8_t)(i + 1), is = (uint8_t)text[i];

		assert_int_equal(is, was < 0x20 || was >= 0x7f ? '?' : was);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof text, "%s", cases[i][0]);
		text_make_printable(text);
		assert_string_equal(text, cases[i][1]);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(numbers), cmocka_unit_test(no_numbers), cmocka_unit_test(number_range), cmocka_unit_test(sizes),
	cmocka_unit_test(hex), cmocka_unit_test(uuids), cmocka_unit_test(suffixes), cmocka_unit_test(printable),
};
RUN(tests)
