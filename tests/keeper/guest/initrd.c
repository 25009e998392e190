// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the test's initrd: the stick is pulled at a point of the boot, and comes back.
 *   before    plugged in when the search begins, pulled as soon as the archive's device is there, and plugged in again
 *   after     pulled when the keeper is ready, before the root is switched, and plugged in again seconds later
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hand.h"
#include "wait.h"

static bool has_archive_device(void)
{
	DIR *folder = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	while (folder && (entry = readdir(folder)))
		found |= strncmp(entry->d_name, "dm-", 3) == 0;
	closedir(folder);
	return found;
}

static int before(void)
{
	if (fork() != 0)
		return 0;
	if (!hand_open() || !hand_plug("stick", "usb.0") || !wait_for(has_archive_device(), 120) || !hand_pull() || !hand_plug("stick", "usb2.0"))
		return 1;
	hand_close();
	return 0;
}

static int after(void)
{
	if (!hand_open() || !hand_pull())
		return 1;
	if (fork() != 0)
		return 0;
	sleep(4);
	return !hand_plug("stick", "usb.0");
}

int main(int argc, char **argv)
{
	/* Not killed when the root is switched. */
	argv[0][0] = '@';
	return argc > 1 && strcmp(argv[1], "before") == 0 ? before() : after();
}
