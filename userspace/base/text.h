/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of numbers and hashes, parsed strictly: the whole string or nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* @text as a decimal number in [minimum, maximum]; sign, blanks and trailing bytes are refused. */
bool text_parse_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number);
/* The same with one of the binary suffixes K, M, G, T. */
bool text_parse_size(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_bytes);
/* The value of a hexadecimal digit, of either case; -1: it is none. */
int text_hex_digit(char c);
/* Exactly 2 * @length hexadecimal digits. */
bool text_parse_hex(const char *text, uint8_t *ret_bytes, size_t length);
/* Writes 2 * @length lower-case digits and a NUL to @ret_text. */
void text_format_hex(const uint8_t *bytes, size_t length, char *ret_text);
#define UUID_TEXT_BYTES 37
/* 16 bytes in the order they are written, as RFC 9562 writes a UUID. */
void text_format_uuid(const uint8_t uuid[static 16], char ret_text[static UUID_TEXT_BYTES]);
bool text_parse_uuid(const char *text, uint8_t ret_uuid[static 16]);
/* What follows @start, or NULL when @text does not begin with it. */
const char *text_after(const char *text, const char *start);
bool text_has_suffix(const char *text, const char *suffix);
/* Foreign bytes made printable in place: control characters and what is not UTF-8 become '?'. */
void text_make_printable(char *text);
