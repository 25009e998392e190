// SPDX-License-Identifier: GPL-2.0-only
#include "map/backend.h"

#include <stddef.h>
#include <string.h>

bool map_parse_backend(const char *text, enum map_backend *ret)
{
	static const char *const names[] = { [MAP_AUTO] = "auto", [MAP_MODULE] = "ukiblk", [MAP_LOOP] = "loop" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum map_backend)i;
			return true;
		}
	return false;
}
