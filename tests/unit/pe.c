// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "format/pe.h"

#define NOT_PE "This is not a PE file"
#define SHORT_HEADERS "The PE file says that its headers are shorter than they are"
#define HEADERS "The headers of the PE file are cut off or too large"
#define SECTION "A section of the PE file lies beyond its end. Copy the file again"
#define TABLE "The certificate table of the PE file does not lie between its data and its end"

/* Parses a copy of exactly @length bytes: one read too far is a report of ASan. */
static int parse(const uint8_t *head, size_t length, uint64_t file_size, struct pe_layout *layout, struct error *error)
{
	uint8_t *copy = malloc(length ? length : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, head, length);
	r = pe_parse(copy, length, file_size, layout, error);
	free(copy);
	return r;
}

static void assert_pe_refused(const uint8_t *head, size_t length, uint64_t file_size, const char *sentence)
{
	struct pe_layout layout, untouched;
	struct error error;

	memset(&layout, 0x5a, sizeof layout);
	untouched = layout;
	assert_refused(parse(head, length, file_size, &layout, &error), -EBADMSG, error, sentence);
	assert_memory_equal(&layout, &untouched, sizeof layout);
}

static void put_le16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static void plain(void **state)
{
	struct pe_layout layout;
	uint8_t pe[PE_BYTES];
	struct error error;

	(void)state;
	unit_make_pe(pe);
	assert_int_equal(parse(pe, PE_BYTES, PE_BYTES, &layout, &error), 0);
	assert_int_equal(layout.section_count, 2);
	assert_string_equal(layout.sections[0].name, ".text");
	assert_string_equal(layout.sections[1].name, ".eightch");	/* no NUL in the file */
	assert_int_equal(layout.sections[1].offset, 0x600);
	assert_int_equal(layout.sections[1].length, 0x200);
	assert_int_equal(layout.data_end, 0x800);
	assert_int_equal(layout.certificate_offset, 0);
	/* What stands behind is no part of the program. */
	assert_int_equal(parse(pe, PE_BYTES, UINT64_C(1) << 33, &layout, &error), 0);
	assert_int_equal(layout.data_end, 0x800);
}

static void odd_but_good(void **state)
{
	struct pe_layout layout;
	uint8_t pe[PE_BYTES];
	struct error error;

	(void)state;
	unit_make_pe(pe);
	/* A section without bytes in the file may say any offset. */
	put_le32(pe + PE_SECTIONS + 40 + 16, 0);
	put_le32(pe + PE_SECTIONS + 40 + 20, UINT32_MAX);
	assert_int_equal(parse(pe, PE_BYTES, 0x600, &layout, &error), 0);
	assert_int_equal(layout.data_end, 0x600);
	assert_int_equal(layout.sections[1].offset, 0);
	/* No sections, and headers that end with the file. */
	unit_make_pe(pe);
	put_le16(pe + PE_COFF + 6, 0);
	assert_int_equal(parse(pe, 0x400, 0x400, &layout, &error), 0);
	assert_int_equal(layout.data_end, 0x400);
	/* The shortest optional header: no data directories, sections directly behind. */
	unit_make_pe(pe);
	memmove(pe + PE_OPTIONAL + 112, pe + PE_SECTIONS, 80);
	put_le16(pe + PE_COFF + 20, 112);
	assert_int_equal(parse(pe, PE_BYTES, PE_BYTES, &layout, &error), 0);
	assert_int_equal(layout.data_end, 0x800);
	assert_int_equal(layout.certificate_offset, 0);
}

static void signed_files(void **state)
{
	struct pe_layout layout;
	uint8_t pe[PE_BYTES];
	struct error error;

	(void)state;
	unit_make_pe(pe);
	put_le32(pe + PE_CERTIFICATE_ENTRY, 0x1000);
	put_le32(pe + PE_CERTIFICATE_ENTRY + 4, 0x100);
	assert_int_equal(parse(pe, PE_BYTES, 0x1100, &layout, &error), 0);
	assert_int_equal(layout.certificate_offset, 0x1000);
	assert_int_equal(layout.certificate_length, 0x100);
	assert_int_equal(layout.data_end, 0x800);
	assert_pe_refused(pe, PE_BYTES, 0x10ff, TABLE);
	/* Fewer directories than four: the bytes mean something else. */
	put_le32(pe + PE_OPTIONAL + 108, 4);
	assert_int_equal(parse(pe, PE_BYTES, 0x1100, &layout, &error), 0);
	assert_int_equal(layout.certificate_offset, 0);
	/* More than there is room for: as far as there is room. */
	put_le32(pe + PE_OPTIONAL + 108, UINT32_MAX);
	assert_int_equal(parse(pe, PE_BYTES, 0x1100, &layout, &error), 0);
	assert_int_equal(layout.certificate_offset, 0x1000);
}

struct lie {
	unsigned offset, bytes;
	uint32_t value;
	const char *sentence;
};

static void lies(void **state)
{
	static const struct lie lies[] = {
		{ 0, 2, 0x4d5a, NOT_PE },
		{ 0x3c, 4, UINT32_MAX, NOT_PE },
		{ 0x3c, 4, PE_BYTES - 23, NOT_PE },
		{ 0x3c, 4, PE_COFF + 1, NOT_PE },
		{ PE_COFF, 4, 0x4550 + (1u << 31), NOT_PE },
		{ PE_COFF + 20, 2, 0, HEADERS },
		{ PE_COFF + 20, 2, 111, HEADERS },
		{ PE_COFF + 20, 2, UINT16_MAX, HEADERS },
		{ PE_COFF + 6, 2, UINT16_MAX, HEADERS },
		{ PE_OPTIONAL, 2, 0x10b, "This is a PE file, but not a 64-bit one (PE32+)" },
		{ PE_OPTIONAL, 2, 0, "This is a PE file, but not a 64-bit one (PE32+)" },
		{ PE_OPTIONAL + 60, 4, PE_BYTES + 1, HEADERS },
		{ PE_OPTIONAL + 60, 4, UINT32_MAX, HEADERS },
		{ PE_OPTIONAL + 60, 4, PE_HEADERS_END - 1, SHORT_HEADERS },
		{ PE_OPTIONAL + 60, 4, 0, SHORT_HEADERS },
		{ PE_SECTIONS + 16, 4, UINT32_MAX, SECTION },
		{ PE_SECTIONS + 20, 4, UINT32_MAX, SECTION },
		{ PE_SECTIONS + 40 + 16, 4, 0x201, SECTION },
		{ PE_SECTIONS + 40 + 20, 4, 0x601, SECTION },
		/* Given a length, the certificate table must begin behind the data; these begin at 0. */
		{ PE_CERTIFICATE_ENTRY + 4, 4, 8, TABLE },
		{ PE_CERTIFICATE_ENTRY + 4, 4, UINT32_MAX, TABLE },
	};
	uint8_t pe[PE_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		unit_make_pe(pe);
		for (unsigned byte = 0; byte < lies[i].bytes; byte++)
			pe[lies[i].offset + byte] = (uint8_t)(lies[i].value >> 8 * byte);
		assert_pe_refused(pe, PE_BYTES, PE_BYTES, lies[i].sentence);
	}
	/* Both numbers at their largest: their sum has more than 32 bits. */
	unit_make_pe(pe);
	put_le32(pe + PE_SECTIONS + 16, UINT32_MAX);
	put_le32(pe + PE_SECTIONS + 20, UINT32_MAX);
	assert_pe_refused(pe, PE_BYTES, UINT32_MAX, SECTION);
	unit_make_pe(pe);
	put_le32(pe + PE_CERTIFICATE_ENTRY, UINT32_MAX);
	put_le32(pe + PE_CERTIFICATE_ENTRY + 4, UINT32_MAX);
	assert_pe_refused(pe, PE_BYTES, UINT32_MAX, TABLE);
	/* One byte inside the data. */
	put_le32(pe + PE_CERTIFICATE_ENTRY, 0x7ff);
	put_le32(pe + PE_CERTIFICATE_ENTRY + 4, 8);
	assert_pe_refused(pe, PE_BYTES, 0x10000, TABLE);
}

static void section_counts(void **state)
{
	enum { LENGTH = PE_SECTIONS + 100 * 40 };
	uint8_t *pe = calloc(1, LENGTH);
	struct pe_layout layout;
	struct error error;

	(void)state;
	unit_make_pe(pe);
	memset(pe + PE_HEADERS_END, 0, PE_BYTES - PE_HEADERS_END);
	put_le16(pe + PE_COFF + 6, PE_MAX_SECTIONS);
	put_le32(pe + PE_OPTIONAL + 60, PE_SECTIONS + PE_MAX_SECTIONS * 40);
	assert_int_equal(parse(pe, LENGTH, LENGTH, &layout, &error), 0);
	assert_int_equal(layout.section_count, PE_MAX_SECTIONS);
	put_le16(pe + PE_COFF + 6, PE_MAX_SECTIONS + 1);
	assert_pe_refused(pe, LENGTH, LENGTH, HEADERS);
	free(pe);
}

/* A file cut at any length, and a head read short of any length. */
static void prefixes(void **state)
{
	struct pe_layout layout;
	uint8_t pe[PE_BYTES];
	struct error error;

	(void)state;
	unit_make_pe(pe);
	for (size_t length = 0; length < PE_BYTES; length++) {
		const char *sentence = length < PE_OPTIONAL ? NOT_PE : length < 0x400 ? HEADERS : SECTION;

		assert_pe_refused(pe, length, length, sentence);
		if (length < PE_HEADERS_END)
			assert_pe_refused(pe, length, PE_BYTES, sentence);
		else
			assert_int_equal(parse(pe, length, PE_BYTES, &layout, &error), 0);
		assert_int_equal(pe_has_magic(pe, length), length >= 2);
	}
}

/* Any bytes in the headers: refused, or a layout that lies inside the file. */
static void random_headers(void **state)
{
	uint8_t pe[PE_BYTES];
	unsigned taken = 0;

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 50000; round++) {
		uint64_t file_size = PE_BYTES + (uint64_t)rand() % 0x2000;
		struct pe_layout layout;
		struct error error;

		unit_make_pe(pe);
		for (int changes = 1 + rand() % 4; changes > 0; changes--)
			pe[PE_COFF + rand() % (int)(PE_HEADERS_END - PE_COFF)] = (uint8_t)rand();
		if (parse(pe, PE_BYTES, file_size, &layout, &error) < 0)
			continue;
		taken++;
		assert_true(layout.data_end <= file_size && layout.section_count <= PE_MAX_SECTIONS);
		for (unsigned i = 0; i < layout.section_count; i++)
			assert_true(layout.sections[i].offset + layout.sections[i].length <= layout.data_end);
		if (layout.certificate_offset)
			assert_true(layout.certificate_offset >= layout.data_end &&
				    layout.certificate_offset + layout.certificate_length <= file_size);
	}
	assert_true(taken > 1000);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(plain), cmocka_unit_test(odd_but_good), cmocka_unit_test(signed_files), cmocka_unit_test(lies),
	cmocka_unit_test(section_counts), cmocka_unit_test(prefixes), cmocka_unit_test(random_headers),
};
RUN(tests)
