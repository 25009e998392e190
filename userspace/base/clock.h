/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <time.h>

/* What this clock shows, in seconds. */
double clock_seconds(clockid_t clock);
