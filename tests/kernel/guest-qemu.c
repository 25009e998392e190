// SPDX-License-Identifier: GPL-2.0-only
/* The hand that pulls the disk: QEMU's monitor (QMP), which is one of our own virtio ports. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define STICK_SECTORS (67 * MIB / SECTOR)
#define PATIENCE_MS 60000

static FILE *monitor;
static bool plugged;

/* The next line that holds the text. */
static bool hear(const char *text)
{
	static char seen[1 << 16];
	static size_t used;
	struct pollfd event = { .fd = fileno(monitor), .events = POLLIN };
	char *end;
	ssize_t n;

	for (;;) {
		while ((end = memchr(seen, '\n', used))) {
			bool found, refused;

			*end = '\0';
			found = strstr(seen, text);
			refused = strstr(seen, "\"error\"");
			if (refused)
				check(false, "QEMU: %s", seen);
			used -= end + 1 - seen;
			memmove(seen, end + 1, used);
			if (found || refused)
				return found;
		}
		if (used == sizeof(seen) || poll(&event, 1, PATIENCE_MS) <= 0)
			return check(false, "QEMU does not say %s", text);
		n = read(event.fd, seen + used, sizeof(seen) - used);
		if (n <= 0)
			return check(false, "QEMU's monitor: %s", strerror(errno));
		used += n;
	}
}

static bool say(const char *command)
{
	int fd = fileno(monitor);

	return write(fd, command, strlen(command)) == (ssize_t)strlen(command) && write(fd, "\n", 1) == 1;
}

static bool open_monitor(void)
{
	if (monitor)
		return true;
	monitor = open_port("ukiblk.monitor", "r+e");
	if (!check(monitor, "no monitor"))
		return false;
	return say("{\"execute\": \"qmp_capabilities\"}") && hear("\"return\"");
}

/* A disk has its node in /dev a moment before it can be opened. */
static bool can_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd >= 0;
}

/* The disk of this size, whatever its name is today. */
static bool find_stick(char *ret, size_t room)
{
	DIR *folder = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder))) {
		char path[300];
		unsigned long sectors = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/sys/block/%s/size", entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		found = fscanf(f, "%lu", &sectors) == 1 && sectors == STICK_SECTORS;
		fclose(f);
		snprintf(ret, room, "/dev/%.32s", entry->d_name);
	}
	closedir(folder);
	return found;
}

const char *stick_plug(const char *kind)
{
	static char path[64];
	bool usb = !strcmp(kind, "usb");

	/* A case that failed may have left it. */
	if (!open_monitor() || (plugged && !stick_pull()))
		return NULL;
	say(usb ? "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"usb-storage\", \"drive\": \"stick\", \"bus\": \"usb.0\", \"id\": \"stick\"}}" :
		  "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"virtio-blk-pci\", \"drive\": \"stick\", \"bus\": \"bay\", \"id\": \"stick\"}}");
	if (!hear("\"return\""))
		return NULL;
	plugged = true;
	return check(wait_for(find_stick(path, sizeof(path)) && can_open(path), 60), "the %s disk does not appear", kind) ? path : NULL;
}

bool stick_pull(void)
{
	char path[64];

	if (!open_monitor() || !say("{\"execute\": \"device_del\", \"arguments\": {\"id\": \"stick\"}}") ||
	    !hear("\"DEVICE_DELETED\""))
		return false;
	plugged = false;
	/* Over USB the kernel takes its time; what returns must not be taken for what goes. */
	if (!check(wait_for(!find_stick(path, sizeof(path)), 60), "the kernel does not take %s away", path))
		return false;
	/* ACPI says so in the middle of the eject: a disk that came before its end would not be noticed. */
	sleep_ms(500);
	return true;
}
