// SPDX-License-Identifier: GPL-2.0-only
#include "verify/policy.h"

#include <stddef.h>
#include <string.h>

bool verify_parse_policy(const char *text, enum verify_policy *ret)
{
	static const char *const names[] = { [VERIFY_EIO] = "eio", [VERIFY_RESTART] = "restart", [VERIFY_PANIC] = "panic" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum verify_policy)i;
			return true;
		}
	return false;
}
