/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <time.h>
#include <unistd.h>

static inline double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Asks every 20 ms; false when the condition is not true after so many seconds. */
#define wait_for(condition, seconds) \
	({ \
		double end_ = now() + (seconds); \
		bool true_; \
		while (!(true_ = (condition)) && now() < end_) \
			usleep(20000); \
		true_; \
	})
