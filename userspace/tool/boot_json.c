// SPDX-License-Identifier: GPL-2.0-only
/* boot.json; ukiblk(8) documents it. */
#include "tool/boot_report.h"
#include "tool/json.h"

static json_object *json_of_finding(const struct boot_finding *finding)
{
	json_object *object = json_object_new_object();

	json_add_string(object, "device", finding->device);
	json_add_string(object, "file", finding->object);
	json_add(object, "code", json_object_new_int(finding->code));
	json_add_string(object, "sentence", finding->sentence);
	json_add_string(object, "advice", boot_report_advice(finding));
	return object;
}

static json_object *json_of_disk(const struct disk *disk)
{
	json_object *object = json_object_new_object();

	json_add_string(object, "device", disk->node);
	json_add_string(object, "content", disk->content);
	json_add_string(object, "label", disk->label);
	json_add_number(object, "size", disk->bytes);
	json_add_boolean(object, "searched", disk->is_carrier);
	json_add_string(object, "reason", disk->reason);
	return object;
}

static json_object *json_of_times(const struct boot_times *times)
{
	json_object *object = json_object_new_object();

	json_add_seconds(object, "firmware", times->firmware);
	json_add_seconds(object, "kernel", times->kernel);
	json_add_seconds(object, "initrd", boot_times_initrd(times));
	for (int phase = 0; phase < BOOT_PHASES; phase++)
		json_add_seconds(object, boot_phase_names[phase], boot_times_of(times, phase));
	return object;
}

static json_object *json_of_report(const struct boot_report *report)
{
	json_object *root = json_object_new_object(), *findings = json_object_new_array(), *disks = json_object_new_array();

	for (size_t i = 0; i < report->count; i++)
		json_append(findings, json_of_finding(&report->findings[i]));
	for (size_t i = 0; i < report->disk_count; i++)
		json_append(disks, json_of_disk(&report->disks[i]));
	json_add_number(root, "version", 1);
	json_add_number(root, "exit-code", (uint64_t)report->exit_code);
	json_add_string(root, "sentence", report->sentence);
	json_add_string(root, "root-hash", report->root_hash);
	json_add_string(root, "carrier", report->carrier);
	json_add_string(root, "filesystem", report->filesystem);
	json_add_string(root, "archive", report->archive);
	json_add_string(root, "found-by", report->found_by);
	if (report->plugged)
		json_add_seconds(root, "seconds-from-event", report->event_seconds);
	json_add_seconds(root, "seconds", report->times.end - report->times.begin[BOOT_LOCATE]);
	json_add(root, "phases", json_of_times(&report->times));
	json_add(root, "findings", findings);
	json_add(root, "devices", disks);
	return root;
}

int boot_report_write(const struct boot_report *report, const char *path)
{
	return json_write(json_of_report(report), path);
}
