// SPDX-License-Identifier: GPL-2.0-only
/* In the initrd: locate → map → verify → mount. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/text.h"
#include "mount/mount.h"
#include "mount/root.h"
#include "tool/boot_failed.h"
#include "tool/boot_keeper.h"
#include "tool/boot_outlive.h"
#include "tool/boot_page.h"
#include "tool/boot_search.h"
#include "tool/console.h"
#include "tool/verb.h"

#define CMDLINE_MAX_BYTES 65536u
#define REPORT_PATH ROOT_RUN "/boot.json"

static void find_boot_partition(struct boot *boot)
{
	const struct mount_request efivarfs = { .fstype = "efivarfs", .source = "efivarfs", .target = EFIVARS_FOLDER, .read_only = true };
	struct error ignored;

	/* Hints only: without them all devices are equal. */
	if (access("/sys/firmware/efi", F_OK) == 0 && !mount_is_at(EFIVARS_FOLDER, "efivarfs"))
		mount_filesystem(&efivarfs, &ignored);
	boot->queue.hint_count = efivars_list_hints(EFIVARS_FOLDER, boot->queue.hints);
	for (size_t i = 0; i < boot->queue.hint_count; i++)
		console_say("ukiblk: the firmware names the partition %s (%s).\n", boot->queue.hints[i].location.partuuid,
			boot->queue.hints[i].source);
}

static int finish(struct boot *boot, const char *sysroot, struct error *error)
{
	const struct examination *taken = &boot->taken->examination;
	struct error warning;
	int r;

	/* Only after a child that was left behind are they elsewhere: show them at their usual places as well. */
	if (strcmp(taken->carrier, ROOT_CARRIER) != 0) {
		r = mount_bind(taken->carrier, ROOT_CARRIER, error);
		if (r >= 0)
			r = mount_bind(taken->lower, ROOT_LOWER, error);
		if (r < 0)
			return r;
	}
	r = root_mount_overlay(sysroot, boot->words.tmpfs_size, error);
	if (r < 0)
		return r;
	/* Not the end: only systemd asks for it, and it says itself what it misses. */
	if (root_identify(sysroot, &warning) < 0)
		console_say("ukiblk: %s.\n", warning.text);
	r = root_offer_carrier(sysroot, error);
	if (r < 0)
		return r;
	if (outlive_leave_programs(&warning) < 0)
		console_say("ukiblk: The carrier cannot be let go of cleanly at the end. %s.\n", warning.text);
	/* Nor this: without a keeper a pulled disk is what it always was. */
	if (boot_leave_keeper(boot, &warning) < 0)
		console_say("ukiblk: The system runs without a keeper: when its disk is pulled, what needs it fails. %s.\n", warning.text);
	return 0;
}

static int boot_system(struct boot *boot, const char *sysroot, struct error *error)
{
	int r;

	boot_times_start(&boot->report.times);
	r = mount_make_folder(ROOT_RUN, error);
	if (r < 0)
		return r;
	find_boot_partition(boot);
	r = boot_search(boot, error);
	return r < 0 ? r : finish(boot, sysroot, error);
}

/* How the archive's carrier was come by, and how long it took from udev's word of it to a mounted root. */
static void report_source(struct boot *boot)
{
	const struct candidate *candidate = &boot->taken->candidate;

	snprintf(boot->report.found_by, sizeof boot->report.found_by, "%s", candidate->hint ? candidate->hint : "search");
	snprintf(boot->report.filesystem, sizeof boot->report.filesystem, "%s", candidate->device.fstype);
	boot->report.plugged = candidate->plugged;
	boot->report.event_seconds = boot_times_now() - candidate->seen;
}

/* For the page's list; without it the page has the carriers only. */
static void add_disks(struct boot_report *report)
{
	struct error ignored;
	int n = disks_list(report->disks, BOOT_MAX_DISKS, &ignored);

	report->disk_count = n < 0 ? 0 : (size_t)n;
}

/* Shown at the very end, by "ukiblk boot --failed". */
static void leave_page(const struct boot_report *report)
{
	autofree char *page = boot_page_failure(report);
	autofclose FILE *file = page ? fopen(BOOT_PAGE_PATH, "we") : NULL;

	if (file)
		fputs(page, file);
}

static void report_end(struct boot_report *report, int code, const struct error *error)
{
	report->exit_code = verb_exit_code(code);
	boot_times_finish(&report->times, EFIVARS_FOLDER);
	add_disks(report);
	console_splash("");
	if (code < 0) {
		snprintf(report->sentence, sizeof report->sentence, "%s", error->text);
		leave_page(report);
		console_say("ukiblk: %s.\n", error->text);
	} else {
		console_say("ukiblk: archive \"%s\" on %s is the root, after %.1f s.\n", report->archive, report->carrier,
			    report->times.end - report->times.begin[BOOT_LOCATE]);
	}
	boot_report_write(report, REPORT_PATH);
}

static int run(const struct verb_call *call)
{
	static struct boot boot;	/* large: not on the stack */
	const char *path = verb_value(call, "cmdline"), *sysroot = verb_value(call, "sysroot");
	autofree char *cmdline = NULL;
	struct error error;
	int r;

	path = path ? path : "/proc/cmdline";
	r = io_read_file(path, CMDLINE_MAX_BYTES, &cmdline, NULL);
	if (r < 0)
		return verb_report(fail(&error, r, "Cannot read %s: %s", path, strerror(-r)), &error);
	r = boot_parse_words(cmdline, &boot.words, &error);
	if (verb_flag(call, "failed")) {
		/* A word that is not understood may be a root= of ours. */
		if (r < 0 || boot.words.is_ours)
			boot_failed(cmdline);
		return EXIT_DONE;
	}
	if (r < 0)
		return verb_report(r, &error);
	if (!boot.words.is_ours)
		return verb_report(fail(&error, -EINVAL, "The kernel command line has no root=ukiblk:<root hash>"), &error);
	text_format_hex(boot.words.root_hash, HASH_BYTES, boot.report.root_hash);
	r = boot_system(&boot, sysroot ? sysroot : "/sysroot", &error);
	if (r >= 0)
		report_source(&boot);
	report_end(&boot.report, r, &error);
	return boot.report.exit_code;
}

static void print_words(void)
{
	puts("\nWords of the kernel command line:");
	for (const struct boot_word *word = boot_word_table; word->start; word++)
		verb_print_help_line(word->start, word->value, word->help);
}

const struct verb verb_boot = {
	.name = "boot",
	.arguments = "",
	.summary = "In the initrd: find the archive the command line names and mount it as the root",
	.run = run,
	.more_help = print_words,
	.options = {
		{ "failed", NULL, "show why there is no root; under Secure Boot without rd.shell, wait and restart" },
		{ "cmdline", "FILE", "read the command line there (default: /proc/cmdline)" },
		{ "sysroot", "DIR", "where the root is mounted (default: /sysroot)" },
	},
};
