// SPDX-License-Identifier: GPL-2.0-only
/* What happens to the archive's device: its disk is lost, comes back, or is not needed any more. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "keeper/keeper.h"
#include "keeper/say.h"

#define MODULE "ukiblk"
#define WORD_SECONDS 10.0	/* between two lines while reads wait */
#define LATER_WORD_SECONDS 60.0	/* after the first two minutes */
#define LATER 120.0

double keeper_now(void)
{
	return clock_seconds(CLOCK_BOOTTIME);
}

/* Of the target's status (kmod/README.md): files, extents, errors, state, waiting, lost. */
static bool read_status(struct keeper *keeper, char ret_state[static 16], unsigned *ret_waiting)
{
	struct dm_answer answer;

	return dm_status(&keeper->dm, keeper->conf.device, &answer) == 0 && strcmp(answer.type, MODULE) == 0 &&
	       sscanf(answer.params, "%*u %*u %*d %15s %u", ret_state, ret_waiting) == 2;
}

unsigned keeper_waiting(struct keeper *keeper)
{
	unsigned waiting = 0;
	char state[16];

	return read_status(keeper, state, &waiting) ? waiting : 0;
}

static unsigned seconds_left(const struct keeper *keeper)
{
	double left = keeper->hold_end - keeper_now();

	return left > 0 ? (unsigned)(left + 0.5) : 0;
}

static void say_lost(const struct keeper *keeper)
{
	if (keeper->conf.hold_seconds)
		say("The disk of the system (/dev/%s) is gone. Plug it in again: what needs it waits for up to %u s.", keeper->carrier.name,
		    keeper->conf.hold_seconds);
	else
		say("The disk of the system (/dev/%s) is gone: what needs it fails until it is plugged in again.", keeper->carrier.name);
}

void keeper_lose(struct keeper *keeper)
{
	keeper->state = KEEPER_GONE;
	keeper->gone_since = keeper_now();
	keeper->hold_end = keeper->next_word = 0;
	keeper->pulls++;
	*keeper->refused = '\0';
	say_lost(keeper);
	search_scan(keeper);
}

bool keeper_is_looking(const struct keeper *keeper)
{
	return keeper->state == KEEPER_GONE || keeper->state == KEEPER_FAILED || control_awaits_carrier(&keeper->control);
}

static void start_clock(struct keeper *keeper)
{
	keeper->hold_end = keeper_now() + keeper->conf.hold_seconds;
	keeper->next_word = keeper_now() + WORD_SECONDS;
}

static void fail_reads(struct keeper *keeper)
{
	keeper->state = KEEPER_FAILED;
	keeper->hold_end = keeper->next_word = 0;
	if (keeper->conf.hold_seconds)
		say("The disk of the system did not return within %u s: what needs it fails now. It is still taken when it is plugged in.",
		    keeper->conf.hold_seconds);
}

void keeper_ask_kernel(struct keeper *keeper)
{
	unsigned waiting;
	char state[16];

	if (keeper->state == KEEPER_RAM || !read_status(keeper, state, &waiting))
		return;
	if (strcmp(state, "live") != 0 && keeper->state == KEEPER_KEPT)
		keeper_lose(keeper);
	if (strcmp(state, "gone") == 0 && keeper->hold_end == 0)
		start_clock(keeper);
	if (strcmp(state, "failed") == 0 && keeper->state == KEEPER_GONE)
		fail_reads(keeper);
}

void keeper_say_waiting(struct keeper *keeper)
{
	bool is_early = keeper_now() - keeper->gone_since < LATER;

	keeper->next_word = keeper_now() + (is_early ? WORD_SECONDS : LATER_WORD_SECONDS);
	say("Waiting for the disk of the system, %u s left; waiting reads: %u.", seconds_left(keeper), keeper_waiting(keeper));
}

void keeper_refuse(struct keeper *keeper, const struct look *look, const struct verdict *verdict, bool is_first)
{
	snprintf(keeper->refused, sizeof keeper->refused, "/dev/%s: %s", look->disk.name, verdict->reason);
	if (!is_first)
		return;
	say("/dev/%s %s the disk of the system. %s.%s", look->disk.name, verdict_is_final(verdict) ? "is not" : "cannot be taken as",
	    verdict->reason, keeper->state == KEEPER_RAM ? "" : " The one that was pulled is still waited for.");
}

/* The new table first, so that nothing changes when the kernel refuses it. */
static int swap_table(struct keeper *keeper, const char *type, const char *params, struct error *error)
{
	const char *device = keeper->conf.device;
	double begin = keeper_now();
	int r = dm_load(&keeper->dm, device, keeper->conf.sectors, type, params);

	if (r < 0)
		return fail(error, r, "The kernel refuses the new table: %s", strerror(-r));
	r = dm_suspend(&keeper->dm, device);
	if (r < 0) {
		dm_clear(&keeper->dm, device);
		return fail(error, r, "The archive's device cannot be suspended: %s", strerror(-r));
	}
	r = dm_resume(&keeper->dm, device);
	if (r < 0) {
		dm_resume(&keeper->dm, device);	/* the new table is gone by now: with the old one */
		return fail(error, r, "The archive's device cannot take the new table: %s", strerror(-r));
	}
	keeper->reload_ms = (unsigned)((keeper_now() - begin) * 1000);
	return 0;
}

int keeper_begin_hold(struct keeper *keeper, struct error *error)
{
	return swap_table(keeper, MODULE, keeper->table, error);
}

static void say_returned(const struct keeper *keeper, unsigned waited)
{
	if (keeper->state == KEEPER_RAM)
		say("The system runs from its disk again (/dev/%s): do not pull it.", keeper->carrier.name);
	else
		say("The disk of the system is back as /dev/%s after %.1f s; waiting reads: %u.", keeper->carrier.name,
		    keeper_now() - keeper->gone_since, waited);
	say_quietly("mounted in %u ms, checked in %u ms, table changed in %u ms, %u ms since it was seen", keeper->mount_ms, keeper->check_ms,
		    keeper->reload_ms, keeper->total_ms);
}

/* By the handle of /run. */
static void write_carrier(const struct keeper *keeper)
{
	static const char path[] = KEEPER_CARRIER_PATH, new[] = KEEPER_CARRIER_PATH ".new";
	const size_t run = strlen("/run/");
	int fd = openat(keeper->place.run, new + run, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && dprintf(fd, "%u:%u %s\n", keeper->carrier.major, keeper->carrier.minor, keeper->carrier.name) > 0;

	close(fd);
	if (!good || renameat(keeper->place.run, new + run, keeper->place.run, path + run) < 0)
		say_quietly("%s cannot be written: a keeper after this one will look for the disk", path);
}

static void set_carrier(struct keeper *keeper, const struct uevent *disk)
{
	keeper->carrier = (struct keeper_disk){ .major = disk->major, .minor = disk->minor, .is_there = true };
	snprintf(keeper->carrier.name, sizeof keeper->carrier.name, "%s", disk->name);
	write_carrier(keeper);
}

void keeper_take(struct keeper *keeper, const struct look *look, struct verdict *verdict, int mount)
{
	unsigned waited = keeper_waiting(keeper);
	struct mounts_places places;
	struct error error;

	if (keeper->state != KEEPER_RAM)
		mounts_list(keeper->place.proc, keeper->carrier.major, keeper->carrier.minor, &places);
	/* None: pulled again before it was mounted where it belongs. */
	if (keeper->state != KEEPER_RAM && places.count > 0)
		keeper->places = places;
	/* In memory, and by another keeper before this one. */
	if (keeper->state == KEEPER_RAM && keeper->places.count == 0)
		snprintf(keeper->places.at[keeper->places.count++], MOUNTS_PLACE_BYTES, PLACE_CARRIER);
	place_follow(&keeper->place);
	verdict->code = mounts_put(mount, &error);
	close(mount);
	if (verdict->code >= 0)
		verdict->code = swap_table(keeper, MODULE, keeper->table, &error);
	/* The table holds its files, and they hold their filesystem. */
	mounts_take_away();
	if (verdict->code < 0) {
		snprintf(verdict->reason, sizeof verdict->reason, "%s", error.text);
		return;
	}
	keeper->mount_ms = verdict->mount_ms;
	keeper->check_ms = verdict->check_ms;
	keeper->total_ms = (unsigned)((keeper_now() - look->seen) * 1000);
	keeper->former = keeper->carrier;
	set_carrier(keeper, &look->disk);
	mounts_replace(keeper->place.proc, &keeper->places, keeper->conf.filesystem, &look->disk);
	say_returned(keeper, waited);
	keeper->state = KEEPER_KEPT;
	keeper->hold_end = keeper->next_word = 0;
	control_finish(&keeper->control, 0, "");
	search_end(keeper);
	roster_settle(&keeper->search.roster);
	/* It may be gone again. */
	keeper_ask_kernel(keeper);
}

void keeper_mend_mounts(struct keeper *keeper)
{
	struct uevent disk = { .major = keeper->carrier.major, .minor = keeper->carrier.minor };
	struct mounts_places dead, there;

	if (keeper->state != KEEPER_KEPT || keeper->places.count == 0)
		return;
	snprintf(disk.name, sizeof disk.name, "%s", keeper->carrier.name);
	mounts_list(keeper->place.proc, keeper->former.major, keeper->former.minor, &dead);
	mounts_replace(keeper->place.proc, &dead, keeper->conf.filesystem, &disk);
	mounts_list(keeper->place.proc, disk.major, disk.minor, &there);
	for (size_t i = 0; i < dead.count && there.count < MOUNTS_MAX_PLACES; i++)
		snprintf(there.at[there.count++], MOUNTS_PLACE_BYTES, "%s", dead.at[i]);
	mounts_find_missing(&keeper->places, &there);
	mounts_add(keeper->place.proc, &keeper->places, keeper->conf.filesystem, &disk);
}

int keeper_go_to_ram(struct keeper *keeper, unsigned major, unsigned minor, struct error *error)
{
	char params[32];
	int r;

	snprintf(params, sizeof params, "%u:%u 0", major, minor);
	r = swap_table(keeper, "linear", params, error);
	if (r < 0)
		return r;
	search_end(keeper);
	if (keeper->state != KEEPER_RAM) {
		mounts_list(keeper->place.proc, keeper->carrier.major, keeper->carrier.minor, &keeper->places);
		mounts_replace(keeper->place.proc, &keeper->places, NULL, NULL);
	}
	keeper->state = KEEPER_RAM;
	keeper->carrier = (struct keeper_disk){ .name = "" };
	keeper->hold_end = keeper->next_word = 0;
	say_quietly("the archive is in memory (%u:%u): its disk is not needed any more", major, minor);
	return 0;
}
