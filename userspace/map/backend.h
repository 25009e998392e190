/* SPDX-License-Identifier: GPL-2.0-only */
/* By what an archive's files become a block device. Pure. */
#pragma once

#include <stdbool.h>

enum map_backend {
	MAP_AUTO,	/* the module; where the kernel does not have or take it, loop devices */
	MAP_MODULE,
	MAP_LOOP,
};

/* "auto", "ukiblk" or "loop"; false for anything else. */
bool map_parse_backend(const char *text, enum map_backend *ret);
