/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of a PE32+ file as an archive behind it needs: where the program's data ends and where the
 * certificate table lies. Facts from Microsoft's "PE Format", sections "Optional Header Data
 * Directories" and "Section Table". Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

#define PE_HEAD_BYTES 65536u	/* as much of the file's begin as pe_parse may want to see */
#define PE_MAX_SECTIONS 96u	/* the loader's limit, same document */

struct pe_section {
	char name[9];
	uint64_t offset;	/* of the raw data in the file, bytes */
	uint64_t length;
};

struct pe_layout {
	uint64_t data_end;	/* end of headers and of all sections, bytes */
	uint64_t certificate_offset;	/* 0: not signed */
	uint64_t certificate_length;
	unsigned section_count;
	struct pe_section sections[PE_MAX_SECTIONS];
};

bool pe_has_magic(const uint8_t *head, size_t length);

/*
 * @head: the first min(PE_HEAD_BYTES, file_size) bytes of the file. -EBADMSG with a sentence when it
 * is no PE32+ file, or one whose headers point outside itself.
 */
int pe_parse(const uint8_t *head, size_t length, uint64_t file_size, struct pe_layout *ret, struct error *error);
