// SPDX-License-Identifier: GPL-2.0-only
#include "base/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define RECORD_MAX_BYTES 8192

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The kernel writes backslashes and what cannot be printed as \xHH. */
static void decode(char *text)
{
	char *out = text;

	for (; *text; text++) {
		int high = text[0] == '\\' && text[1] == 'x' ? hex_digit(text[2]) : -1, low = high < 0 ? -1 : hex_digit(text[3]);

		*out++ = low < 0 ? *text : (char)(high * 16 + low);
		text += low < 0 ? 0 : 3;
	}
	*out = '\0';
}

/* "priority,sequence,microseconds,flags[,...];text\n KEY=value\n..." */
int kmsg_parse(char *line, struct kmsg_record *ret)
{
	char *text = strchr(line, ';');
	unsigned long long microseconds;

	if (!text || sscanf(line, "%*u,%*u,%llu,", &microseconds) != 1)
		return -EBADMSG;
	text++;
	text[strcspn(text, "\n")] = '\0';
	decode(text);
	*ret = (struct kmsg_record){ .seconds = (double)microseconds / 1e6, .text = text };
	return 0;
}

int kmsg_read(kmsg_seen *seen, void *context)
{
	autoclose int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[RECORD_MAX_BYTES];
	struct kmsg_record record;

	if (log < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(log, line, sizeof line - 1);

		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;	/* EPIPE: records were overwritten, the next read goes on behind them */
		if (n <= 0)
			return n == 0 || errno == EAGAIN ? 0 : -errno;
		line[n] = '\0';
		if (kmsg_parse(line, &record) == 0)
			seen(context, &record);
	}
}
