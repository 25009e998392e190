/* SPDX-License-Identifier: GPL-2.0-only */
/* Speaks with the keeper (keeper/protocol.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "keeper/protocol.h"

struct error;

struct keeper_reply {
	char text[KEEPER_PACKET_BYTES + 1];	/* the lines behind "ok" */
};

/*
 * Sends @request and waits for the answer, at most @seconds. 0; -ENOENT: there is no keeper on this machine;
 * -ECONNREFUSED: there was one; -ETIMEDOUT; or the errno and sentence that the keeper answers.
 */
int keeper_ask(const char *request, double seconds, struct keeper_reply *ret, struct error *error);
/* The value of a key, copied to @ret; false: it is not there. */
bool keeper_reply_value(const struct keeper_reply *reply, const char *key, char *ret, size_t size);
