// SPDX-License-Identifier: GPL-2.0-only
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

const char *ask(const char *request)
{
	static char text[8192];
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/ukiblk/keeper.sock" };
	const struct timeval limit = { .tv_sec = 120 };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t n = -1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 && send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
		n = recv(fd, text, sizeof text - 1, 0);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

const char *status_of(const char *key)
{
	static char value[1024];
	const char *line = ask("status");
	size_t length = strlen(key);

	*value = '\0';
	while ((line = strchr(line, '\n'))) {
		line++;
		if (strncmp(line, key, length) == 0 && line[length] == '=')
			snprintf(value, sizeof value, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
	}
	return value;
}

bool is_state(const char *state)
{
	return strcmp(status_of("state"), state) == 0;
}

long status_number(const char *key)
{
	const char *value = status_of(key);

	return *value ? atol(value) : -1;
}
