// SPDX-License-Identifier: GPL-2.0-only
/* A kernel command line. */
#include "tool/boot_words.h"

#include <errno.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	char *cmdline = take_string(&input, 4096);
	struct boot_words words, untouched;
	struct error error = { "" };
	int r;

	memset(&words, 0x5a, sizeof words);
	untouched = words;
	r = boot_parse_words(cmdline, &words, &error);
	if (r < 0) {
		PROMISE(r == -EINVAL && memcmp(&words, &untouched, sizeof words) == 0);
		promise_sentence(&error);
	} else {
		PROMISE(words.timeout_seconds >= 1 && words.timeout_seconds <= BOOT_MAX_TIMEOUT_SECONDS);
		PROMISE(words.hold_seconds <= BOOT_MAX_HOLD_SECONDS || words.hold_seconds == BOOT_HOLD_BY_DISK);
		PROMISE(strnlen(words.tmpfs_size, sizeof words.tmpfs_size) < sizeof words.tmpfs_size);
		/* It becomes part of a mount option. */
		PROMISE(strspn(words.tmpfs_size, "0123456789KMGT%") == strlen(words.tmpfs_size));
		PROMISE(!words.is_ours || strstr(cmdline, "root=ukiblk:"));
	}
	free(cmdline);
	return 0;
}
