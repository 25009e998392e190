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
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/text.h"
#include "locate/queue.h"
#include "mount/mount.h"
#include "mount/root.h"
#include "tool/boot_examine.h"
#include "tool/boot_words.h"
#include "tool/console.h"
#include "tool/verb.h"

#define CMDLINE_MAX_BYTES 65536u
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
#define SAY_EVERY_SECONDS 10.0
#define REPORT_PATH ROOT_RUN "/boot.json"

/* A device being examined, by a child process. */
struct look {
	struct candidate candidate;
	struct examination examination;
	pid_t pid;	/* 0: this place is free */
	int pipe;
	double start;
	bool is_right_one;	/* its root block was the right one; it is being mapped */
};

struct boot {
	struct boot_words words;
	struct carrier_queue queue;	/* devices seen, not yet examined */
	struct boot_report report;
	char looked_at[256];	/* for the line on the console */
	double start, deadline, next_say;
	/* Makes the names and mount points of the next examination. Those of a child that was left behind stay its own. */
	unsigned number;
	struct look looks[MAX_LOOKS];
	struct look *newest;	/* what the devices that wait are waiting for; NULL: nothing */
	struct look *taken;	/* the one that has mounted the root; NULL: none yet */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void queue_present(void *context, const struct carrier_device *device)
{
	struct boot *boot = context;

	carrier_queue_add(&boot->queue, device, now(), false);
}

static void take_event(struct boot *boot, struct device_watch *watch)
{
	struct carrier_device device;

	switch (device_watch_next(watch, &device)) {
	case DEVICE_CARRIER:
		if (now() < boot->deadline)
			carrier_queue_add(&boot->queue, &device, now(), true);
		break;
	case DEVICE_GONE:
		carrier_queue_remove(&boot->queue, device.node);
		break;
	case DEVICE_NOTHING:
		break;
	}
}

static void prepare_examination(struct boot *boot, struct look *look)
{
	struct examination *examination = &look->examination;
	char name[32] = "root";

	examination->device = look->candidate.device;
	examination->words = &boot->words;
	snprintf(examination->uki_path, sizeof examination->uki_path, "%s", look->candidate.uki_path);
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

	if (!look || !carrier_queue_take(&boot->queue, &look->candidate))
		return;
	prepare_examination(boot, look);
	boot_report_forget(&boot->report, look->examination.device.node);
	look->pid = examination_start(&look->examination, &look->pipe);
	if (look->pid < 0) {
		add_finding(boot, look, look->pid, "It could not be looked at: no child process could be started");
		look->pid = 0;
		return;
	}
	look->start = now();
	look->is_right_one = false;
	boot->newest = look;
	snprintf(boot->looked_at + strlen(boot->looked_at), sizeof boot->looked_at - strlen(boot->looked_at), "%s%s",
		 *boot->looked_at ? ", " : "", look->examination.device.node);
}

static bool has_finding(const struct boot *boot, const struct look *look)
{
	for (size_t i = 0; i < boot->report.count; i++)
		if (strcmp(boot->report.findings[i].device, look->examination.device.node) == 0)
			return true;
	return false;
}

/*
 * The mounts of a child that was killed. To mount anything over the root folder of a filesystem in which it still
 * waits for a dead disk would wait as well: they go before somebody else needs the place.
 */
static void hide_mounts(const struct look *look)
{
	mount_detach(look->examination.lower);
	mount_detach(look->examination.carrier);
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
		hide_mounts(look);
		leave_behind(boot, look);	/* what else it had set up may still stand */
		add_finding(boot, look, -EIO, "The program that looked at it crashed");
	} else if (boot->taken != look && !has_finding(boot, look)) {
		add_finding(boot, look, -ENOENT, "No archive in the folders /, /EFI/Linux, /EFI/BOOT and /ukiblk");
	}
	if (boot->newest == look)
		boot->newest = NULL;
}

/* A slow disk may take its time as long as nothing else could be done, or when it holds the right archive. */
static double look_end(const struct boot *boot, const struct look *look)
{
	bool awaited = look == boot->newest && boot->queue.count > 0;
	double end = look->start + (look->is_right_one && !awaited ? ATTACH_SECONDS : EXAMINE_SECONDS);

	return !awaited && end < boot->deadline ? boot->deadline : end;
}

/* Its kernel side may never end, so nobody waits for it. */
static void kill_examination(struct boot *boot, struct look *look)
{
	kill(look->pid, SIGKILL);
	close(look->pipe);
	look->pid = 0;
	hide_mounts(look);
	leave_behind(boot, look);
}

static void end_patience(struct boot *boot, struct look *look)
{
	char sentence[96];

	carrier_queue_note_slow(&boot->queue, look->examination.device.disk);
	if (look == boot->newest && look->is_right_one && free_look(boot)) {
		leave_behind(boot, look);
		return;
	}
	kill_examination(boot, look);
	snprintf(sentence, sizeof sentence, "It does not answer; it was given up after %.0f seconds", now() - look->start);
	add_finding(boot, look, -ETIMEDOUT, sentence);
}

static void take(struct boot *boot, struct look *look, const struct boot_finding *finding)
{
	boot->taken = look;
	snprintf(boot->report.carrier, sizeof boot->report.carrier, "%s", finding->device);
	snprintf(boot->report.archive, sizeof boot->report.archive, "%.63s", finding->sentence);
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
		look->is_right_one = true;
		return;
	}
	boot_report_add(&boot->report, &finding);
	if (finding.code == 0)
		take(boot, look, &finding);
}

static void say_waiting(struct boot *boot)
{
	char hash[2 * HASH_BYTES + 1];
	double left = boot->deadline - now();

	text_format_hex(boot->words.root_hash, HASH_BYTES, hash);
	console_say("ukiblk: waiting for the archive with root hash %.16s…, %.0f s left. Looked at: %s. Plug in the disk that holds it.\n",
		hash, left > 0 ? left : 0, *boot->looked_at ? boot->looked_at : "no device yet");
	boot->next_say = now() + SAY_EVERY_SECONDS;
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
	if (look->pid != 0 && look != boot->taken && now() >= look_end(boot, look))
		end_patience(boot, look);
}

/* One turn: wait for an event or the next point in time, and handle it. */
static int turn(struct boot *boot, struct device_watch *watch)
{
	struct pollfd events[1 + MAX_LOOKS] = { { .fd = device_watch_fd(watch), .events = POLLIN } };
	double left = next_wake(boot) - now();

	for (size_t i = 0; i < MAX_LOOKS; i++)
		events[1 + i] = (struct pollfd){ .fd = boot->looks[i].pid ? boot->looks[i].pipe : -1, .events = POLLIN };
	if (poll(events, 1 + MAX_LOOKS, left > 0 ? (int)(left * 1000) + 1 : 0) < 0 && errno != EINTR)
		return -errno;
	if (io_interrupted)
		return -EINTR;
	if (events[0].revents)
		take_event(boot, watch);
	for (size_t i = 0; i < MAX_LOOKS; i++)
		attend(boot, &boot->looks[i], events[1 + i].revents);
	if (!boot->taken && now() >= boot->next_say)
		say_waiting(boot);
	return 0;
}

static int search(struct boot *boot, struct device_watch *watch, struct error *error)
{
	/* What came before the deadline is looked at, however long those before it took: each is bounded itself. */
	while (!(boot->taken && boot->taken->pid == 0) && (is_looking(boot) || boot->queue.count > 0 || now() < boot->deadline)) {
		int r;

		if (!boot->newest && !boot->taken && boot->queue.count > 0)
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
	return root_offer_carrier(sysroot, error);
}

static int boot_system(struct boot *boot, const char *sysroot, struct error *error)
{
	struct device_watch *watch;
	int r;

	r = mount_make_folder(ROOT_RUN, error);
	if (r < 0)
		return r;
	find_boot_partition(boot);
	r = device_watch_open(&watch, error);
	if (r < 0)
		return r;
	boot->start = now();
	boot->deadline = boot->start + boot->words.timeout_seconds;
	boot->next_say = boot->start + SAY_EVERY_SECONDS;
	r = device_watch_list(watch, queue_present, boot, error);
	if (r >= 0)
		r = search(boot, watch, error);
	device_watch_close(watch);
	boot->report.seconds = now() - boot->start;
	return r < 0 ? r : finish(boot, sysroot, error);
}

/* How the archive's carrier was come by, and how long it took from udev's word of it to a mounted root. */
static void report_source(struct boot *boot)
{
	const struct candidate *candidate = &boot->taken->candidate;

	snprintf(boot->report.found_by, sizeof boot->report.found_by, "%s", candidate->hint ? candidate->hint : "search");
	snprintf(boot->report.filesystem, sizeof boot->report.filesystem, "%s", candidate->device.fstype);
	boot->report.plugged = candidate->plugged;
	boot->report.event_seconds = now() - candidate->seen;
}

static int read_words(const char *path, struct boot_words *ret, struct error *error)
{
	autofree char *cmdline = NULL;
	int r = io_read_file(path, CMDLINE_MAX_BYTES, &cmdline, NULL);

	if (r < 0)
		return fail(error, r, "Cannot read %s: %s", path, strerror(-r));
	return boot_parse_words(cmdline, ret, error);
}

static int run(const struct verb_call *call)
{
	static struct boot boot;	/* large: not on the stack */
	const char *cmdline = verb_value(call, "cmdline"), *sysroot = verb_value(call, "sysroot");
	struct error error;
	int r;

	r = read_words(cmdline ? cmdline : "/proc/cmdline", &boot.words, &error);
	if (r < 0)
		return verb_report(r, &error);
	if (!boot.words.is_ours)
		return verb_report(fail(&error, -EINVAL, "The kernel command line has no root=ukiblk:<root hash>"), &error);
	r = boot_system(&boot, sysroot ? sysroot : "/sysroot", &error);
	if (r >= 0)
		report_source(&boot);
	boot.report.exit_code = verb_exit_code(r);
	if (r < 0) {
		snprintf(boot.report.sentence, sizeof boot.report.sentence, "%s", error.text);
		boot_report_print(&boot.report);
	} else {
		console_say("ukiblk: archive \"%s\" on %s is the root, after %.1f s.\n", boot.report.archive, boot.report.carrier,
			boot.report.seconds);
	}
	boot_report_write(&boot.report, REPORT_PATH);
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
		{ "cmdline", "FILE", "read the command line there (default: /proc/cmdline)" },
		{ "sysroot", "DIR", "where the root is mounted (default: /sysroot)" },
	},
};
