/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of /proc/self/mountinfo (proc_pid_mountinfo(5)). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * The mount point of one line, decoded in place (a blank is written \040). NULL: the line is not understood.
 */
char *mountlist_parse_target(char *line);
/* Whether @path is @folder or lies below it. */
bool mountlist_is_below(const char *path, const char *folder);
