/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who tells the keeper that the machine is to go down. systemd stops the service of this process when it starts on
 * "poweroff", "reboot", "kexec" or "halt" (Conflicts=), by a signal: nothing has to be read from a root that may be gone.
 */
#pragma once

/* Waits for the signal, tells the keeper of @kind; the exit code. */
int exitwatch_run(const char *kind);
