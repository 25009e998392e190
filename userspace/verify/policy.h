/* SPDX-License-Identifier: GPL-2.0-only */
/* What reading a damaged block does in the running system. Pure. */
#pragma once

#include <stdbool.h>

enum verify_policy {
	VERIFY_EIO,	/* the reader gets an error */
	VERIFY_RESTART,	/* the machine ends at once */
	VERIFY_PANIC,
};

/* "eio", "restart" or "panic"; false for anything else. */
bool verify_parse_policy(const char *text, enum verify_policy *ret);
