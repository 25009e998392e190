// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "keeper/keeper.h"
#include "keeper/say.h"

/* A disk has its node a moment before it can be read: tried again after 50 ms, 100 ms, ... */
#define FIRST_PAUSE 0.05
#define LONGEST_PAUSE 1.0
#define MAX_TRIES 12
/* After these, one that bears the mark is what is waited for: something else may have to let go of it. */
#define LATER_PAUSE 5.0
/* A disk that takes longer does not answer. */
#define EXAMINE_SECONDS 60.0
/* Children at work on disks that have been there before; one that was plugged in does not wait for those. */
#define MAX_AT_WORK 16

/* Made by the kernel out of nothing, or of other devices. */
static bool is_virtual(const char *name)
{
	static const char *const starts[] = { "dm-", "loop", "ram", "zram", "md", "nbd" };

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static bool is_same(const struct uevent *a, const struct uevent *b)
{
	return a->major == b->major && a->minor == b->minor;
}

static void end_look(struct look *look)
{
	if (look->examination.pid)
		examine_abandon(&look->examination);
	*look = (struct look){ 0 };
}

static void forget(struct search *search, const struct uevent *disk)
{
	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++)
		if (*search->looks[i].disk.name && is_same(&search->looks[i].disk, disk))
			end_look(&search->looks[i]);
}

void search_remove(struct keeper *keeper, const struct uevent *disk)
{
	forget(&keeper->search, disk);
	roster_strike(&keeper->search.roster, disk->major, disk->minor);
	/* Not before the disk goes: children use it. */
	place_remove_node(disk->name);
}

/* A free place, or the one that has been taken longest. */
static struct look *find_place(struct search *search)
{
	struct look *oldest = &search->looks[0];

	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++) {
		if (!*search->looks[i].disk.name)
			return &search->looks[i];
		if (search->looks[i].seen < oldest->seen)
			oldest = &search->looks[i];
	}
	end_look(oldest);
	return oldest;
}

static void add_look(struct keeper *keeper, const struct uevent *disk)
{
	struct look *look;

	/* The old disk may still be listed. */
	if (keeper->carrier.is_there && disk->major == keeper->carrier.major && disk->minor == keeper->carrier.minor)
		return;
	roster_note(&keeper->search.roster, disk->major, disk->minor, true);
	forget(&keeper->search, disk);
	look = find_place(&keeper->search);
	*look = (struct look){ .disk = *disk, .is_new = roster_is_new(&keeper->search.roster, disk->major, disk->minor), .seen = keeper_now(),
			       .next = keeper_now() };
}

static void note_old(struct keeper *keeper, const struct uevent *disk)
{
	roster_note(&keeper->search.roster, disk->major, disk->minor, false);
}

void search_add(struct keeper *keeper, const struct uevent *disk)
{
	if (is_virtual(disk->name))
		return;
	/* A card in a reader that stays. */
	if (disk->has_new_medium)
		roster_strike(&keeper->search.roster, disk->major, disk->minor);
	if (keeper_is_looking(keeper))
		add_look(keeper, disk);
	else
		note_old(keeper, disk);
}

static void each_disk(struct keeper *keeper, void (*call)(struct keeper *keeper, const struct uevent *disk))
{
	int fd = openat(keeper->place.sys, "class/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autoclosedir DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		struct uevent disk = { .action = "add" };
		char path[300], text[32] = "";
		autoclose int dev = -1;

		snprintf(path, sizeof path, "%s/dev", entry->d_name);
		dev = *entry->d_name == '.' ? -1 : openat(dirfd(folder), path, O_RDONLY | O_CLOEXEC);
		if (dev < 0 || read(dev, text, sizeof text - 1) < 0 || sscanf(text, "%u:%u", &disk.major, &disk.minor) != 2)
			continue;
		snprintf(disk.name, sizeof disk.name, "%.63s", entry->d_name);
		if (!is_virtual(disk.name))
			call(keeper, &disk);
	}
}

void search_scan(struct keeper *keeper)
{
	each_disk(keeper, add_look);
}

void search_ask(struct keeper *keeper)
{
	keeper->search.answer = 0;
	search_scan(keeper);
}

void search_note_all(struct keeper *keeper)
{
	each_disk(keeper, note_old);
}

void search_end(struct keeper *keeper)
{
	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++)
		if (*keeper->search.looks[i].disk.name)
			end_look(&keeper->search.looks[i]);
}

bool search_is_idle(const struct keeper *keeper)
{
	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++)
		if (*keeper->search.looks[i].disk.name)
			return false;
	return true;
}

size_t search_fill(const struct keeper *keeper, struct pollfd *ret_events)
{
	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++) {
		const struct examination *examination = &keeper->search.looks[i].examination;

		ret_events[i] = (struct pollfd){ .fd = examination->pid ? examination->result : -1, .events = POLLIN };
	}
	return SEARCH_MAX_LOOKS;
}

static bool may_start(const struct search *search, const struct look *look)
{
	unsigned at_work = 0;

	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++)
		at_work += search->looks[i].examination.pid != 0;
	return look->is_new || at_work < MAX_AT_WORK;
}

/* When something is to be done about it without its saying so; 0: when another one is done. */
static double look_wake(const struct search *search, const struct look *look)
{
	if (look->examination.pid)
		return look->next + EXAMINE_SECONDS;
	return may_start(search, look) ? look->next : 0;
}

double search_wake(const struct keeper *keeper)
{
	double wake = 0;

	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++) {
		const struct look *look = &keeper->search.looks[i];
		double at = *look->disk.name ? look_wake(&keeper->search, look) : 0;

		if (at > 0 && (wake == 0 || at < wake))
			wake = at;
	}
	return wake;
}

/* Disks that were there all the time, and what is no carrier, are nobody's concern. */
static bool concerns_somebody(const struct look *look, const struct verdict *verdict)
{
	return verdict->is_marked || (look->is_new && verdict->code != -EMEDIUMTYPE && verdict->code != -ENOMEDIUM);
}

static void refuse(struct keeper *keeper, const struct look *look, const struct verdict *verdict)
{
	struct search *search = &keeper->search;

	if (!concerns_somebody(look, verdict))
		return;
	keeper_refuse(keeper, look, verdict, roster_tell(&search->roster, look->disk.major, look->disk.minor));
	if (!verdict->is_marked)
		return;
	search->answer = verdict->code == -EBUSY ? -EBUSY : -ENODEV;
	snprintf(search->sentence, sizeof search->sentence, "/dev/%s cannot be taken. %s", look->disk.name, verdict->reason);
}

/* Refused for good, or perhaps not there yet. */
static void judge(struct keeper *keeper, struct look *look, const struct verdict *verdict)
{
	bool is_final = verdict_is_final(verdict) || (verdict->code == -ENOMEDIUM && !look->is_new);
	double pause = FIRST_PAUSE * (1 << (look->tries < 5 ? look->tries : 5));

	if (!is_final && ++look->tries < MAX_TRIES) {
		say_quietly("/dev/%s is tried again: %s", look->disk.name, verdict->reason);
		look->next = keeper_now() + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
		return;
	}
	refuse(keeper, look, verdict);
	if (!is_final && verdict->is_marked && keeper->state != KEEPER_RAM)
		look->next = keeper_now() + LATER_PAUSE;
	else
		end_look(look);
}

static bool has_news(const struct examination *examination)
{
	struct pollfd event = { .fd = examination->result, .events = POLLIN };

	return poll(&event, 1, 0) > 0;
}

static void finish(struct keeper *keeper, struct look *look)
{
	struct verdict verdict;
	int mount = examine_finish(&look->examination, &verdict);

	if (mount >= 0 && keeper->state == KEEPER_RAM && !control_awaits_carrier(&keeper->control))
		close(mount);	/* who asked for it has not waited: the system stays in memory */
	else if (mount >= 0)
		keeper_take(keeper, look, &verdict, mount);
	if (verdict.code < 0)
		judge(keeper, look, &verdict);
}

static void give_up(struct keeper *keeper, struct look *look)
{
	const struct verdict verdict = { .code = -ETIMEDOUT, .reason = "It does not answer" };

	refuse(keeper, look, &verdict);
	end_look(look);
}

void search_turn(struct keeper *keeper)
{
	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++) {
		struct look *look = &keeper->search.looks[i];

		if (!*look->disk.name)
			continue;
		if (look->examination.pid && has_news(&look->examination))
			finish(keeper, look);
		else if (look->examination.pid && keeper_now() >= look_wake(&keeper->search, look))
			give_up(keeper, look);
		else if (!look->examination.pid && keeper_now() >= look->next && may_start(&keeper->search, look) &&
			 examine_start(&keeper->conf, &keeper->known, &look->disk, &look->examination) < 0)
			look->next = keeper_now() + LONGEST_PAUSE;
	}
}
