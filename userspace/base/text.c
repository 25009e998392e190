// SPDX-License-Identifier: GPL-2.0-only
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Consumes the digits at *text; false when there are none or they do not fit. */
static bool parse_digits(const char **text, uint64_t *ret_number)
{
	const char *p = *text;
	uint64_t number = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*p - '0'), &number))
			return false;
	if (p == *text)
		return false;
	*text = p;
	*ret_number = number;
	return true;
}

static bool in_range(uint64_t number, uint64_t minimum, uint64_t maximum, uint64_t *ret_number)
{
	if (number < minimum || number > maximum)
		return false;
	*ret_number = number;
	return true;
}

bool text_parse_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number)
{
	uint64_t number;

	return parse_digits(&text, &number) && *text == '\0' &&
	       in_range(number, minimum, maximum, ret_number);
}

bool text_parse_size(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_bytes)
{
	static const char suffixes[] = "KMGT";
	const char *suffix;
	uint64_t bytes;

	if (!parse_digits(&text, &bytes))
		return false;
	if (*text != '\0') {
		suffix = strchr(suffixes, *text);
		if (!suffix || text[1] != '\0' ||
		    __builtin_mul_overflow(bytes, UINT64_C(1) << 10 * (suffix - suffixes + 1), &bytes))
			return false;
	}
	return in_range(bytes, minimum, maximum, ret_bytes);
}

int text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool text_parse_hex(const char *text, uint8_t *ret_bytes, size_t length)
{
	if (strlen(text) != 2 * length)
		return false;
	for (size_t i = 0; i < 2 * length; i++)
		if (text_hex_digit(text[i]) < 0)
			return false;
	for (size_t i = 0; i < length; i++)
		ret_bytes[i] = (uint8_t)(text_hex_digit(text[2 * i]) << 4 | text_hex_digit(text[2 * i + 1]));
	return true;
}

void text_format_hex(const uint8_t *bytes, size_t length, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		ret_text[2 * i] = digits[bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret_text[2 * length] = '\0';
}

void text_format_uuid(const uint8_t uuid[static 16], char ret_text[static UUID_TEXT_BYTES])
{
	char hex[33];

	text_format_hex(uuid, 16, hex);
	snprintf(ret_text, UUID_TEXT_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

bool text_parse_uuid(const char *text, uint8_t ret_uuid[static 16])
{
	char hex[33];

	if (strlen(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
		return false;
	snprintf(hex, sizeof hex, "%.8s%.4s%.4s%.4s%.12s", text, text + 9, text + 14, text + 19, text + 24);
	return text_parse_hex(hex, ret_uuid, 16);
}

const char *text_after(const char *text, const char *start)
{
	size_t length = strlen(start);

	return strncmp(text, start, length) == 0 ? text + length : NULL;
}

bool text_has_suffix(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && strcasecmp(text + length - tail, suffix) == 0;
}

/*
 * Bytes of the UTF-8 character that begins at @text (RFC 3629); 0 when none does, or one of the control
 * characters U+0080 to U+009F, which a terminal obeys like the ones below a blank.
 */
static size_t character_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t length = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 && *p < 0xf5 ? 4 : 0;

	if (length == 1)
		return *p >= ' ' && *p != 0x7f;
	for (size_t i = 1; i < length; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	/* C1 controls; too long a form; surrogates; beyond U+10FFFF */
	if ((*p == 0xc2 && p[1] < 0xa0) || (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

void text_make_printable(char *text)
{
	while (*text) {
		size_t length = character_length(text);

		if (length == 0)
			*text = '?';
		text += length ? length : 1;
	}
}
