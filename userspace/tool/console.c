// SPDX-License-Identifier: GPL-2.0-only
#include "tool/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"

#define CONSOLE_MAX_BYTES 8192u	/* a finding is at most PIPE_BUF */
#define ACTIVE_CONSOLES "/sys/class/tty/console/active"	/* names; the last one is /dev/console */
#define MAX_CONSOLES 8
#define WRITE_MILLISECONDS 500	/* a serial line without a listener must not stop the boot */

extern char **environ;

static pid_t splash_client;	/* the last call of plymouth's client, 0: none */
static bool has_splash_line;

/* Opens the consoles in use; the number of descriptors. */
static size_t open_consoles(int flags, int ret_fds[static MAX_CONSOLES])
{
	autofree char *active = NULL;
	size_t count = 0;
	char *rest, *name;

	if (io_read_file(ACTIVE_CONSOLES, 1024, &active, NULL) < 0)
		return 0;
	rest = active;
	while ((name = strsep(&rest, " \n")) && count < MAX_CONSOLES) {
		char path[64];

		snprintf(path, sizeof path, "/dev/%s", name);
		ret_fds[count] = *name ? open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
		if (ret_fds[count] >= 0)
			count++;
	}
	return count;
}

static void write_to(int fd, const char *text)
{
	struct pollfd event = { .fd = fd, .events = POLLOUT };
	size_t length = strlen(text);

	while (length > 0 && poll(&event, 1, WRITE_MILLISECONDS) > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		text += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
}

/* Standard error may be one of them already: /dev/console (5:1) is the last. */
static bool is_standard_error(int fd, bool is_last)
{
	struct stat console, error;

	if (fstat(STDERR_FILENO, &error) < 0 || fstat(fd, &console) < 0 || !S_ISCHR(error.st_mode))
		return false;
	return error.st_rdev == console.st_rdev || (is_last && error.st_rdev == makedev(5, 1));
}

/* @besides: what was already said on standard error is not said again there. */
static void write_to_consoles(const char *text, bool besides)
{
	int fds[MAX_CONSOLES];
	size_t count = open_consoles(O_WRONLY, fds);

	for (size_t i = 0; i < count; i++) {
		if (!besides || !is_standard_error(fds[i], i + 1 == count))
			write_to(fds[i], text);
		close(fds[i]);
	}
}

void console_say(const char *format, ...)
{
	char text[CONSOLE_MAX_BYTES];	/* no allocation: it must come through when memory is short, too */
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	fputs(text, stderr);
	write_to_consoles(text, true);
}

void console_draw(const char *text)
{
	write_to_consoles(text, false);
}

/* A client that hangs is ended when the next one is due. */
static void reap_splash_client(void)
{
	if (splash_client > 0 && waitpid(splash_client, NULL, WNOHANG) == 0) {
		kill(splash_client, SIGKILL);
		waitpid(splash_client, NULL, 0);
	}
	splash_client = 0;
}

static void call_plymouth(const char *const argv[])
{
	posix_spawn_file_actions_t actions;

	reap_splash_client();
	posix_spawn_file_actions_init(&actions);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (posix_spawnp(&splash_client, argv[0], &actions, NULL, (char *const *)argv, environ) != 0)
		splash_client = 0;
	posix_spawn_file_actions_destroy(&actions);
}

void console_splash(const char *line)
{
	autofree char *option = NULL;

	if (!*line && !has_splash_line)
		return;
	if (asprintf(&option, "--text=%s", line) < 0) {
		option = NULL;
		return;
	}
	has_splash_line = *line;
	call_plymouth((const char *const[]){ "plymouth", "display-message", option, NULL });
}

void console_end_splash(void)
{
	static const char *const argv[] = { "plymouth", "quit", NULL };

	call_plymouth(argv);
}

/* Each key by itself, and what was typed before does not count. */
static void make_raw(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode) < 0)
		return;
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(fd, TCSAFLUSH, &mode);
}

static bool has_enter(int fd)
{
	char keys[64];
	ssize_t n = read(fd, keys, sizeof keys);

	return n > 0 && (memchr(keys, '\n', (size_t)n) || memchr(keys, '\r', (size_t)n));
}

bool console_wait_for_enter(const char *text, double seconds)
{
	struct pollfd events[MAX_CONSOLES];
	double end = clock_seconds(CLOCK_MONOTONIC) + seconds;
	int fds[MAX_CONSOLES];
	size_t count = open_consoles(O_RDONLY, fds);

	for (size_t i = 0; i < count; i++) {
		events[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		make_raw(fds[i]);
	}
	console_say("%s", text);
	/* The consoles stay open: after this comes the end of the machine, or of the process. */
	while (!io_interrupted && (seconds < 0 || clock_seconds(CLOCK_MONOTONIC) < end)) {
		double left = seconds < 0 ? 1e6 : end - clock_seconds(CLOCK_MONOTONIC);

		if (poll(events, count, (int)(left * 1000) + 1) < 0 && errno != EINTR)
			return false;
		for (size_t i = 0; i < count; i++) {
			if (events[i].revents & POLLIN && has_enter(fds[i]))
				return true;
			if (events[i].revents & (POLLERR | POLLHUP | POLLNVAL))
				events[i].fd = -1;
		}
	}
	return false;
}
