// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_shell.h"

#include <string.h>

/* The next word of @cmdline, or NULL. */
static const char *next_word(const char *cmdline, size_t *ret_length)
{
	cmdline += strspn(cmdline, " \t\n");
	*ret_length = strcspn(cmdline, " \t\n");
	return *ret_length ? cmdline : NULL;
}

static bool equals(const char *word, size_t length, const char *wanted)
{
	return strlen(wanted) == length && strncmp(word, wanted, length) == 0;
}

/* As dracut's getargbool: of rd.shell the last one counts, and it is true unless it says no. */
bool boot_asks_for_shell(const char *cmdline)
{
	bool shell = false, breaks = false;
	size_t length;

	for (const char *word = cmdline; (word = next_word(word, &length)); word += length) {
		if (equals(word, length, "rd.shell"))
			shell = true;
		else if (strncmp(word, "rd.shell=", 9) == 0)
			shell = !equals(word + 9, length - 9, "0") && !equals(word + 9, length - 9, "no") &&
				!equals(word + 9, length - 9, "off");
		else if (equals(word, length, "rd.break") || strncmp(word, "rd.break=", 9) == 0)
			breaks = true;
	}
	return shell || breaks;
}

enum boot_last_action boot_asks_for_action(const char *cmdline)
{
	enum boot_last_action action = BOOT_LAST_NONE;
	size_t length;

	for (const char *word = cmdline; (word = next_word(word, &length)); word += length) {
		if (equals(word, length, "rd.emergency=reboot"))
			action = BOOT_LAST_REBOOT;
		else if (equals(word, length, "rd.emergency=poweroff"))
			action = BOOT_LAST_POWEROFF;
		else if (equals(word, length, "rd.emergency=halt"))
			action = BOOT_LAST_HALT;
	}
	return action;
}
