// SPDX-License-Identifier: GPL-2.0-only
/* The head of a file of the input's own size, and of one so large that every section may lie inside. */
#include "format/pe.h"

#include <errno.h>

#include "fuzz.h"

static void promise_layout(const struct pe_layout *layout, uint64_t file_size)
{
	PROMISE(layout->section_count <= PE_MAX_SECTIONS);
	PROMISE(layout->data_end <= file_size);
	for (unsigned i = 0; i < layout->section_count; i++) {
		const struct pe_section *section = &layout->sections[i];

		PROMISE(strnlen(section->name, sizeof section->name) < sizeof section->name);
		PROMISE(section->offset + section->length >= section->offset && section->offset + section->length <= layout->data_end);
	}
	PROMISE((layout->certificate_offset == 0) == (layout->certificate_length == 0));
	if (layout->certificate_offset) {
		PROMISE(layout->certificate_offset >= layout->data_end);
		PROMISE(layout->certificate_length <= file_size && layout->certificate_offset <= file_size - layout->certificate_length);
	}
}

static void parse(const uint8_t *head, size_t length, uint64_t file_size)
{
	struct pe_layout layout, untouched;
	struct error error = { "" };

	memset(&layout, 0x5a, sizeof layout);
	untouched = layout;
	if (pe_parse(head, length, file_size, &layout, &error) == 0) {
		PROMISE(pe_has_magic(head, length));
		promise_layout(&layout, file_size);
		return;
	}
	PROMISE(memcmp(&layout, &untouched, sizeof layout) == 0);
	promise_sentence(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	size_t head = length < PE_HEAD_BYTES ? length : PE_HEAD_BYTES;

	parse(bytes, head, length);
	if (head == length || head == PE_HEAD_BYTES)
		parse(bytes, head, UINT64_C(1) << 33);
	return 0;
}
