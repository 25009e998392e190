// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

/* A percentage of memory or a size, as tmpfs(5) has it. */
static bool is_tmpfs_size(const char *text)
{
	char number[32];
	uint64_t value;
	size_t length = strlen(text);

	if (length == 0 || length >= sizeof number)
		return false;
	if (text[length - 1] != '%')
		return text_parse_size(text, 1, INT64_MAX, &value);
	snprintf(number, sizeof number, "%.*s", (int)(length - 1), text);
	return text_parse_number(number, 1, 100, &value);
}

static int parse_root(const char *value, struct boot_words *words, struct error *error)
{
	const char *hex = text_after(value, "ukiblk:");

	words->is_ours = hex;
	if (hex && !text_parse_hex(hex, words->root_hash, HASH_BYTES))
		return fail(error, -EINVAL, "root=ukiblk: must be followed by the %u hexadecimal digits of the root hash", 2 * HASH_BYTES);
	return 0;
}

static int parse_timeout(const char *value, struct boot_words *words, struct error *error)
{
	uint64_t seconds;

	if (!text_parse_number(value, 1, BOOT_MAX_TIMEOUT_SECONDS, &seconds))
		return fail(error, -EINVAL, "rd.ukiblk.timeout=%s is not a number of seconds from 1 to %u", value, BOOT_MAX_TIMEOUT_SECONDS);
	words->timeout_seconds = (unsigned)seconds;
	return 0;
}

static int parse_hold(const char *value, struct boot_words *words, struct error *error)
{
	uint64_t seconds;

	if (!text_parse_number(value, 0, BOOT_MAX_HOLD_SECONDS, &seconds))
		return fail(error, -EINVAL, "rd.ukiblk.hold=%s is not a number of seconds from 0 to %u", value, BOOT_MAX_HOLD_SECONDS);
	words->hold_seconds = (unsigned)seconds;
	return 0;
}

static int parse_overlay(const char *value, struct boot_words *words, struct error *error)
{
	const char *size = text_after(value, "tmpfs,size=");

	if (strcmp(value, "tmpfs") == 0)
		size = BOOT_DEFAULT_TMPFS_SIZE;
	if (!size || !is_tmpfs_size(size))
		return fail(error, -EINVAL, "rd.ukiblk.overlay=%s is neither tmpfs nor tmpfs,size= with a size or percentage", value);
	snprintf(words->tmpfs_size, sizeof words->tmpfs_size, "%s", size);
	return 0;
}

static int parse_map(const char *value, struct boot_words *words, struct error *error)
{
	if (!map_parse_backend(value, &words->backend))
		return fail(error, -EINVAL, "rd.ukiblk.map=%s is none of auto, ukiblk, loop", value);
	return 0;
}

static int parse_corruption(const char *value, struct boot_words *words, struct error *error)
{
	if (!verify_parse_policy(value, &words->corruption))
		return fail(error, -EINVAL, "rd.ukiblk.corruption=%s is none of eio, restart, panic", value);
	return 0;
}

static int parse_ram(const char *value, struct boot_words *words, struct error *error)
{
	static const char *const names[] = { [RAM_NO] = "no", [RAM_YES] = "yes", [RAM_AUTO] = "auto", [RAM_BEFORE] = "before" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(value, names[i]) == 0) {
			words->ram = (enum ram_mode)i;
			return 0;
		}
	return fail(error, -EINVAL, "rd.ukiblk.ram=%s is none of yes, auto, no, before", value);
}

const struct boot_word boot_word_table[] = {
	{ "root=", "ukiblk:HASH", "the archive's root hash: its identity, and what it must verify against", parse_root },
	{ "rd.ukiblk.timeout=", "SECONDS", "how long to wait for the archive (default: 60)", parse_timeout },
	{ "rd.ukiblk.hold=", "SECONDS", "how long reads wait for a disk that was pulled (default: 60; 0 on disks that stay)", parse_hold },
	{ "rd.ukiblk.overlay=", "tmpfs[,size=SIZE]", "the writable layer; SIZE as in tmpfs(5) (default: 50%)", parse_overlay },
	{ "rd.ukiblk.map=", "auto|ukiblk|loop", "the module, loop devices, or (default) the module where the kernel takes it", parse_map },
	{ "rd.ukiblk.corruption=", "eio|restart|panic", "what a damaged block does when it is read (default: eio, an error)", parse_corruption },
	{ "rd.ukiblk.ram=", "yes|auto|no|before", "copy the archive to memory, then the disk may be removed (default: no)", parse_ram },
	{ 0 },
};

static int parse_word(const char *word, struct boot_words *words, struct error *error)
{
	for (const struct boot_word *known = boot_word_table; known->start; known++) {
		const char *value = text_after(word, known->start);

		if (value)
			return known->parse(value, words, error);
	}
	if (text_after(word, "rd.ukiblk."))
		return fail(error, -EINVAL, "The kernel command line's word \"%s\" is not understood", word);
	return 0;
}

int boot_parse_words(const char *cmdline, struct boot_words *ret, struct error *error)
{
	struct boot_words words = { .timeout_seconds = BOOT_DEFAULT_TIMEOUT_SECONDS, .hold_seconds = BOOT_HOLD_BY_DISK,
				    .tmpfs_size = BOOT_DEFAULT_TMPFS_SIZE };
	autofree char *copy = strdup(cmdline);
	char *rest = copy, *word;
	int r;

	if (!copy)
		return fail(error, -ENOMEM, "Out of memory");
	while ((word = strsep(&rest, " \t\n"))) {
		r = parse_word(word, &words, error);
		if (r < 0)
			return r;
	}
	*ret = words;
	return 0;
}
