// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_search.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "mount/mount.h"
#include "mount/root.h"
#include "tool/boot_page.h"
#include "tool/console.h"

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
#define SAY_FIRST_SECONDS 5.0	/* of a phase: what is quicker needs no words */
#define SAY_EVERY_SECONDS 10.0

static void queue_present(void *context, const struct carrier_device *device)
{
	struct boot *boot = context;

	carrier_queue_add(&boot->queue, device, boot_times_now(), false);
}

static void take_event(struct boot *boot, struct device_watch *watch)
{
	struct carrier_device device;

	switch (device_watch_next(watch, &device)) {
	case DEVICE_CARRIER:
		if (boot_times_now() < boot->deadline)
			carrier_queue_add(&boot->queue, &device, boot_times_now(), true);
		break;
	case DEVICE_GONE:
		carrier_queue_remove(&boot->queue, device.node);
		break;
	case DEVICE_NOTHING:
		break;
	}
}

static void prepare_examination(struct boot *boot, struct boot_look *look)
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

static void add_finding(struct boot *boot, const struct boot_look *look, int code, const char *sentence)
{
	struct boot_finding finding = { .code = code };

	snprintf(finding.device, sizeof finding.device, "%s", look->examination.device.node);
	snprintf(finding.sentence, sizeof finding.sentence, "%s", sentence);
	boot_report_add(&boot->report, &finding);
}

/* A free place; NULL when all are taken. */
static struct boot_look *free_look(struct boot *boot)
{
	for (size_t i = 0; i < BOOT_MAX_LOOKS; i++)
		if (boot->looks[i].pid == 0)
			return &boot->looks[i];
	return NULL;
}

static bool is_looking(const struct boot *boot)
{
	for (size_t i = 0; i < BOOT_MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0)
			return true;
	return false;
}

static void start_examination(struct boot *boot)
{
	struct boot_look *look = free_look(boot);

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
	look->start = boot_times_now();
	look->is_right_one = false;
	memset(look->entered, 0, sizeof look->entered);
	boot->newest = look;
}

/*
 * The mounts of a child that was killed. To mount anything over the root folder of a filesystem in which it still
 * waits for a dead disk would wait as well: they go before somebody else needs the place.
 */
static void hide_mounts(const struct boot_look *look)
{
	mount_abandon(look->examination.lower);
	mount_abandon(look->examination.carrier);
}

/* The next device need not wait for this one any longer. */
static void leave_behind(struct boot *boot, const struct boot_look *look)
{
	boot->number++;
	if (boot->newest == look)
		boot->newest = NULL;
}

static void end_examination(struct boot *boot, struct boot_look *look)
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
	} else if (boot->taken != look && !boot_report_has_device(&boot->report, look->examination.device.node)) {
		add_finding(boot, look, -ENOENT, "No archive in the folders /, /EFI/Linux, /EFI/BOOT and /ukiblk");
	}
	if (boot->newest == look)
		boot->newest = NULL;
}

/* A slow disk may take its time as long as nothing else could be done, or when it holds the right archive. */
static double look_end(const struct boot *boot, const struct boot_look *look)
{
	bool awaited = look == boot->newest && boot->queue.count > 0;
	double end = look->start + (look->is_right_one && !awaited ? ATTACH_SECONDS : EXAMINE_SECONDS);

	return !awaited && end < boot->deadline ? boot->deadline : end;
}

/* Its kernel side may never end, so nobody waits for it. */
static void kill_examination(struct boot *boot, struct boot_look *look)
{
	kill(look->pid, SIGKILL);
	close(look->pipe);
	look->pid = 0;
	hide_mounts(look);
	leave_behind(boot, look);
}

static void end_patience(struct boot *boot, struct boot_look *look)
{
	char sentence[96];

	carrier_queue_note_slow(&boot->queue, look->examination.device.disk);
	if (look == boot->newest && look->is_right_one && free_look(boot)) {
		leave_behind(boot, look);
		return;
	}
	kill_examination(boot, look);
	snprintf(sentence, sizeof sentence, "It does not answer; it was given up after %.0f seconds", boot_times_now() - look->start);
	add_finding(boot, look, -ETIMEDOUT, sentence);
}

/* The right one goes on; a person hears of it when it takes long. */
static void enter_phase(struct boot *boot, struct boot_look *look, const struct boot_finding *finding)
{
	look->is_right_one = true;
	look->phase = finding->phase;
	look->entered[finding->phase] = finding->at;
	snprintf(look->object, sizeof look->object, "%s", finding->object);
	boot->next_say = boot_times_now() + SAY_FIRST_SECONDS;
}

static void take(struct boot *boot, struct boot_look *look, const struct boot_finding *finding)
{
	boot->taken = look;
	snprintf(boot->report.carrier, sizeof boot->report.carrier, "%s", finding->device);
	snprintf(boot->report.archive, sizeof boot->report.archive, "%.63s", finding->sentence);
	for (int phase = BOOT_MAP; phase < BOOT_PHASES; phase++)
		boot_times_enter(&boot->report.times, phase, look->entered[phase]);
	for (size_t i = 0; i < BOOT_MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0 && &boot->looks[i] != look)
			kill_examination(boot, &boot->looks[i]);
}

static void take_finding(struct boot *boot, struct boot_look *look)
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
static const struct boot_look *shown_look(const struct boot *boot)
{
	for (size_t i = 0; i < BOOT_MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0 && boot->looks[i].is_right_one)
			return &boot->looks[i];
	return boot->newest;
}

static void say_status(struct boot *boot)
{
	const struct boot_look *look = shown_look(boot);
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

	for (size_t i = 0; i < BOOT_MAX_LOOKS; i++)
		if (boot->looks[i].pid != 0 && look_end(boot, &boot->looks[i]) < wake)
			wake = look_end(boot, &boot->looks[i]);
	return wake;
}

static void attend(struct boot *boot, struct boot_look *look, bool has_news)
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
	struct pollfd events[1 + BOOT_MAX_LOOKS] = { { .fd = device_watch_fd(watch), .events = POLLIN } };
	double left = next_wake(boot) - boot_times_now();

	for (size_t i = 0; i < BOOT_MAX_LOOKS; i++)
		events[1 + i] = (struct pollfd){ .fd = boot->looks[i].pid ? boot->looks[i].pipe : -1, .events = POLLIN };
	if (poll(events, 1 + BOOT_MAX_LOOKS, left > 0 ? (int)(left * 1000) + 1 : 0) < 0 && errno != EINTR)
		return -errno;
	if (io_interrupted)
		return -EINTR;
	if (events[0].revents)
		take_event(boot, watch);
	for (size_t i = 0; i < BOOT_MAX_LOOKS; i++)
		attend(boot, &boot->looks[i], events[1 + i].revents);
	if (!boot->taken && boot_times_now() >= boot->next_say)
		say_status(boot);
	return 0;
}

static int wait_for_archive(struct boot *boot, struct device_watch *watch, struct error *error)
{
	/* What came before the deadline is looked at, however long those before it took: each is bounded itself. */
	while (!(boot->taken && boot->taken->pid == 0) && (is_looking(boot) || boot->queue.count > 0 || boot_times_now() < boot->deadline)) {
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

int boot_search(struct boot *boot, struct error *error)
{
	struct device_watch *watch;
	int r = device_watch_open(&watch, error);

	if (r < 0)
		return r;
	boot->deadline = boot_times_now() + boot->words.timeout_seconds;
	boot->next_say = boot_times_now() + SAY_FIRST_SECONDS;
	r = device_watch_list(watch, queue_present, boot, error);
	if (r >= 0)
		r = wait_for_archive(boot, watch, error);
	device_watch_close(watch);
	return r;
}
