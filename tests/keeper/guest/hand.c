// SPDX-License-Identifier: GPL-2.0-only
#include "hand.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "port.h"
#include "wait.h"

#define PATIENCE_MS 60000

static int monitor = -1;

static bool say(const char *command)
{
	return write(monitor, command, strlen(command)) == (ssize_t)strlen(command) && write(monitor, "\n", 1) == 1;
}

/* The next line that holds the text; false for an error before it. */
static bool hear(const char *text)
{
	static char seen[1 << 16];
	static size_t used;
	struct pollfd event = { .fd = monitor, .events = POLLIN };
	char *end;
	ssize_t n;

	for (;;) {
		while ((end = memchr(seen, '\n', used))) {
			bool found, refused;

			*end = '\0';
			found = strstr(seen, text);
			refused = strstr(seen, "\"error\"");
			used -= (size_t)(end + 1 - seen);
			memmove(seen, end + 1, used);
			if (found || refused)
				return found;
		}
		if (used == sizeof seen || poll(&event, 1, PATIENCE_MS) <= 0)
			return false;
		n = read(monitor, seen + used, sizeof seen - used);
		if (n <= 0)
			return false;
		used += (size_t)n;
	}
}

bool hand_open(void)
{
	monitor = port_find("ukiblk.monitor", O_RDWR);
	if (monitor < 0)
		return false;
	/* An error says that somebody did so before. */
	say("{\"execute\": \"qmp_capabilities\"}");
	hear("\"return\"");
	return true;
}

void hand_close(void)
{
	close(monitor);
}

bool hand_plug(const char *node, const char *bus)
{
	char command[256];

	snprintf(command, sizeof command, "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"usb-storage\", \"drive\": \"%s\", "
		 "\"bus\": \"%s\", \"id\": \"stick\", \"removable\": true}}", node, bus);
	return say(command) && hear("\"return\"");
}

/* The test's machine has no other. */
static bool has_usb_disk(void)
{
	DIR *folder = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	while (folder && (entry = readdir(folder)))
		found |= strncmp(entry->d_name, "sd", 2) == 0;
	closedir(folder);
	return found;
}

bool hand_pull(void)
{
	return say("{\"execute\": \"device_del\", \"arguments\": {\"id\": \"stick\"}}") && hear("\"DEVICE_DELETED\"") &&
	       wait_for(!has_usb_disk(), 60);
}
