// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "base/escape.h"
#include "map/table.h"

static void several_chunks(void **state)
{
	char first[] = "/run/carrier/a.erofs", second[] = "/run/carrier/a.erofs.001", third[] = "/b.efi";
	struct chunkfile files[] = {
		{ .path = first, .id = unit_chunk(0) },
		{ .path = second, .id = unit_chunk(1) },
		{ .path = third, .offset = 3 * BLOCK_BYTES, .id = unit_chunk(2) },
	};
	const struct found_archive archive = { files, COUNT(files) };
	char *params = map_table_params(&archive);

	(void)state;
	assert_string_equal(params, "3 /run/carrier/a.erofs 0 16 /run/carrier/a.erofs.001 0 16 /b.efi 24 8");
	assert_int_equal(map_table_sectors(&archive), 40);
	free(params);
}

/* More bytes than a 32-bit number of sectors could tell. */
static void large_chunks(void **state)
{
	char path[] = "/a";
	struct chunkfile file = { .path = path, .offset = UINT64_C(1) << 42, .id = unit_identifier() };
	const struct found_archive archive = { &file, 1 };
	char *params;

	(void)state;
	file.id.chunk_length = UINT64_C(1) << 43;
	params = map_table_params(&archive);
	assert_string_equal(params, "1 /a 8589934592 17179869184");
	assert_int_equal(map_table_sectors(&archive), UINT64_C(17179869184));
	free(params);
}

static void assert_encoded(const char *path, const char *encoded)
{
	char *copy = strdup(path), wanted[1024];
	struct chunkfile file = { .path = copy, .id = unit_identifier() };
	const struct found_archive archive = { &file, 1 };
	char *params = map_table_params(&archive);

	snprintf(wanted, sizeof wanted, "1 %s 0 40", encoded);
	assert_string_equal(params, wanted);
	free(params);
	free(copy);
}

static void odd_paths(void **state)
{
	(void)state;
	assert_encoded("/My Files/a b.erofs", "/My%20Files/a%20b.erofs");
	assert_encoded("/100%/%20", "/100%25/%2520");
	assert_encoded("/back\\slash", "/back%5Cslash");
	assert_encoded("/tab\tline\nbell\a", "/tab%09line%0Abell%07");
	assert_encoded("/del\x7f", "/del%7F");
	assert_encoded("/quotes'\"$(x)`", "/quotes'\"$(x)`");
	assert_encoded("/dmsetup,ends;here", "/dmsetup%2Cends%3Bhere");
	/* The kernel's isspace() takes 0xa0, the second byte of "a" with a grave accent, for a blank. */
	assert_encoded("/\xc3\xa0", "/\xc3%A0");
}

/*
 * What the target does with it (kmod/README.md): %XX back to the byte. Every byte comes back, and none
 * is left that ends a word or a line for the kernel, libdevmapper or dmsetup.
 */
static void every_byte(void **state)
{
	char path[258] = "/", decoded[258];
	struct chunkfile file = { .path = path, .id = unit_identifier() };
	const struct found_archive archive = { &file, 1 };
	char *params, *word;
	size_t length = 0;

	(void)state;
	for (unsigned i = 1; i < 256; i++)
		path[i] = (char)i;
	params = map_table_params(&archive);
	word = params + 2;
	for (; *word && *word != ' '; word++) {
		unsigned byte;

		assert_true((unsigned char)*word > ' ' && !strchr("\x7f\xa0\\,;", *word));
		if (*word == '%') {
			assert_int_equal(sscanf(word + 1, "%2x", &byte), 1);
			word += 2;
		} else {
			byte = (unsigned char)*word;
		}
		decoded[length++] = (char)byte;
	}
	decoded[length] = '\0';
	assert_string_equal(decoded, path);
	assert_string_equal(word, " 0 40");
	free(params);
}

static void files_of_a_table(void **state)
{
	static const char params[] = "2 /a%20b.erofs 0 16 /c.efi 8 24 2 hold 60";
	uint64_t first = 1, length = 1;
	char path[64];

	(void)state;
	assert_true(map_table_file(params, 0, path, sizeof path, &first, &length));
	assert_string_equal(path, "/a b.erofs");
	assert_int_equal(first, 0);
	assert_int_equal(length, 8192);
	assert_true(map_table_file(params, 1, path, sizeof path, &first, &length));
	assert_string_equal(path, "/c.efi");
	assert_int_equal(first, 4096);
	assert_int_equal(length, 12288);
	assert_false(map_table_file(params, 2, path, sizeof path, &first, &length));
	assert_false(map_table_file("", 0, path, sizeof path, &first, &length));
	assert_false(map_table_file("1 /a 0", 0, path, sizeof path, &first, &length));
	assert_false(map_table_file(params, 1, path, 6, &first, &length));
}

/* An escaped word has room for itself and its end, or there is none. */
static void escapes(void **state)
{
	char text[16] = "untouched";

	(void)state;
	assert_true(escape_path("a b", text, 6));
	assert_string_equal(text, "a%20b");
	assert_false(escape_path("a b", text, 5));
	assert_false(escape_path("a ", text, 3));
	assert_true(unescape_path("a%20bc", 5, text, 4));
	assert_string_equal(text, "a b");
	assert_false(unescape_path("a%20bc", 5, text, 3));
	assert_false(unescape_path("a%2", 3, text, sizeof text));
	assert_false(unescape_path("%2g", 3, text, sizeof text));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(several_chunks), cmocka_unit_test(large_chunks), cmocka_unit_test(odd_paths), cmocka_unit_test(every_byte),
	cmocka_unit_test(files_of_a_table), cmocka_unit_test(escapes),
};
RUN(tests)
