/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last program of the machine. systemd-shutdown(8) makes /run/initramfs its root and executes "/shutdown" there, as
 * PID 1, with "poweroff", "reboot", "halt" or "kexec" as its first argument; the root it came from is /oldroot. What it could
 * not take down itself, because it ran from it, goes here: that root, what it stands on, and the carrier below.
 */
#pragma once

/* Does not come back. */
_Noreturn void exitrd_run(const char *kind);
