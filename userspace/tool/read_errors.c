// SPDX-License-Identifier: GPL-2.0-only
#include "tool/read_errors.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

/* "MAJOR:MINOR: "; the text behind it. */
static const char *parse_device(const char *text, struct read_error *ret)
{
	int length = 0;

	if (sscanf(text, "%u:%u: %n", &ret->major, &ret->minor, &length) != 2 || length < 4 || text[length - 1] != ' ')
		return NULL;
	return text + length;
}

/* verity_handle_err() in drivers/md/dm-verity-target.c; blocks are counted from the archive's begin. */
static bool parse_verity(const char *text, struct read_error *ret)
{
	unsigned long long block;
	char kind[16];
	int length = 0;

	text = parse_device(text, ret);
	if (!text || sscanf(text, "%15s block %llu is corrupted%n", kind, &block, &length) != 2 || length == 0 || text[length] ||
	    block > INT64_MAX / BLOCK_BYTES)
		return false;
	ret->kind = strcmp(kind, "data") == 0 ? READ_ERROR_DATA : READ_ERROR_TREE;
	ret->offset = block * BLOCK_BYTES;
	return true;
}

static bool is_octal(const char *text)
{
	for (int i = 0; i < 3; i++)
		if (text[i] < '0' || text[i] > '7')
			return false;
	return true;
}

/* %pE of the kernel (lib/string_helpers.c): letters for the usual control characters, octal for the rest. */
static void unescape(const char *text, size_t length, char *ret)
{
	static const char letters[] = "nrtvfae\"\\", bytes[] = "\n\r\t\v\f\a\033\"\\";

	for (size_t i = 0; i < length; i++) {
		const char *letter = text[i] == '\\' && i + 1 < length ? strchr(letters, text[i + 1]) : NULL;

		if (letter) {
			*ret++ = bytes[letter - letters];
			i++;
		} else if (text[i] == '\\' && i + 3 < length && is_octal(text + i + 1)) {
			*ret++ = (char)((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
			i += 3;
		} else {
			*ret++ = text[i];
		}
	}
	*ret = '\0';
}

/* "N, sector N of DISK: bad sector" or "...: disk gone". */
static bool parse_place(const char *text, struct read_error *ret)
{
	const char *sector = strstr(text, ", sector "), *reason = sector ? strstr(sector, ": ") : NULL;
	char number[24];

	if (!reason || (size_t)(sector - text) >= sizeof number)
		return false;
	memcpy(number, text, (size_t)(sector - text));
	number[sector - text] = '\0';
	ret->gone = strcmp(reason, ": disk gone") == 0;
	return (ret->gone || strcmp(reason, ": bad sector") == 0) && text_parse_number(number, 0, INT64_MAX, &ret->offset);
}

/* report_error() in kmod/target.c. The path may hold any words: its end is the last " at byte ". */
static bool parse_target(const char *text, struct read_error *ret)
{
	static const char mark[] = " at byte ";
	const char *end = NULL;
	int length = 0;

	text = parse_device(text, ret);
	if (!text || sscanf(text, "error %d reading file %n", &ret->code, &length) != 1 || length == 0)
		return false;
	text += length;
	for (const char *p = text; (p = strstr(p, mark)); p++)
		end = p;
	if (!end || (size_t)(end - text) >= sizeof ret->path || !parse_place(end + sizeof mark - 1, ret))
		return false;
	ret->kind = READ_ERROR_DISK;
	unescape(text, (size_t)(end - text), ret->path);
	return true;
}

bool read_error_parse(const char *text, struct read_error *ret)
{
	const char *rest;

	ret->path[0] = '\0';
	ret->code = 0;
	ret->gone = false;
	if ((rest = text_after(text, "device-mapper: verity: ")))
		return parse_verity(rest, ret);
	if ((rest = text_after(text, "device-mapper: ukiblk: ")))
		return parse_target(rest, ret);
	return false;
}

static bool is_same(const struct read_error *a, const struct read_error *b)
{
	return a->kind == b->kind && a->major == b->major && a->minor == b->minor && a->offset == b->offset &&
	       a->code == b->code && a->gone == b->gone && strcmp(a->path, b->path) == 0;
}

void read_errors_take(void *context, const struct kmsg_record *record)
{
	struct read_errors *errors = context;
	struct read_error error;

	if (!read_error_parse(record->text, &error))
		return;
	error.count = 1;
	error.first = error.last = record->seconds;
	for (size_t i = 0; i < errors->count; i++)
		if (is_same(&errors->list[i], &error)) {
			errors->list[i].count++;
			errors->list[i].last = record->seconds;
			return;
		}
	if (errors->count < READ_ERRORS_MAX)
		errors->list[errors->count++] = error;
}
