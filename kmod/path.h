/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths in a table line: %XX is the byte with this number. Quoting by backslash cannot do alone:
 * libdevmapper doubles every backslash on its way to the kernel, so nothing it passes can hold a space.
 */
#ifndef UKIBLK_PATH_H
#define UKIBLK_PATH_H

#include "shim.h"

/* In place, it only becomes shorter. Returns -EINVAL when a % is not followed by two digits, or by 00. */
int ukiblk_path_decode(char *path);

/*
 * Whether a byte stands for itself and keeps the path one word to dm_split_args(), whose isspace()
 * includes byte 0xa0, to libdevmapper and to dmsetup, where commas and semicolons divide.
 */
bool ukiblk_path_is_plain(unsigned char c);

#endif
