/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process of the initrd that lives on in the system: it waits until the first process has changed to the new root, and
 * changes there itself. Whatever the new root holds, the program and its libraries are in memory.
 */
#pragma once

#include <stdbool.h>

struct error;

/* Whether this is an initrd: its root is a file system in memory. */
bool ram_switch_is_ahead(void);
/* What must be opened before the root is moved; a handle for the next, or a negative errno. */
struct ram_switch {
	int proc, mounts;
};
int ram_switch_prepare(struct ram_switch *ret, struct error *error);
/* Closes the handles. -EINTR: stopped. */
int ram_switch_wait(struct ram_switch *handles, struct error *error);
