// SPDX-License-Identifier: GPL-2.0-only
#include "port.h"

#include <dirent.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"

static int is_result_port(const char *entry)
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
	return strcmp(name, "ukiblk.tap") == 0;
}

static FILE *try_open(void)
{
	DIR *dir = opendir(PORTS);
	struct dirent *entry;
	FILE *port = NULL;
	char path[512];

	while (dir && !port && (entry = readdir(dir))) {
		if (!is_result_port(entry->d_name))
			continue;
		snprintf(path, sizeof path, "/dev/%s", entry->d_name);
		port = fopen(path, "we");
	}
	if (dir)
		closedir(dir);
	return port;
}

FILE *port_open(void)
{
	for (int i = 0; i < 100; i++) {
		FILE *port = try_open();

		if (port) {
			setvbuf(port, NULL, _IOLBF, 0);
			return port;
		}
		usleep(100000);
	}
	return NULL;
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
