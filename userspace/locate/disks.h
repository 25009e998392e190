/* SPDX-License-Identifier: GPL-2.0-only */
/* All block devices a person may have plugged in, also those that cannot be carriers, for the report. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct disk {
	char node[64];	/* /dev/... */
	char content[32];	/* filesystem or other content as udev names it, or "" */
	char label[64];
	uint64_t bytes;
	bool is_carrier;	/* it is searched */
	char reason[96];	/* why it is not searched, or "" */
};

/* At most @size of them, in the order of their names; the number is the result, or a negative errno. */
int disks_list(struct disk *disks, size_t size, struct error *error);
