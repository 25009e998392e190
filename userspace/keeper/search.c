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
/* A disk that takes longer does not answer. */
#define EXAMINE_SECONDS 60.0

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

void search_add(struct keeper *keeper, const struct uevent *disk, bool was_plugged)
{
	struct look *look;

	/* The old disk may still be listed. */
	if (is_virtual(disk->name) ||
	    (keeper->carrier.is_there && disk->major == keeper->carrier.major && disk->minor == keeper->carrier.minor))
		return;
	forget(&keeper->search, disk);
	look = find_place(&keeper->search);
	*look = (struct look){ .disk = *disk, .was_plugged = was_plugged, .seen = keeper_now(), .next = keeper_now() };
}

void search_scan(struct keeper *keeper, bool was_plugged)
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
		search_add(keeper, &disk, was_plugged);
	}
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

/* When something is to be done about it without its saying so. */
static double look_wake(const struct look *look)
{
	return look->examination.pid ? look->next + EXAMINE_SECONDS : look->next;
}

double search_wake(const struct keeper *keeper)
{
	double wake = 0;

	for (size_t i = 0; i < SEARCH_MAX_LOOKS; i++) {
		const struct look *look = &keeper->search.looks[i];

		if (*look->disk.name && (wake == 0 || look_wake(look) < wake))
			wake = look_wake(look);
	}
	return wake;
}

/* Refused for good, or perhaps not there yet. */
static void judge(struct keeper *keeper, struct look *look, const struct verdict *verdict)
{
	bool is_final = verdict->code == -EKEYREJECTED || verdict->code == -EXDEV || verdict->code == -EMEDIUMTYPE;
	double pause = FIRST_PAUSE * (1 << (look->tries < 5 ? look->tries : 5));

	if (!is_final && ++look->tries < MAX_TRIES) {
		say_quietly("/dev/%s is tried again: %s", look->disk.name, verdict->reason);
		look->next = keeper_now() + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
		return;
	}
	/* Disks that were there all the time, and what is no carrier, are nobody's concern. */
	if (look->was_plugged && verdict->code != -EMEDIUMTYPE && verdict->code != -ENOMEDIUM)
		keeper_refuse(keeper, look, verdict);
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
	else
		search_end(keeper);
}

static void give_up(struct keeper *keeper, struct look *look)
{
	const struct verdict verdict = { .code = -EKEYREJECTED, .reason = "It does not answer" };

	keeper_refuse(keeper, look, &verdict);
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
		else if (look->examination.pid && keeper_now() >= look_wake(look))
			give_up(keeper, look);
		else if (!look->examination.pid && keeper_now() >= look->next &&
			 examine_start(&keeper->conf, &keeper->known, &look->disk, &look->examination) < 0)
			look->next = keeper_now() + LONGEST_PAUSE;
	}
}
