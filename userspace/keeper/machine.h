/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of the machine, by reboot(2). */
#pragma once

#include <stdbool.h>

/* "poweroff", "reboot", "halt" and "kexec", as systemd-shutdown(8) names them. */
bool machine_knows(const char *kind);
/*
 * Ends it at once; nothing is written to a disk before. @run: a handle of /run, where the parameter of a reboot lies. Comes back only
 * where the kernel refuses.
 */
void machine_end(const char *kind, int run);
