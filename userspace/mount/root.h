/* SPDX-License-Identifier: GPL-2.0-only */
/* The root of the booted system: verified erofs below, tmpfs above, joined by overlayfs. */
#pragma once

#include <stdbool.h>

struct error;

#define ROOT_RUN "/run/ukiblk"
#define ROOT_LOWER ROOT_RUN "/lower"	/* the erofs */
#define ROOT_CARRIER ROOT_RUN "/carrier"	/* the partition the archive lies on */

/* Mounts the erofs of the verity device @source at @target, read-only. */
int root_mount_lower(const char *source, const char *target, struct error *error);
/*
 * Mounts the overlay at @sysroot; @tmpfs_size is tmpfs's own "size=" value. Undone in reverse when a
 * step fails.
 */
int root_mount_overlay(const char *sysroot, const char *tmpfs_size, struct error *error);
/* Offers the carrier at <sysroot>/efi when nothing is there. */
int root_offer_carrier(const char *sysroot, struct error *error);
/*
 * Gives a root without os-release(5) the UKI's own at /etc/os-release: systemd does not switch to a root
 * without one, and a NixOS makes its /etc only after the switch.
 */
int root_identify(const char *sysroot, struct error *error);
