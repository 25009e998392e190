/* SPDX-License-Identifier: GPL-2.0-only */
/* What the running system goes on to need of the initrd, whose files are gone after the switch: copies in /run. */
#pragma once

struct error;

#define EXITRD_SOURCE "/usr/lib/ukiblk/shutdown"
#define EXITRD_PATH "/run/initramfs/shutdown"	/* where systemd-shutdown(8) looks for the last program */

/* Copies the program @from to @to, whose folder is made. 0 too when the initrd does not have it. */
int outlive_copy_program(const char *from, const char *to, struct error *error);
