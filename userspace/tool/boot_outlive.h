/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the running system goes on to need of the initrd, whose files are gone after the switch of the root: in /run.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct error;

/* As a whole or not at all: somebody may be reading. */
int outlive_write_file(const char *path, mode_t mode, const void *bytes, size_t length, struct error *error);
/*
 * The program ukiblk-keeper, its services for systemd where the initrd has them, and the same program as the last one of
 * the machine: systemd-shutdown(8) looks for it at /run/initramfs/shutdown.
 */
int outlive_leave_programs(struct error *error);
