// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tool/console.h"
#include "tool/json.h"

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

bool boot_report_has_rejected(const struct boot_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].code == -EKEYREJECTED)
			return true;
	return false;
}

void boot_report_print(const struct boot_report *report)
{
	console_say("\nukiblk: %s.\n", report->sentence);
	for (size_t i = 0; i < report->count; i++) {
		const struct boot_finding *finding = &report->findings[i];

		console_say("  %s%s%s: %s\n", finding->device, *finding->object ? " " : "", finding->object, finding->sentence);
	}
	if (report->count == 0)
		console_say("  No device with a FAT, exFAT or ISO 9660 filesystem was seen.\n");
	console_say("\n");
}

static json_object *to_json(const struct boot_finding *finding)
{
	json_object *object = json_object_new_object();

	json_add(object, "device", json_object_new_string(finding->device));
	json_add(object, "file", json_object_new_string(finding->object));
	json_add(object, "code", json_object_new_int(finding->code));
	json_add(object, "sentence", json_object_new_string(finding->sentence));
	return object;
}

int boot_report_write(const struct boot_report *report, const char *path)
{
	json_object *root = json_object_new_object(), *list = json_object_new_array();
	char temporary[PATH_MAX];
	int r;

	json_add(root, "version", json_object_new_int(1));
	json_add(root, "exit-code", json_object_new_int(report->exit_code));
	json_add(root, "sentence", json_object_new_string(report->sentence));
	json_add(root, "carrier", json_object_new_string(report->carrier));
	json_add(root, "filesystem", json_object_new_string(report->filesystem));
	json_add(root, "archive", json_object_new_string(report->archive));
	json_add(root, "found-by", json_object_new_string(report->found_by));
	if (report->plugged)
		json_add(root, "seconds-from-event", json_object_new_double(report->event_seconds));
	json_add(root, "seconds", json_object_new_double(report->seconds));
	for (size_t i = 0; i < report->count; i++)
		json_append(list, to_json(&report->findings[i]));
	json_add(root, "findings", list);
	if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
		json_object_put(root);
		return -ENAMETOOLONG;
	}
	r = json_write(root, temporary);
	return r < 0 ? r : rename(temporary, path) < 0 ? -errno : 0;
}
