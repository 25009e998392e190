/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who tells the keeper that the machine is to go down. systemd stops the service of this process when it starts on
 * "poweroff", "reboot", "kexec" or "halt" (Conflicts=), by a signal: nothing has to be read from a root that may be gone.
 */
#pragma once

/* The verb "exit-watch KIND". */
int exitwatch_run(int argc, char **argv);
