/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests share: cmocka, refusals with their sentence, scratch folders, small samples. */
#pragma once

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail	/* ours fills a struct error */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include "base/error.h"
#include "locate/archive.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define RUN(tests) int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }

/* A refusal is its code and its whole sentence. */
#define assert_refused(result, code, error, sentence) do { \
	assert_int_equal((result), (code)); \
	assert_string_equal((error).text, (sentence)); \
} while (0)

/* cmocka setup and teardown: *state is the path of a scratch folder, removed with all in it. */
int unit_make_folder(void **state);
int unit_remove_folder(void **state);
#define unit_test_in_folder(f) cmocka_unit_test_setup_teardown(f, unit_make_folder, unit_remove_folder)

/* "FOLDER/NAME"; one of eight buffers in turn. */
const char *unit_path(const char *folder, const char *name);
void unit_write(const char *path, const void *bytes, size_t length);
void unit_make_subfolder(const char *folder, const char *name);
bool unit_exists(const char *path);

/* An archive "sample" of one chunk: five blocks, three of them the filesystem. */
struct identifier unit_identifier(void);
/* The same in three chunks of two, two and one block. */
#define SAMPLE_CHUNKS 3u
#define SAMPLE_BYTES (5 * BLOCK_BYTES)
struct identifier unit_chunk(uint32_t index);
/* Byte i of the sample's payload. */
uint8_t unit_payload_byte(uint64_t i);
/* Writes lead bytes of @head, the chunk's payload and its identifier. */
void unit_write_chunk(const char *path, const struct identifier *id, const void *head, size_t head_length);

/*
 * A smallest PE32+ file: headers up to 0x400, two sections of 0x200 bytes. Offsets of what tests
 * change.
 */
#define PE_BYTES 0x800u
#define PE_COFF 0x80u
#define PE_OPTIONAL (PE_COFF + 24)
#define PE_CERTIFICATE_ENTRY (PE_OPTIONAL + 112 + 4 * 8)
#define PE_SECTIONS (PE_OPTIONAL + 240)
#define PE_HEADERS_END (PE_SECTIONS + 2 * 40)
void unit_make_pe(uint8_t ret[static PE_BYTES]);
