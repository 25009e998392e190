// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_report.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

_Static_assert(sizeof(struct boot_finding) <= PIPE_BUF, "one write, one finding");

void boot_report_forget(struct boot_report *report, const char *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < report->count; i++)
		if (strcmp(report->findings[i].device, device) != 0)
			report->findings[kept++] = report->findings[i];
	report->count = kept;
}

static size_t count_of_device(const struct boot_report *report, const char *device)
{
	size_t count = 0;

	for (size_t i = 0; i < report->count; i++)
		count += strcmp(report->findings[i].device, device) == 0;
	return count;
}

void boot_report_add(struct boot_report *report, const struct boot_finding *finding)
{
	bool matters = finding->code == 0 || finding->code == -EKEYREJECTED;

	if (!matters && count_of_device(report, finding->device) >= BOOT_MAX_DEVICE_FINDINGS)
		return;
	if (report->count < BOOT_MAX_FINDINGS)
		report->findings[report->count++] = *finding;
	else if (matters)
		report->findings[BOOT_MAX_FINDINGS - 1] = *finding;
}

bool boot_report_has_device(const struct boot_report *report, const char *device)
{
	for (size_t i = 0; i < report->count; i++)
		if (strcmp(report->findings[i].device, device) == 0)
			return true;
	return false;
}

bool boot_report_has_rejected(const struct boot_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].code == -EKEYREJECTED)
			return true;
	return false;
}
