// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"

double clock_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
