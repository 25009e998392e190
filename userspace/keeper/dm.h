/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device-mapper by its ioctls alone (linux/dm-ioctl.h): no cookies for udev, no modules asked for, no memory asked
 * for after the start. Devices go by their names.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm {
	int control;	/* /dev/mapper/control; poll(2) on it tells of events after dm_arm() */
	void *buffer;	/* of one call */
	size_t size;
};

struct dm_answer {
	unsigned major, minor;
	bool suspended;
	unsigned rows;
	uint64_t sectors;	/* of the first row, as what follows */
	char type[16];
	const char *params;	/* of a table, or of a status; until the next call */
};

/* Takes @control over. @params_bytes: room for the longest parameters. -ENOMEM. */
int dm_init(struct dm *dm, int control, size_t params_bytes);
/* Everything else returns 0 or a negative errno; -ENXIO: there is no such device. */
int dm_table(struct dm *dm, const char *name, struct dm_answer *ret);
int dm_status(struct dm *dm, const char *name, struct dm_answer *ret);
/* One row, read-only, in the inactive place; dm_clear() takes it away again. */
int dm_load(struct dm *dm, const char *name, uint64_t sectors, const char *type, const char *params);
int dm_clear(struct dm *dm, const char *name);
/* Without flush and without freezing a filesystem: what waits goes to the next table. */
int dm_suspend(struct dm *dm, const char *name);
int dm_resume(struct dm *dm, const char *name);
int dm_remove(struct dm *dm, const char *name);
/* From now on the next event of any device makes the control node readable. */
int dm_arm(struct dm *dm);
/* Tells of every device. */
typedef void dm_seen(void *context, const char *name, unsigned major, unsigned minor);
int dm_list(struct dm *dm, dm_seen *seen, void *context);
