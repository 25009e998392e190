/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's log, as far back as its buffer reaches. */
#pragma once

struct kmsg_record {
	double seconds;	/* since the kernel's clock began */
	const char *text;	/* one line, without its end */
};

/*
 * A record as /dev/kmsg gives it (the kernel's Documentation/ABI/testing/dev-kmsg): its end is cut off in @line.
 * 0, or -EBADMSG.
 */
int kmsg_parse(char *line, struct kmsg_record *ret);

typedef void kmsg_seen(void *context, const struct kmsg_record *record);
/* Tells of every record there is. 0, or a negative errno when the log may not be read. */
int kmsg_read(kmsg_seen *seen, void *context);
