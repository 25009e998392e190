// SPDX-License-Identifier: GPL-2.0-only
/* Pure: no kernel interface beyond shim.h, so that host tests build this file too. */
#include "path.h"

int ukiblk_path_decode(char *path)
{
	char *out = path;

	for (; *path; path++) {
		int high, low;

		*out = *path;
		if (*path == '%') {
			high = hex_to_bin(path[1]);
			low = high < 0 ? high : hex_to_bin(path[2]);
			if (low < 0 || high + low == 0)
				return -EINVAL;
			*out = high << 4 | low;
			path += 2;
		}
		out++;
	}
	*out = '\0';
	return 0;
}

bool ukiblk_path_is_plain(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != 0xa0 && !strchr("\\%,;", c);
}
