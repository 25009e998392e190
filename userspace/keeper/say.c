// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/say.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

#define WARNING 4	/* of the kernel's log levels: "quiet" hides it from the consoles, nothing less does */
#define NOTICE 6
#define LINE_BYTES 512

static const struct place *standing;
static int log_fd = -1;

void say_open(const struct place *place)
{
	standing = place;
	log_fd = openat(place->dev, "kmsg", O_WRONLY | O_CLOEXEC);
}

static size_t read_small(int folder, const char *path, char *ret, size_t size)
{
	autoclose int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, ret, size - 1) : -1;

	ret[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* The kernel writes what is more urgent than its console level to the consoles itself. */
static bool kernel_shows(int level)
{
	char text[64];

	return read_small(standing->proc, "sys/kernel/printk", text, sizeof text) > 0 && level < atoi(text);
}

/* What a terminal does not take at once it does not get: nobody may be listening, or it is stopped. */
static void write_to(const char *name, const char *line)
{
	autoclose int fd = openat(standing->dev, name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && write(fd, line, strlen(line)) < 0)
		return;
}

static void write_to_consoles(const char *text)
{
	char active[256], line[LINE_BYTES + 16], *rest = active, *name;

	snprintf(line, sizeof line, "\r\nukiblk: %s\r\n", text);
	read_small(standing->sys, "class/tty/console/active", active, sizeof active);
	while ((name = strsep(&rest, " \n")))
		if (*name && !strchr(name, '/'))
			write_to(name, line);
}

static void write_to_log(int level, const char *text)
{
	char line[LINE_BYTES + 32];
	int length = snprintf(line, sizeof line, "<%d>ukiblk-keeper: %s\n", level, text);

	if (log_fd >= 0 && write(log_fd, line, (size_t)length) < 0)
		return;
}

void say(const char *format, ...)
{
	char text[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	text_make_printable(text);
	write_to_log(WARNING, text);
	if (!kernel_shows(WARNING))
		write_to_consoles(text);
}

void say_quietly(const char *format, ...)
{
	char text[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	text_make_printable(text);
	write_to_log(NOTICE, text);
}
