/* SPDX-License-Identifier: GPL-2.0-only */
/* What the initrd leaves for the keeper: its file, itself, and its service file, all in /run. */
#pragma once

#include "tool/boot_search.h"

struct error;

/* 0 also where there is nothing to keep: on loop devices. */
int boot_leave_keeper(const struct boot *boot, struct error *error);
