// SPDX-License-Identifier: GPL-2.0-only
#include "tool/console.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

#define CONSOLE_MAX_BYTES 8192u	/* a finding is at most PIPE_BUF */
#define ACTIVE_CONSOLES "/sys/class/tty/console/active"	/* names; the last one is /dev/console */

/* Never waits: a serial line without a listener must not stop the boot. */
static void write_to(const char *name, const char *text)
{
	char path[64];
	autoclose int fd = -1;

	snprintf(path, sizeof path, "/dev/%s", name);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return;
}

static void write_to_others(const char *text)
{
	autofree char *active = NULL;
	char *rest, *name;

	if (io_read_file(ACTIVE_CONSOLES, 1024, &active, NULL) < 0)
		return;
	rest = active;
	while ((name = strsep(&rest, " \n")))
		if (*name && rest && *rest)
			write_to(name, text);
}

void console_say(const char *format, ...)
{
	char text[CONSOLE_MAX_BYTES];	/* no allocation: it must come through when memory is short, too */
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	fputs(text, stderr);
	write_to_others(text);
}
