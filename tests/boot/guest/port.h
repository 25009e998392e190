/* SPDX-License-Identifier: GPL-2.0-only */
/* The result port: a virtio-serial port named "ukiblk.tap", found without udev. */
#pragma once

#include <stdio.h>

/* The virtio port of that name, as open(2) would; -1 after ten seconds without one. */
int port_find(const char *name, int flags);
/* The port opened for writing, or NULL after ten seconds without one. */
FILE *port_open(void);
/* Powers the machine off at once; what was written to the port is flushed before. */
_Noreturn void port_power_off(FILE *port);
