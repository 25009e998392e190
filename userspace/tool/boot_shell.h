/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel command line asks for when a boot fails: dracut's own words, dracut.cmdline(7). Pure. */
#pragma once

#include <stdbool.h>

enum boot_last_action { BOOT_LAST_NONE, BOOT_LAST_REBOOT, BOOT_LAST_POWEROFF, BOOT_LAST_HALT };

/* rd.shell (not rd.shell=0, no or off) or rd.break: the person who wrote the command line wants a shell. */
bool boot_asks_for_shell(const char *cmdline);
/* rd.emergency=reboot|poweroff|halt */
enum boot_last_action boot_asks_for_action(const char *cmdline);
