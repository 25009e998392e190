// SPDX-License-Identifier: GPL-2.0-only
/* The system's archive to memory and back; "boot" is the initrd's part. */
#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "tool/boot_words.h"
#include "tool/console.h"
#include "tool/keeper_client.h"
#include "tool/notify.h"
#include "tool/ram_job.h"
#include "tool/ram_switch.h"
#include "tool/verb.h"

#define CMDLINE_MAX_BYTES 65536u
#define STOP_SECONDS 10
#define ASK_SECONDS 3.0
#define UNIT_MAX_BYTES 65536u
#define UNIT "/ukiblk-ram.service"
#define UNIT_FOLDER "/usr/lib/systemd/system"
#define RUN_UNIT_FOLDER "/run/systemd/system"
#define NICE 19
#define IOPRIO_IDLE (3 << 13)	/* IOPRIO_CLASS_IDLE of linux/ioprio.h, which not every libc's headers have */

/* Where there is a scheduler of processors or disks it hears of it; ram/pace.h does what they do not. */
static void give_way(void)
{
	setpriority(PRIO_PROCESS, 0, NICE);
	syscall(SYS_ioprio_set, 1, 0, IOPRIO_IDLE);
}

/* A copy that a killed process left, known by the state: nobody else can give its memory back. */
static int clear_up(struct error *error)
{
	struct ram_state state;
	struct error ignored;

	ram_state_read(RAM_STATE_PATH, &state);
	if (state.phase == RAM_MEMORY)
		return fail(error, -EALREADY, "The system runs from memory already");
	if (strcmp(state.disk, ramdisk_name(RAMDISK_BRD)) == 0)
		ramdisk_free(RAMDISK_MAJOR, &ignored);
	return 0;
}

static int begin(struct ram_job *job, struct error *error)
{
	int r = ram_find_root(&job->names, error);

	if (r < 0)
		return r;
	job->lock = ram_state_lock(RAM_LOCK_PATH, error);
	if (job->lock < 0)
		return job->lock;
	r = clear_up(error);
	return r < 0 ? r : ram_job_prepare(job, error);
}

/* The last words, on the consoles and in the journal. */
static void tell_end(const struct ram_job *job, int code, const struct error *error)
{
	if (code >= 0)
		console_say("ukiblk: the system runs from memory: you may remove the disk it was started from (%.0f MB, copied in %.1f s, verified in %.1f s).\n",
			    (double)job->state.bytes / 1e6, job->state.copy_seconds, job->state.verify_seconds);
	else if (code != -EINTR)
		console_say("ukiblk: %s.\n", error->text);
	notify("STATUS=%s", code >= 0 ? "The system runs from memory; the disk may be removed" : error->text);
}

static int start(void)
{
	static struct ram_job job = RAM_JOB_NEW;
	struct error error;
	int r = begin(&job, &error);

	if (r >= 0) {
		give_way();
		r = ram_job_run(&job, &error);
	}
	r = ram_job_end(&job, r, &error);
	if (r >= 0)
		tell_end(&job, r, &error);
	verb_report(r, &error);
	return r == -EALREADY ? EXIT_DONE : verb_exit_code(r < 0 ? r : 0);	/* what was asked for is so */
}

/* So that the running system's systemd knows the service that came over to it. */
static void leave_unit(void)
{
	autofree char *text = NULL;
	size_t length;
	autoclose int fd = -1;

	if (io_read_file(UNIT_FOLDER UNIT, UNIT_MAX_BYTES, &text, &length) < 0)
		return;
	fd = open(RUN_UNIT_FOLDER UNIT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0)
		io_write_at(fd, text, length, 0);
}

static int wait_for_switch(struct ram_job *job, struct ram_switch *handles, struct error *error)
{
	int r;

	job->state.phase = RAM_WAITING;
	ram_state_write(&job->state, RAM_STATE_PATH);
	notify("READY=1\nSTATUS=waiting for the running system");
	r = ram_switch_wait(handles, error);
	job->state.switched = clock_seconds(CLOCK_BOOTTIME);
	return r;
}

/* Under systemd the service's process is this one; else the initrd goes on without it. True: this is the one to go on. */
static bool go_to_background(void)
{
	pid_t child;

	if (notify_is_wanted())
		return true;
	child = fork();
	if (child == 0)
		setsid();
	return child <= 0;
}

static int run_boot(struct ram_job *job, enum ram_mode mode, struct error *error)
{
	struct ram_switch handles;
	bool waits = mode != RAM_BEFORE && ram_switch_is_ahead();
	int r;

	job->comes_first = mode == RAM_BEFORE;
	leave_unit();
	r = waits ? ram_switch_prepare(&handles, error) : 0;
	if (r >= 0)
		r = begin(job, error);
	if (r >= 0 && waits)
		r = wait_for_switch(job, &handles, error);
	if (r < 0)
		return r;
	if (mode != RAM_BEFORE) {
		give_way();
		console_say("ukiblk: copying the archive to memory (%.0f MB). Leave its disk plugged in.\n", (double)job->state.bytes / 1e6);
	}
	return ram_job_run(job, error);
}

static int run_service(const char *path)
{
	static struct ram_job job = RAM_JOB_NEW;
	autofree char *cmdline = NULL;
	struct boot_words words;
	struct error error;
	int r = io_read_file(path, CMDLINE_MAX_BYTES, &cmdline, NULL);

	if (r < 0)
		return verb_report(fail(&error, r, "Cannot read %s: %s", path, strerror(-r)), &error);
	r = boot_parse_words(cmdline, &words, &error);
	if (r < 0)
		return verb_report(r, &error);
	if (!words.is_ours || words.ram == RAM_NO)
		return EXIT_DONE;
	if (words.ram != RAM_BEFORE && !go_to_background())
		return EXIT_DONE;
	r = run_boot(&job, words.ram, &error);
	r = ram_job_end(&job, r, &error);
	if (r == -ENOMEM && words.ram == RAM_AUTO) {
		fprintf(stderr, "ukiblk: %s.\n", error.text);
		return EXIT_DONE;
	}
	tell_end(&job, r, &error);
	return r == -EINTR ? EXIT_DONE : verb_exit_code(r < 0 ? r : 0);
}

/* A service that ends well must have been ready, or systemd takes it for one that failed. */
static int boot(const char *path)
{
	int code = run_service(path);

	if (code == EXIT_DONE)
		notify("READY=1");
	return code;
}

/* Ends the copying process, which gives its memory back. */
static int stop_copy(pid_t owner, struct error *error)
{
	double end = clock_seconds(CLOCK_MONOTONIC) + STOP_SECONDS;

	if (kill(owner, SIGTERM) < 0 && errno != ESRCH)
		return fail(error, -errno, "Cannot stop process %d: %s", (int)owner, strerror(errno));
	while (ram_state_owner(RAM_LOCK_PATH) == owner) {
		if (clock_seconds(CLOCK_MONOTONIC) > end)
			return fail(error, -EBUSY, "Process %d waits for the disk and will stop when that answers", (int)owner);
		usleep(50000);
	}
	return 0;
}

static int stop(void)
{
	pid_t owner = ram_state_owner(RAM_LOCK_PATH);
	struct error error;

	return verb_report(owner > 0 ? stop_copy(owner, &error) : ram_job_undo(&error), &error);
}

static bool disk_is_gone(void)
{
	struct keeper_reply reply;
	struct error ignored;
	char state[16];

	return keeper_ask(KEEPER_REQUEST_STATUS, ASK_SECONDS, &reply, &ignored) >= 0 &&
	       keeper_reply_value(&reply, "state", state, sizeof state) && strcmp(state, "gone") == 0;
}

static void print_status(const struct ram_state *state)
{
	int percent = ram_state_percent(state);

	printf("state: %s\n", ram_phase_name(state->phase));
	if (percent >= 0)
		printf("percent: %d\n", percent);
	if (state->bytes > 0)
		printf("size: %llu bytes\n", (unsigned long long)state->bytes);
	if (*state->disk)
		printf("disk: %s\n", state->disk);
	if (state->phase == RAM_COPYING && disk_is_gone())
		printf("The disk is gone: the copy goes on when it is back.\n");
	if (state->phase == RAM_MEMORY)
		printf("copy: %.3f s\nverify: %.3f s\nswap: %.3f s\nYou may remove the disk the system was started from.\n", state->copy_seconds,
		       state->verify_seconds, state->swap_seconds);
	if (*state->sentence)
		printf("%s.\n", state->sentence);
}

static int status(bool as_json)
{
	struct ram_state state;
	struct error error;

	ram_state_read(RAM_STATE_PATH, &state);
	if (state.phase >= RAM_WAITING && state.phase <= RAM_VERIFYING && ram_state_owner(RAM_LOCK_PATH) == 0) {
		state.phase = RAM_FAILED;
		state.exit_code = EXIT_FAILED;
		snprintf(state.sentence, sizeof state.sentence, "The process that copied was killed");
	}
	if (as_json)
		return verb_report(json_print(ram_state_json(&state), &error), &error);
	print_status(&state);
	return EXIT_DONE;
}

static int run(const struct verb_call *call)
{
	const char *action = call->arguments[0], *path = verb_value(call, "cmdline");

	if (strcmp(action, "start") == 0)
		return start();
	if (strcmp(action, "stop") == 0)
		return stop();
	if (strcmp(action, "status") == 0)
		return status(verb_flag(call, "json"));
	if (strcmp(action, "boot") == 0)
		return boot(path ? path : "/proc/cmdline");
	return verb_usage_error(call, "\"%s\" is none of start, stop, status, boot", action);
}

const struct verb verb_ram = {
	.name = "ram",
	.arguments = "start|stop|status|boot",
	.summary = "Copy the running system's archive to memory, so that its disk may be removed",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
	.options = {
		{ "cmdline", "FILE", "boot: read the command line there (default: /proc/cmdline)" },
		{ "json", NULL, "status: print JSON" },
	},
};
