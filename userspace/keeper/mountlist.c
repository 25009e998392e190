// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/mountlist.h"

#include <string.h>

#define TARGET_FIELD 4	/* counted from 0 */

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' && text[2] >= '0' && text[2] <= '7';
}

static void decode(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && is_octal(text + 1)) {
			*to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

char *mountlist_parse_target(char *line)
{
	char *field = NULL;

	for (int i = 0; i <= TARGET_FIELD; i++)
		field = strsep(&line, " ");
	if (!field || *field != '/' || !line)
		return NULL;
	decode(field);
	return field;
}

bool mountlist_is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}
