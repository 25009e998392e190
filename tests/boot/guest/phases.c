// SPDX-License-Identifier: GPL-2.0-only
/* boot.json in the running system: its phases against the clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks.h"

#define LONGEST_BOOT 600.0	/* firmware included, in the slowest emulation */

static char text[65536];

/* The number behind "key":, or -1 (null too). */
static double number(const char *key)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	at = strstr(text, quoted);
	at = at ? at + strlen(quoted) + strspn(at + strlen(quoted), " ") : "";
	return *at >= '0' && *at <= '9' ? strtod(at, NULL) : -1;
}

void check_report(void)
{
	static const char *const phases[] = { "kernel", "initrd", "locate", "map", "verify", "mount" };
	FILE *file = fopen("/run/ukiblk/boot.json", "re");
	double sum = 0, ours = 0;
	struct timespec uptime;
	bool all = true;
	char line[256];

	text[file ? fread(text, 1, sizeof text - 1, file) : 0] = '\0';
	if (file)
		fclose(file);
	clock_gettime(CLOCK_BOOTTIME, &uptime);
	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
		double seconds = number(phases[i]);

		snprintf(line, sizeof line, "%s %.3f s", phases[i], seconds);
		checks_note(line);
		all = all && seconds > 0;
		sum += seconds;
		ours += i >= 2 ? seconds : 0;
	}
	snprintf(line, sizeof line, "firmware %.3f s, phases %.3f s, uptime %.3f s", number("firmware"), sum,
		 (double)uptime.tv_sec + (double)uptime.tv_nsec / 1e9);
	checks_note(line);
	check(number("version") == 1 && number("exit-code") == 0, "boot.json is of version 1 and tells of success");
	check(all, "every phase from the kernel on took some time");
	check(sum > 0 && sum <= (double)uptime.tv_sec + 1, "all together no longer than the kernel runs");
	check(ours > number("seconds") - 0.001 && ours < number("seconds") + 0.001, "locate, map, verify and mount are the whole search");
	check(number("firmware") > 0 && number("firmware") < LONGEST_BOOT, "the firmware's time is known");
	check(strstr(text, "\"devices\": [") && strstr(text, "\"searched\": true"), "the devices are listed");
}
