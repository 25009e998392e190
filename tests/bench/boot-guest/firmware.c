// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the seconds from power-on to the start of the kernel's clock. The time stamp counter starts at 0
 * at power-on, the boot-time clock where the kernel starts; the rate of the one is measured by the other.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define MEASURED_SECONDS 0.5

static double boottime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
	double start = boottime(), end = start;
	unsigned long long ticks = __rdtsc(), later = ticks;

	while (end - start < MEASURED_SECONDS) {
		end = boottime();
		later = __rdtsc();
	}
	printf("%.3f\n", (double)later * (end - start) / (double)(later - ticks) - end);
	return 0;
}
