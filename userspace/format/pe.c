// SPDX-License-Identifier: GPL-2.0-only
#include "format/pe.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

/* Offsets in the headers, from "PE Format". */
#define DOS_NEW_HEADER 0x3c		/* file offset of the PE signature */
#define COFF_BYTES 24			/* signature and COFF header */
#define COFF_SECTION_COUNT 6
#define COFF_OPTIONAL_BYTES 20
#define OPTIONAL_MAGIC_PE32_PLUS 0x20b
#define OPTIONAL_HEADERS_BYTES 60	/* SizeOfHeaders */
#define OPTIONAL_DIRECTORY_COUNT 108
#define OPTIONAL_DIRECTORIES 112
#define DIRECTORY_BYTES 8
#define DIRECTORY_CERTIFICATE 4		/* its address is a file offset, unlike all others */
#define SECTION_BYTES 40
#define SECTION_RAW_LENGTH 16
#define SECTION_RAW_OFFSET 20

struct view {
	const uint8_t *bytes;
	size_t length;
};

/* @length bytes at @offset of the head, or NULL when it does not reach so far. */
static const uint8_t *view_at(const struct view *view, uint64_t offset, uint64_t length)
{
	if (offset > view->length || length > view->length - offset)
		return NULL;
	return view->bytes + offset;
}

bool pe_has_magic(const uint8_t *head, size_t length)
{
	return length >= 2 && head[0] == 'M' && head[1] == 'Z';
}

static int parse_section(const uint8_t *header, uint64_t file_size, struct pe_layout *layout, struct error *error)
{
	struct pe_section *section = &layout->sections[layout->section_count];
	uint64_t end;

	memcpy(section->name, header, 8);
	section->length = get_le32(header + SECTION_RAW_LENGTH);
	section->offset = section->length ? get_le32(header + SECTION_RAW_OFFSET) : 0;
	end = section->offset + section->length;
	if (end > file_size)
		return fail(error, -EBADMSG, "A section of the PE file lies beyond its end. Copy the file again");
	if (end > layout->data_end)
		layout->data_end = end;
	layout->section_count++;
	return 0;
}

static int parse_certificates(const uint8_t *optional, uint64_t file_size, struct pe_layout *layout, struct error *error)
{
	const uint8_t *entry = optional + OPTIONAL_DIRECTORIES + DIRECTORY_CERTIFICATE * DIRECTORY_BYTES;
	uint64_t offset = get_le32(entry), length = get_le32(entry + 4);

	if (length == 0)
		return 0;
	if (offset < layout->data_end || offset + length > file_size)
		return fail(error, -EBADMSG, "The certificate table of the PE file does not lie between its data and its end");
	layout->certificate_offset = offset;
	layout->certificate_length = length;
	return 0;
}

int pe_parse(const uint8_t *head, size_t length, uint64_t file_size, struct pe_layout *ret, struct error *error)
{
	const struct view view = { head, length };
	struct pe_layout layout = { 0 };
	const uint8_t *coff, *optional, *sections;
	uint64_t pe_offset, optional_bytes, directories;
	unsigned section_count;

	if (!pe_has_magic(head, length) || !view_at(&view, DOS_NEW_HEADER, 4))
		return fail(error, -EBADMSG, "This is not a PE file");
	pe_offset = get_le32(head + DOS_NEW_HEADER);
	coff = view_at(&view, pe_offset, COFF_BYTES);
	if (!coff || memcmp(coff, "PE\0\0", 4) != 0)
		return fail(error, -EBADMSG, "This is not a PE file");
	optional_bytes = get_le16(coff + COFF_OPTIONAL_BYTES);
	section_count = get_le16(coff + COFF_SECTION_COUNT);
	optional = view_at(&view, pe_offset + COFF_BYTES, optional_bytes);
	sections = view_at(&view, pe_offset + COFF_BYTES + optional_bytes, (uint64_t)section_count * SECTION_BYTES);
	if (!optional || !sections || optional_bytes < OPTIONAL_DIRECTORIES || section_count > PE_MAX_SECTIONS)
		return fail(error, -EBADMSG, "The headers of the PE file are cut off or too large");
	if (get_le16(optional) != OPTIONAL_MAGIC_PE32_PLUS)
		return fail(error, -EBADMSG, "This is a PE file, but not a 64-bit one (PE32+)");

	layout.data_end = get_le32(optional + OPTIONAL_HEADERS_BYTES);
	if (layout.data_end > file_size)
		return fail(error, -EBADMSG, "The headers of the PE file are cut off or too large");
	/* Else an archive might begin in them, and a certificate table at 0 would look like none. */
	if (layout.data_end < (uint64_t)(sections - head) + (uint64_t)section_count * SECTION_BYTES)
		return fail(error, -EBADMSG, "The PE file says that its headers are shorter than they are");
	for (unsigned i = 0; i < section_count; i++) {
		int r = parse_section(sections + (size_t)i * SECTION_BYTES, file_size, &layout, error);

		if (r < 0)
			return r;
	}
	directories = get_le32(optional + OPTIONAL_DIRECTORY_COUNT);
	if (directories > DIRECTORY_CERTIFICATE &&
	    optional_bytes >= OPTIONAL_DIRECTORIES + (DIRECTORY_CERTIFICATE + 1) * DIRECTORY_BYTES) {
		int r = parse_certificates(optional, file_size, &layout, error);

		if (r < 0)
			return r;
	}
	*ret = layout;
	return 0;
}
