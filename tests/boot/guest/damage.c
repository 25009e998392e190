// SPDX-License-Identifier: GPL-2.0-only
#include "damage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"

const char *damage_file(void)
{
	static char path[256];
	const char *word = checks_word("test_damaged=");

	if (!word)
		return NULL;
	snprintf(path, sizeof path, "%s", word);
	return path;
}

/* A record of the kernel's log that has both texts. */
static bool kernel_said(const char *what, const char *more)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];
	bool found = false;
	ssize_t n;

	/* EPIPE: records were overwritten, and reading goes on behind them (dev-kmsg in the kernel's ABI). */
	while (log >= 0 && !found && ((n = read(log, record, sizeof record - 1)) > 0 || (n < 0 && errno == EPIPE))) {
		if (n < 0)
			continue;
		record[n] = '\0';
		found = strstr(record, what) && strstr(record, more);
	}
	if (log >= 0)
		close(log);
	return found;
}

void check_damage(const char *path)
{
	static char buffer[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	check(fd >= 0, "a file with damaged blocks can be opened");
	checks_note("reading it");
	while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
		;
	check(n < 0 && errno == EIO, "reading it is an input/output error");
	check(kernel_said("verity", "is corrupted"), "and the kernel's log says why");
	if (fd >= 0)
		close(fd);
}

void check_hashing(void)
{
	check(kernel_said("verity: sha256 using", "sha256-") && !kernel_said("verity: sha256 using", "generic"),
	      "dm-verity hashes with the processor's own SHA-256");
}

void check_repairs(void)
{
	if (checks_word("test_repaired"))
		check(kernel_said("FEC", "corrected"), "the kernel has repaired blocks");
}
