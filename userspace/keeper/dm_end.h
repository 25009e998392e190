/* SPDX-License-Identifier: GPL-2.0-only */
/* Device-mapper at the end of the machine, by its ioctls (linux/dm-ioctl.h). */
#pragma once

/*
 * Removes every device that nothing uses, again as long as that sets others free. First those of the target "ukiblk" whose
 * reads wait for a disk that is gone get a table of errors: nothing may wait any longer.
 */
void dm_end_waiting(void);
void dm_end_devices(void);
