// SPDX-License-Identifier: GPL-2.0-only
#include "archive/kernelconfig.h"

#include <string.h>

/* A line "OPTION=y", from the begin of the text or of a line. */
bool kernel_config_has(const char *config, const char *option)
{
	size_t length = strlen(option);

	for (const char *p = config; (p = strstr(p, option)); p += length)
		if ((p == config || p[-1] == '\n') && strncmp(p + length, "=y", 2) == 0 && (p[length + 2] == '\n' || p[length + 2] == '\0'))
			return true;
	return false;
}
