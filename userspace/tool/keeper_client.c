// SPDX-License-Identifier: GPL-2.0-only
#include "tool/keeper_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

static int dial(double seconds, struct error *error)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = KEEPER_SOCKET };
	const struct timeval limit = { .tv_sec = (time_t)seconds, .tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };
	autoclose int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0)
		return fail(error, -errno, "No socket can be made: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return take_fd(fd);
	if (errno == ENOENT)
		return fail(error, -ENOENT, "There is no keeper: this system was not booted by ukiblk, or from loop devices");
	if (errno == ECONNREFUSED)
		return fail(error, -ECONNREFUSED, "The keeper does not run");
	if (errno == EACCES)
		return fail(error, -EACCES, "Only root may speak with the keeper");
	return fail(error, -errno, "The keeper cannot be reached: %s", strerror(errno));
}

/* "ok", or "error <errno> <sentence>" */
static int take_reply(char *text, struct keeper_reply *ret, struct error *error)
{
	char *rest = strchr(text, '\n'), *sentence;
	const char *number;
	long code;

	if (rest)
		*rest++ = '\0';
	if (strcmp(text, "ok") == 0) {
		snprintf(ret->text, sizeof ret->text, "%s", rest ? rest : "");
		return 0;
	}
	number = text_after(text, "error ");
	code = number ? strtol(number, &sentence, 10) : 0;
	if (code <= 0 || code > 4095 || *sentence != ' ')
		return fail(error, -EPROTO, "The keeper's answer is not understood");
	return fail(error, (int)-code, "%s", sentence + 1);
}

int keeper_ask(const char *request, double seconds, struct keeper_reply *ret, struct error *error)
{
	autoclose int fd = dial(seconds, error);
	char text[KEEPER_PACKET_BYTES + 1];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = send(fd, request, strlen(request), MSG_NOSIGNAL);
	if (n >= 0)
		n = recv(fd, text, sizeof text - 1, 0);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return fail(error, -ETIMEDOUT, "The keeper did not answer within %.0f seconds", seconds);
	if (n <= 0)
		return fail(error, n < 0 ? -errno : -ECONNRESET, "The keeper did not answer");
	text[n] = '\0';
	return take_reply(text, ret, error);
}

bool keeper_reply_value(const struct keeper_reply *reply, const char *key, char *ret, size_t size)
{
	size_t length = strlen(key);

	for (const char *line = reply->text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) != 0 || line[length] != '=')
			continue;
		line += length + 1;
		return (size_t)snprintf(ret, size, "%.*s", (int)strcspn(line, "\n"), line) < size;
	}
	return false;
}
