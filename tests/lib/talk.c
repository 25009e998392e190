// SPDX-License-Identifier: GPL-2.0-only
/*
 * A person at a terminal: talk SOCKET SECONDS {expect TEXT | send LINE | wait SECONDS}...
 * Connects to a UNIX socket (a serial console, QEMU's monitor), waits for texts and types lines. All
 * within SECONDS. Exit 0 when it got to the end; else 1, and the last it saw is printed.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char seen[1 << 16];
static size_t used;
static time_t end;

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	while (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		if (time(NULL) >= end)
			return -1;
		usleep(100000);
	}
	return fd;
}

/* Takes in what has come, waiting up to @milliseconds for it; false when the other side is gone. */
static bool listen_for(int fd, int milliseconds)
{
	struct pollfd event = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&event, 1, milliseconds) <= 0)
		return true;
	if (used > sizeof seen / 2) {
		memmove(seen, seen + used / 2, used - used / 2);
		used -= used / 2;
	}
	n = read(fd, seen + used, sizeof seen - 1 - used);
	if (n <= 0)
		return n < 0 && errno == EINTR;
	used += (size_t)n;
	return true;
}

static bool expect(int fd, const char *text)
{
	for (;;) {
		char *found = memmem(seen, used, text, strlen(text));

		if (found) {
			used -= (size_t)(found - seen) + strlen(text);
			memmove(seen, found + strlen(text), used);
			return true;
		}
		if (time(NULL) >= end || !listen_for(fd, 500))
			return false;
	}
}

static bool say(int fd, const char *line)
{
	return write(fd, line, strlen(line)) == (ssize_t)strlen(line) && write(fd, "\n", 1) == 1;
}

/* Listens until the time is over or the other side is gone: a full socket would stop that side. */
static bool wait_for(int fd, const char *seconds)
{
	time_t until = time(NULL) + atoi(seconds);

	while (time(NULL) < until)
		if (!listen_for(fd, 200))
			break;
	return true;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 5 || argc % 2 == 0) {
		fputs("usage: talk SOCKET SECONDS {expect TEXT | send LINE | wait SECONDS}...\n", stderr);
		return 2;
	}
	end = time(NULL) + atoi(argv[2]);
	fd = dial(argv[1]);
	for (int i = 3; i < argc; i += 2) {
		bool good = fd >= 0 && (strcmp(argv[i], "expect") == 0 ? expect(fd, argv[i + 1])
							       : strcmp(argv[i], "send") == 0 ? say(fd, argv[i + 1])
											      : wait_for(fd, argv[i + 1]));

		if (!good) {
			printf("at \"%s %s\"; the last that came:\n%.*s\n", argv[i], argv[i + 1], (int)used, seen);
			return 1;
		}
	}
	return 0;
}
