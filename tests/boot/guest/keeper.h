/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* A keeper watches over the disk, in whatever kind of initrd and on whatever kind of carrier; on loop devices there is none. */
void check_keeper(void);
