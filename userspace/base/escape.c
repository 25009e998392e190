// SPDX-License-Identifier: GPL-2.0-only
#include "base/escape.h"

#include <string.h>

#include "base/text.h"

/*
 * Quoting by backslash (dm_split_args in drivers/md/dm-table.c) cannot be had through libdevmapper, which doubles
 * every backslash; dmsetup ends a table line at comma and semicolon; and the kernel's isspace() takes byte 0xa0
 * for a blank.
 */
static bool is_plain(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != 0xa0 && !strchr("%\\,;", c);
}

bool escape_path(const char *path, char *ret, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;
		size_t length = is_plain(c) ? 1 : 3;

		if (size <= length)
			return false;
		*ret = is_plain(c) ? *path : '%';
		if (length == 3) {
			ret[1] = digits[c >> 4];
			ret[2] = digits[c & 15];
		}
		ret += length;
		size -= length;
	}
	if (size < 1)
		return false;
	*ret = '\0';
	return true;
}

bool unescape_path(const char *text, size_t length, char *ret, size_t size)
{
	if (size < 1)
		return false;
	for (size_t i = 0; i < length; i++) {
		int high = text[i] == '%' && i + 2 < length ? text_hex_digit(text[i + 1]) : -1, low = high < 0 ? -1 : text_hex_digit(text[i + 2]);

		if ((text[i] == '%' && low < 0) || size < 2)
			return false;
		*ret++ = text[i] == '%' ? (char)(high * 16 + low) : text[i];
		i += text[i] == '%' ? 2 : 0;
		size--;
	}
	*ret = '\0';
	return true;
}
