/* SPDX-License-Identifier: GPL-2.0-only */
/* The hand that pulls and plugs the sticks: QEMU's monitor (QMP), which is one of our own virtio ports. */
#pragma once

#include <stdbool.h>

/* False when there is no such port. */
bool hand_open(void);
void hand_close(void);
/* @node: one of QEMU's block devices. @bus: usb.0 or usb2.0. One stick at a time. */
bool hand_plug(const char *node, const char *bus);
/* Returns when the kernel has taken the disk away. */
bool hand_pull(void);
