// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_times.h"

#include <string.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include "base/clock.h"
#include "base/kmsg.h"
#include "base/text.h"
#include "locate/efivars.h"

#define LOADER_TIME "LoaderTimeExecUSec"	/* set by systemd-boot just before it starts the image */
#define LOADER_TIME_BYTES 256u
#define LONGEST_FIRMWARE 3600.0	/* more: the counter was not reset with the machine */
#define SHORTEST_MEASURE 0.05	/* of the counter's rate, seconds */

const char *const boot_phase_names[BOOT_PHASES] = { "locate", "map", "verify", "mount" };

double boot_times_now(void)
{
	return clock_seconds(CLOCK_BOOTTIME);
}

/* Counts from the reset on every x86 machine; 0 elsewhere. */
static uint64_t read_ticks(void)
{
#ifdef __x86_64__
	return __rdtsc();
#else
	return 0;
#endif
}

void boot_times_start(struct boot_times *times)
{
	*times = (struct boot_times){ .firmware = BOOT_TIME_UNKNOWN, .kernel = BOOT_TIME_UNKNOWN, .first_ticks = read_ticks() };
	times->begin[BOOT_LOCATE] = boot_times_now();
}

void boot_times_enter(struct boot_times *times, enum boot_phase phase, double at)
{
	times->begin[phase] = at;
	for (int later = phase + 1; later < BOOT_PHASES; later++)
		times->begin[later] = 0;
}

double boot_times_decode(const uint8_t *value, uint64_t length)
{
	char digits[24] = "";
	uint64_t microseconds;

	if (length / 2 >= sizeof digits)
		return BOOT_TIME_UNKNOWN;
	for (uint64_t i = 0; i + 1 < length; i += 2)
		digits[i / 2] = value[i + 1] ? '?' : (char)value[i];
	return text_parse_number(digits, 0, UINT64_MAX, &microseconds) ? (double)microseconds / 1e6 : BOOT_TIME_UNKNOWN;
}

static double ask_loader(const char *efivars)
{
	autoefivar struct efivar variable = { 0 };

	if (!efivars_read(efivars, LOADER_TIME, EFIVARS_LOADER_GUID, LOADER_TIME_BYTES, &variable))
		return BOOT_TIME_UNKNOWN;
	return boot_times_decode(variable.value, variable.length);
}

/* The counter runs since the reset, the kernel's clock since the kernel's start. */
static double ask_counter(const struct boot_times *times)
{
	uint64_t ticks = read_ticks();
	double at = boot_times_now(), passed = at - times->begin[BOOT_LOCATE], firmware;

	if (ticks <= times->first_ticks || passed < SHORTEST_MEASURE)
		return BOOT_TIME_UNKNOWN;
	firmware = (double)ticks / ((double)(ticks - times->first_ticks) / passed) - at;
	return firmware >= 0 && firmware <= LONGEST_FIRMWARE ? firmware : BOOT_TIME_UNKNOWN;
}

/* The kernel's last words before the first program (kernel_init() in init/main.c). */
static void find_init(void *context, const struct kmsg_record *record)
{
	double *seconds = context;

	if (*seconds < 0 && strncmp(record->text, "Run /", 5) == 0 && text_has_suffix(record->text, " as init process"))
		*seconds = record->seconds;
}

void boot_times_finish(struct boot_times *times, const char *efivars)
{
	times->end = boot_times_now();
	kmsg_read(find_init, &times->kernel);
	times->firmware = ask_loader(efivars);
	if (times->firmware < 0)
		times->firmware = ask_counter(times);
}

double boot_times_of(const struct boot_times *times, enum boot_phase phase)
{
	double end = times->end;

	if (times->begin[phase] <= 0)
		return BOOT_TIME_UNKNOWN;
	if (phase + 1 < BOOT_PHASES && times->begin[phase + 1] > 0)
		end = times->begin[phase + 1];
	return end - times->begin[phase];
}

double boot_times_initrd(const struct boot_times *times)
{
	return times->kernel < 0 ? BOOT_TIME_UNKNOWN : times->begin[BOOT_LOCATE] - times->kernel;
}
