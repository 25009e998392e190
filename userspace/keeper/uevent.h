/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own events of block devices, by netlink: no udev in between. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct uevent {
	char action[16];	/* add, remove, change ... */
	char name[64];	/* of the device: sda1 */
	unsigned major, minor;
	bool has_new_medium;
};

/* @length bytes of a message, which ends with a NUL. False: not about a block device that has a node. Pure. */
bool uevent_parse(const char *message, size_t length, struct uevent *ret);

/* A socket that hears them, or a negative errno. */
int uevent_open(void);
/* 1: an event; 0: nothing that counts; -EAGAIN: nothing left; -ENOBUFS: events were lost; or another errno. */
int uevent_read(int fd, struct uevent *ret);
