/* SPDX-License-Identifier: GPL-2.0-only */
/* The result port: a virtio-serial port named "ukiblk.tap", found without udev. */
#pragma once

#include <stdio.h>

/* The port opened for writing, or NULL after ten seconds without one. */
FILE *port_open(void);
/* Powers the machine off at once; what was written to the port is flushed before. */
_Noreturn void port_power_off(FILE *port);
