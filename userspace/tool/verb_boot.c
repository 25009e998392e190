// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the initrd: locate → map → verify → mount. An event loop over udev's events, the pipes of the
 * children that examine devices, and the clock; nothing polls.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/text.h"
#include "locate/devices.h"
#include "locate/efivars.h"
#include "mount/mount.h"
#include "mount/root.h"
#include "tool/boot_examine.h"
#include "tool/boot_failed.h"
#include "tool/boot_page.h"
#include "tool/boot_words.h"
#include "tool/console.h"
#include "tool/verb.h"

#define CMDLINE_MAX_BYTES 65536u
#define MAX_DEVICES 1024
/*
 * A device that takes longer no longer keeps the next one waiting. Devices are examined one after the
 * other as long as they answer; what anybody who may plug in disks can delay the right one by is this
 * time, once for each.
 */
#define EXAMINE_SECONDS 10.0
/*
 * Once the right root block was seen: asking where the clusters of many GiB lie takes a slow disk a
 * while. It goes on beside the others: a root block alone can be copied.
 */
#define ATTACH_SECONDS 600.0
#define MAX_LOOKS 16	/* at a time: the newest, and the slow ones with the right root block */
#define SAY_FIRST_SECONDS 5.0	/* of a phase: what is quicker needs no words */
#define SAY_EVERY_SECONDS 10.0
#define REPORT_PATH ROOT_RUN "/boot.json"

/* A device being examined, by a child process. */
struct look {
	struct examination examination;
	pid_t pid;	/* 0: this place is free */
	int pipe;
	double start;
	bool is_right_one;	/* its root block was the right one; it has come to @phase */
	enum boot_phase phase;
	double entered[BOOT_PHASES];	/* when it came to each, CLOCK_BOOTTIME; 0: not */
	char object[512];	/* the right archive's file */
};

struct boot {
	struct boot_words words;
	struct efi_location location;	/* where the firmware booted from, as it says */
	struct boot_report report;
	struct carrier_device waiting[MAX_DEVICES];	/* seen, not yet examined */
	size_t waiting_count;
	char said[2048];	/* the findings a person has seen last */
	double deadline, next_say;
	/* Makes the names and mount points of the next examination. Those of a child that was left behind stay its own. */
	unsigned number;
	struct look looks[MAX_LOOKS];
	char slow_disks[MAX_LOOKS][64];	/* each has kept others waiting once; the oldest is forgotten first */
	unsigned slow_count;
	struct look *newest;	/* what the devices that wait are waiting for; NULL: nothing */
	struct look *taken;	/* the one that has mounted the root; NULL: none yet */
};

static bool is_boot_partition(const struct boot *boot, const struct carrier_device *device)
{
	return *boot->location.partuuid && strcmp(boot->location.partuuid, device->partuuid) == 0;
}

/* The partition the firmware booted from goes first. */
static void queue_device(void *context, const struct carrier_device *device)
{
	struct boot *boot = context;
	size_t place = boot->waiting_count;

	for (size_t i = 0; i < boot->waiting_count; i++)
		if (strcmp(boot->waiting[i].node, device->node) == 0)
			return;
	if (boot->waiting_count == MAX_DEVICES)
		return;
	if (is_boot_partition(boot, device)) {
		memmove(boot->waiting + 1, boot->waiting, boot->waiting_count * sizeof *boot->waiting);
		place = 0;
	}
	boot->waiting[place] = *device;
	boot->waiting_count++;
}

static bool is_slow(const struct boot *boot, const struct carrier_device *device)
{
	for (size_t i = 0; i < MAX_LOOKS; i++)
		if (strcmp(boot->slow_disks[i], device->disk) == 0)
			return true;
	return false;
}

/* The next one; those of a disk that has kept others waiting come last, or a hundred partitions could do so in turn. */
static void next_device(struct boot *boot, struct carrier_device *ret)
{
	size_t place = 0;

	while (place < boot->waiting_count && is_slow(boot, &boot->waiting[place]))
		place++;
	if (place == boot->waiting_count)
		place = 0;
	*ret = boot->waiting[place];
	boot->waiting_count--;
	memmove(boot->waiting + place, boot->waiting + place + 1, (boot->waiting_count - place) * sizeof *boot->waiting);
}

static void prepare_examination(struct boot *boot, struct examination *examination)
{
	char name[32] = "root";

	next_device(boot, &examination->device);
	examination->words = &boot->words;
	snprintf(examination->uki_path, sizeof examination->uki_path, "%s",
		 is_boot_partition(boot, &examination->device) ? boot->location.path : "");
	snprintf(examination->carrier, sizeof examination->carrier, ROOT_CARRIER);
	snprintf(examination->lower, sizeof examination->lower, ROOT_LOWER);
	if (boot->number > 0) {
		snprintf(examination->carrier, sizeof examination->carrier, ROOT_CARRIER "-%u", boot->number);
		snprintf(examination->lower, sizeof examination->lower, ROOT_LOWER "-%u", boot->number);
		snprintf(name, sizeof name, "root-%u", boot->number);
	}
	device_names_make(name, &examination->names);
}

static void add_finding(struct boot *boot, const struct look *look, int code, const char *sentence)
{
	struct boot_finding finding = { .code = code };

	snprintf(finding.device, sizeof finding.device, "%s", look->examination.device.node);
	snprintf(finding.sentence, sizeof finding.sentence, "%s", sentence);
	boot_report_add(&boot->report, &finding);
}

/* A free place; NULL when all are taken. */
static struct look *free_look(struct boot *boot)
{
	for (size_t i = 0; i < MAX_LOOKS; i++)
		if (boot->looks[i].pid == 0)
			return &boot->looks[i];
	return NULL;
}

static bool is_looking(const struct boot *boot)
{
	for (size_t i = 0; i < MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0)
			return true;
	return false;
}

static void start_examination(struct boot *boot)
{
	struct look *look = free_look(boot);

	if (!look)
		return;
	prepare_examination(boot, &look->examination);
	boot_report_forget(&boot->report, look->examination.device.node);
	look->pid = examination_start(&look->examination, &look->pipe);
	if (look->pid < 0) {
		add_finding(boot, look, look->pid, "It could not be looked at: no child process could be started");
		look->pid = 0;
		return;
	}
	look->start = boot_times_now();
	look->is_right_one = false;
	memset(look->entered, 0, sizeof look->entered);
	boot->newest = look;
}

/* The next device need not wait for this one any longer. */
static void leave_behind(struct boot *boot, const struct look *look)
{
	boot->number++;
	if (boot->newest == look)
		boot->newest = NULL;
}

static void end_examination(struct boot *boot, struct look *look)
{
	int status;

	close(look->pipe);
	while (waitpid(look->pid, &status, 0) < 0 && errno == EINTR)
		;
	look->pid = 0;
	if (WIFSIGNALED(status)) {
		leave_behind(boot, look);	/* what it had set up may still stand */
		add_finding(boot, look, -EIO, "The program that looked at it crashed");
	} else if (boot->taken != look && !boot_report_has_device(&boot->report, look->examination.device.node)) {
		add_finding(boot, look, -ENOENT, "No archive in the folders /, /EFI/Linux, /EFI/BOOT and /ukiblk");
	}
	if (boot->newest == look)
		boot->newest = NULL;
}

/* A slow disk may take its time as long as nothing else could be done, or when it holds the right archive. */
static double look_end(const struct boot *boot, const struct look *look)
{
	bool awaited = look == boot->newest && boot->waiting_count > 0;
	double end = look->start + (look->is_right_one && !awaited ? ATTACH_SECONDS : EXAMINE_SECONDS);

	return !awaited && end < boot->deadline ? boot->deadline : end;
}

/* Its kernel side may never end, so nobody waits for it. */
static void kill_examination(struct boot *boot, struct look *look)
{
	kill(look->pid, SIGKILL);
	close(look->pipe);
	look->pid = 0;
	leave_behind(boot, look);
}

static void end_patience(struct boot *boot, struct look *look)
{
	char sentence[96];

	snprintf(boot->slow_disks[boot->slow_count++ % MAX_LOOKS], sizeof *boot->slow_disks, "%s", look->examination.device.disk);
	if (look == boot->newest && look->is_right_one && free_look(boot)) {
		leave_behind(boot, look);
		return;
	}
	kill_examination(boot, look);
	snprintf(sentence, sizeof sentence, "It does not answer; it was given up after %.0f seconds", boot_times_now() - look->start);
	add_finding(boot, look, -ETIMEDOUT, sentence);
}

/* The right one goes on; a person hears of it when it takes long. */
static void enter_phase(struct boot *boot, struct look *look, const struct boot_finding *finding)
{
	look->is_right_one = true;
	look->phase = finding->phase;
	look->entered[finding->phase] = finding->at;
	snprintf(look->object, sizeof look->object, "%s", finding->object);
	boot->next_say = boot_times_now() + SAY_FIRST_SECONDS;
}

static void take(struct boot *boot, struct look *look, const struct boot_finding *finding)
{
	boot->taken = look;
	snprintf(boot->report.carrier, sizeof boot->report.carrier, "%s", finding->device);
	snprintf(boot->report.archive, sizeof boot->report.archive, "%.63s", finding->sentence);
	for (int phase = BOOT_MAP; phase < BOOT_PHASES; phase++)
		boot_times_enter(&boot->report.times, phase, look->entered[phase]);
	for (size_t i = 0; i < MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0 && &boot->looks[i] != look)
			kill_examination(boot, &boot->looks[i]);
}

static void take_finding(struct boot *boot, struct look *look)
{
	struct boot_finding finding;
	ssize_t n = read(look->pipe, &finding, sizeof finding);

	if (n != sizeof finding) {
		end_examination(boot, look);
		return;
	}
	if (finding.code == -EINPROGRESS) {
		enter_phase(boot, look, &finding);
		return;
	}
	boot_report_add(&boot->report, &finding);
	if (finding.code == 0)
		take(boot, look, &finding);
}

/* Only what is new since the last time. */
static void say_findings(struct boot *boot)
{
	autofree char *text = boot_page_findings(&boot->report);

	if (!text || strncmp(text, boot->said, sizeof boot->said - 1) == 0)
		return;
	snprintf(boot->said, sizeof boot->said, "%s", text);
	console_say("%s", text);
}

/* Of those at work: one that holds the right archive, else the newest; NULL: there is none. */
static const struct look *shown_look(const struct boot *boot)
{
	for (size_t i = 0; i < MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0 && boot->looks[i].is_right_one)
			return &boot->looks[i];
	return boot->newest;
}

static void say_status(struct boot *boot)
{
	const struct look *look = shown_look(boot);
	bool is_right_one = look && look->is_right_one;
	double at = boot_times_now();
	const struct boot_status status = {
		.phase = is_right_one ? look->phase : BOOT_LOCATE,
		.root_hash = boot->report.root_hash,
		.device = look ? look->examination.device.node : "",
		.object = is_right_one ? look->object : "",
		.left = boot->deadline - at,
		.spent = is_right_one ? at - look->entered[look->phase] : 0,
	};
	autofree char *line = boot_page_status(&status), *text = line ? boot_page_wrap(line) : NULL;

	boot->next_say = at + SAY_EVERY_SECONDS;
	if (!text)
		return;
	console_say("%s", text);
	console_splash(line + strlen("ukiblk: "));
	if (status.phase == BOOT_LOCATE)
		say_findings(boot);
}

static double next_wake(const struct boot *boot)
{
	double wake = is_looking(boot) || boot->next_say < boot->deadline ? boot->next_say : boot->deadline;

	for (size_t i = 0; i < MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0 && look_end(boot, &boot->looks[i]) < wake)
			wake = look_end(boot, &boot->looks[i]);
	return wake;
}

static void attend(struct boot *boot, struct look *look, bool has_news)
{
	if (look->pid == 0)
		return;
	if (has_news)
		take_finding(boot, look);
	/* A device that always has something more to say is no better than one that says nothing. */
	if (look->pid != 0 && look != boot->taken && boot_times_now() >= look_end(boot, look))
		end_patience(boot, look);
}

/* One turn: wait for an event or the next point in time, and handle it. */
static int turn(struct boot *boot, struct device_watch *watch)
{
	struct pollfd events[1 + MAX_LOOKS] = { { .fd = device_watch_fd(watch), .events = POLLIN } };
	double left = next_wake(boot) - boot_times_now();
	struct carrier_device device;

	for (size_t i = 0; i < MAX_LOOKS; i++)
		events[1 + i] = (struct pollfd){ .fd = boot->looks[i].pid ? boot->looks[i].pipe : -1, .events = POLLIN };
	if (poll(events, 1 + MAX_LOOKS, left > 0 ? (int)(left * 1000) + 1 : 0) < 0 && errno != EINTR)
		return -errno;
	if (io_interrupted)
		return -EINTR;
	if (events[0].revents && device_watch_next(watch, &device) && boot_times_now() < boot->deadline)
		queue_device(boot, &device);
	for (size_t i = 0; i < MAX_LOOKS; i++)
		attend(boot, &boot->looks[i], events[1 + i].revents);
	if (!boot->taken && boot_times_now() >= boot->next_say)
		say_status(boot);
	return 0;
}

static int search(struct boot *boot, struct device_watch *watch, struct error *error)
{
	/* What came before the deadline is looked at, however long those before it took: each is bounded itself. */
	while (!(boot->taken && boot->taken->pid == 0) && (is_looking(boot) || boot->waiting_count > 0 || boot_times_now() < boot->deadline)) {
		int r;

		if (!boot->newest && !boot->taken && boot->waiting_count > 0)
			start_examination(boot);
		r = turn(boot, watch);
		if (r < 0)
			return fail(error, r, r == -EINTR ? "Stopped" : "Cannot wait for events");
	}
	if (boot->taken)
		return 0;
	if (boot_report_has_rejected(&boot->report))
		return fail(error, -EKEYREJECTED, "An archive with the right root hash was found, but it cannot be used");
	return fail(error, -ETIMEDOUT, "The archive was not found within %u seconds", boot->words.timeout_seconds);
}

static void find_boot_partition(struct boot *boot)
{
	const struct mount_request efivarfs = { .fstype = "efivarfs", .source = "efivarfs", .target = EFIVARS_FOLDER, .read_only = true };
	struct error ignored;
	const char *source;

	/* A hint only: without it all devices are equal. */
	if (access("/sys/firmware/efi", F_OK) == 0 && !mount_is_at(EFIVARS_FOLDER, "efivarfs"))
		mount_filesystem(&efivarfs, &ignored);
	source = efivars_find_boot(EFIVARS_FOLDER, &boot->location);
	if (source)
		console_say("ukiblk: the firmware booted from partition %s (%s).\n", boot->location.partuuid, source);
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
	return root_offer_carrier(sysroot, error);
}

static int boot_system(struct boot *boot, const char *sysroot, struct error *error)
{
	struct device_watch *watch;
	int r;

	boot_times_start(&boot->report.times);
	r = mount_make_folder(ROOT_RUN, error);
	if (r < 0)
		return r;
	find_boot_partition(boot);
	r = device_watch_open(&watch, error);
	if (r < 0)
		return r;
	boot->deadline = boot_times_now() + boot->words.timeout_seconds;
	boot->next_say = boot_times_now() + SAY_FIRST_SECONDS;
	r = device_watch_list(watch, queue_device, boot, error);
	if (r >= 0)
		r = search(boot, watch, error);
	device_watch_close(watch);
	return r < 0 ? r : finish(boot, sysroot, error);
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
