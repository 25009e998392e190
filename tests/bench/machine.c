// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../boot/guest/port.h"
#include "../kernel/guest.h"

FILE *port;

void give_up(const char *what)
{
	fprintf(port ? port : stderr, "failed: %s: %s\n", what, strerror(errno));
	port_power_off(port);
	abort();
}

/* guest-dm.c's complaints. */
bool check_at(const char *where, bool ok, const char *what, ...)
{
	(void)what;
	if (!ok)
		give_up(where);
	return true;
}

const char *word(const char *name)
{
	static char cmdline[4096], value[256];
	FILE *file = fopen("/proc/cmdline", "re");
	const char *found;

	if (!file || !fgets(cmdline, sizeof cmdline, file) || !(found = strstr(cmdline, name)))
		give_up(name);
	fclose(file);
	snprintf(value, sizeof value, "%.*s", (int)strcspn(found + strlen(name), " \n"), found + strlen(name));
	return value;
}

unsigned long number(const char *name)
{
	return strtoul(word(name), NULL, 10);
}

void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		give_up(path);
	close(fd);
}

/* Lines of /modules/list: FILE [PARAMETERS]. */
static void load_modules(void)
{
	char line[512];
	FILE *list = fopen("/modules/list", "re");

	while (list && fgets(line, sizeof line, list)) {
		char *parameters = line + strcspn(line, " \n");
		int fd;

		line[strcspn(line, "\n")] = '\0';
		if (*parameters)
			*parameters++ = '\0';
		fd = open(line, O_RDONLY | O_CLOEXEC);
		/* EEXIST: built in, or loaded by another one; ENODEV: not for this processor */
		if (fd < 0 || (syscall(SYS_finit_module, fd, parameters, 0) && errno != EEXIST && errno != ENODEV))
			give_up(line);
		close(fd);
	}
	if (list)
		fclose(list);
}

void start_up(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	load_modules();
	mkdir("/dev/mapper", 0755);
	mknod("/dev/mapper/control", S_IFCHR | 0600, makedev(10, 236));
	port = port_open();
	if (!port)
		port_power_off(NULL);
}

void finish(void)
{
	fprintf(port, "end\n");
	port_power_off(port);
	abort();
}
