// SPDX-License-Identifier: GPL-2.0-only
#include "port.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"

static int has_name(const char *entry, const char *wanted)
{
	char path[512], name[64] = "";
	FILE *file;

	snprintf(path, sizeof path, PORTS "/%s/name", entry);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(name, sizeof name, file))
		*name = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
	return strcmp(name, wanted) == 0;
}

static int try_open(const char *name, int flags)
{
	DIR *dir = opendir(PORTS);
	struct dirent *entry;
	char path[512];
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir))) {
		if (!has_name(entry->d_name, name))
			continue;
		snprintf(path, sizeof path, "/dev/%s", entry->d_name);
		fd = open(path, flags | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd;
}

int port_find(const char *name, int flags)
{
	for (int i = 0; i < 100; i++) {
		int fd = try_open(name, flags);

		if (fd >= 0)
			return fd;
		usleep(100000);
	}
	return -1;
}

FILE *port_open(void)
{
	int fd = port_find("ukiblk.tap", O_WRONLY);
	FILE *port = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (port)
		setvbuf(port, NULL, _IOLBF, 0);
	return port;
}

void port_power_off(FILE *port)
{
	if (port)
		fflush(port);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
