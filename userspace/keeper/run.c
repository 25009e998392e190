// SPDX-License-Identifier: GPL-2.0-only
/* The verb "run": from the start to the loop over the kernel's events. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "keeper/keeper.h"
#include "keeper/say.h"

#define OWN_FDS 3
#define ROOT_SECONDS 0.5	/* after the last of many mounts; who switches the root mounts before */

static struct keeper keeper;	/* large: not on the stack */

/* The service manager's socket (sd_notify(3)), while there is a path to it; -1: nobody wants to know. */
static int open_notify(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path ? strlen(path) : 0;
	int fd;

	if (length == 0 || length >= sizeof address.sun_path || (*path != '/' && *path != '@'))
		return -1;
	memcpy(address.sun_path, path, length);
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int read_conf(struct keeper *k, struct error *error)
{
	autofree char *text = NULL;
	struct error reason;
	int r = io_read_file(KEEPER_CONF_PATH, KEEPER_CONF_MAX_BYTES, &text, NULL);

	if (r < 0)
		return fail(error, r, "Cannot read %s: %s", KEEPER_CONF_PATH, strerror(-r));
	r = keeper_conf_parse(text, &k->conf, &reason);
	if (r < 0)
		return fail(error, r, "%s is damaged. %s", KEEPER_CONF_PATH, reason.text);
	k->table = keeper_conf_table(&k->conf, PLACE_CARRIER, k->conf.hold_seconds);
	return k->table ? 0 : fail(error, -ENOMEM, "Out of memory");
}

static int open_kernel(struct keeper *k, struct error *error)
{
	int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC), r;

	if (control < 0)
		return fail(error, -errno, "Device-mapper cannot be used: %s", strerror(errno));
	/* A table may name the carrier by a longer path (a second search at boot). */
	r = dm_init(&k->dm, control, strlen(k->table) + 64 + 16 * k->conf.count);
	if (r >= 0)
		r = k->uevents = uevent_open();
	return r < 0 ? fail(error, r, "Cannot listen to the kernel's events: %s", strerror(-r)) : 0;
}

/* The name behind a link like /sys/dev/block/8:1. */
static bool find_name(const struct place *place, const struct keeper_disk *disk, char *ret, size_t size)
{
	char path[64], target[512];
	const char *name;
	ssize_t n;

	snprintf(path, sizeof path, "dev/block/%u:%u", disk->major, disk->minor);
	n = readlinkat(place->sys, path, target, sizeof target - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	name = strrchr(target, '/');
	snprintf(ret, size, "%s", name ? name + 1 : target);
	return true;
}

/*
 * What a keeper before this one has left, else the device of the mount that was made at boot. The table holds its files,
 * and so the device's number: no other disk has it, also when this one is gone.
 */
static void find_carrier(struct keeper *k)
{
	autofclose FILE *file = fopen(KEEPER_CARRIER_PATH, "re");
	struct stat st;

	snprintf(k->carrier.name, sizeof k->carrier.name, "%s", k->conf.carrier + strlen("/dev/"));
	if (!file || fscanf(file, "%u:%u %63s", &k->carrier.major, &k->carrier.minor, k->carrier.name) != 3) {
		if (stat(PLACE_CARRIER, &st) < 0 || major(st.st_dev) == 0)
			return;
		k->carrier.major = major(st.st_dev);
		k->carrier.minor = minor(st.st_dev);
	}
	k->carrier.is_there = find_name(&k->place, &k->carrier, k->carrier.name, sizeof k->carrier.name);
}

static int take_known(struct keeper *k, const struct dm_answer *device, struct error *error)
{
	char node[96], fsid[FSID_TEXT_BYTES];
	autoclose int carrier = open(PLACE_CARRIER, O_RDONLY | O_DIRECTORY | O_CLOEXEC), archive = -1, disk = -1;
	int r;

	snprintf(node, sizeof node, "/dev/dm-%u", device->minor);
	archive = open(node, O_RDONLY | O_DIRECT | O_CLOEXEC);
	snprintf(node, sizeof node, "/dev/%s", k->carrier.name);
	disk = open(node, O_RDONLY | O_CLOEXEC);
	if (carrier < 0 || archive < 0 || disk < 0)
		return fail(error, -errno, "The archive and its disk cannot be opened: %s", strerror(errno));
	r = known_read_fsid(disk, fsid);
	if (r < 0)
		return fail(error, r, "The filesystem of /dev/%s cannot be told: %s", k->carrier.name, strerror(-r));
	r = known_take(&k->conf, archive, carrier, fsid, KEEPER_KNOWN_PATH, error);
	if (r < 0)
		return r;
	r = known_open(&k->conf, KEEPER_KNOWN_PATH, &k->known);
	return r < 0 ? fail(error, r, "%s cannot be read: %s", KEEPER_KNOWN_PATH, strerror(-r)) : 0;
}

/*
 * A keeper before this one may have died while it changed the table. Suspended, nobody could read: it is resumed with the table that was
 * loaded, if that was; a table that was loaded for nothing only keeps its devices.
 */
static int find_table(struct keeper *k, struct dm_answer *ret)
{
	const char *device = k->conf.device;
	int r = dm_table(&k->dm, device, ret);

	if (r >= 0)
		r = ret->suspended ? dm_resume(&k->dm, device) : dm_clear(&k->dm, device);
	return r < 0 ? r : dm_table(&k->dm, device, ret);
}

/* What there is already, from a keeper before this one or from none. */
static int take_over(struct keeper *k, struct error *error)
{
	struct dm_answer device;
	bool has_hold, is_successor;
	int r = find_table(k, &device);

	if (r < 0 || device.rows != 1)
		return fail(error, r < 0 ? r : -EINVAL, "The device %s has no table that could be kept", k->conf.device);
	k->state = strcmp(device.type, "linear") == 0 ? KEEPER_RAM : KEEPER_KEPT;
	has_hold = strstr(device.params, " hold ");
	if (k->state == KEEPER_KEPT)
		find_carrier(k);
	is_successor = known_open(&k->conf, KEEPER_KNOWN_PATH, &k->known) == 0;
	if (!is_successor)
		r = take_known(k, &device, error);
	if (r >= 0 && k->state == KEEPER_KEPT && !has_hold && k->conf.hold_seconds)
		r = keeper_begin_hold(k, error);
	if (r >= 0 && is_successor && k->state == KEEPER_KEPT)
		say("A new keeper watches over the disk of the system. While there was none, a disk that returned was not attached.");
	/* Without hold it still attaches what returns. */
	if (r < 0 && is_successor)
		say("Reads will not wait for the disk of the system. %s.", error->text);
	return is_successor ? 0 : r;
}

/* A disk that was pulled or came back while there was no keeper. */
static void catch_up(struct keeper *k)
{
	dm_arm(&k->dm);
	search_note_all(k);
	keeper_ask_kernel(k);
	if (k->state == KEEPER_KEPT && !k->carrier.is_there)
		keeper_lose(k);
}

static int start(struct keeper *k, struct error *error)
{
	int r = place_open(&k->place, error);

	if (r < 0)
		return r;
	say_open(&k->place);
	r = read_conf(k, error);
	if (r >= 0)
		r = open_kernel(k, error);
	if (r >= 0)
		r = take_over(k, error);
	if (r >= 0)
		r = control_open(&k->control, error);
	if (r >= 0)
		r = place_lock_memory(error);
	if (r >= 0)
		r = place_enter(&k->place, error);
	return r;
}

static void lose_carrier(struct keeper *k)
{
	k->carrier.is_there = false;
	if (k->state == KEEPER_KEPT)
		keeper_lose(k);
}

static void take_event(struct keeper *k, const struct uevent *event)
{
	bool is_carrier = k->carrier.is_there && event->major == k->carrier.major && event->minor == k->carrier.minor;

	if (strcmp(event->action, "remove") == 0) {
		search_remove(k, event);
		if (is_carrier)
			lose_carrier(k);
		return;
	}
	search_add(k, event);
}

/* Events were lost: the keeper looks for itself. */
static void catch_lost_events(struct keeper *k)
{
	char name[sizeof k->carrier.name];

	if (k->carrier.is_there && !find_name(&k->place, &k->carrier, name, sizeof name))
		lose_carrier(k);
	if (keeper_is_looking(k))
		search_scan(k);
	else
		search_note_all(k);
}

static void take_events(struct keeper *k)
{
	struct uevent event;
	int r;

	while ((r = uevent_read(k->uevents, &event)) >= 0 || r == -ENOBUFS || r == -EINTR) {
		if (r > 0)
			take_event(k, &event);
		if (r == -ENOBUFS)
			catch_lost_events(k);
	}
}

/* Milliseconds until something is to be done without an event; -1: for ever. */
static int pause_milliseconds(const struct keeper *k)
{
	double wake = search_wake(k), left;

	if (k->look_at_root > 0 && (wake == 0 || k->look_at_root < wake))
		wake = k->look_at_root;
	if (k->next_word > 0 && (wake == 0 || k->next_word < wake))
		wake = k->next_word;
	if (k->exit.at > 0 && (wake == 0 || k->exit.at < wake))
		wake = k->exit.at;
	left = wake - keeper_now();
	return wake == 0 ? -1 : left <= 0 ? 0 : left > 3600 ? 3600000 : (int)(left * 1000) + 1;
}

static void follow_root(struct keeper *k)
{
	k->look_at_root = 0;
	if (place_follow(&k->place))
		keeper_mend_mounts(k);
}

static void finish_asking(struct keeper *k)
{
	if (k->search.answer < 0)
		control_finish(&k->control, k->search.answer, k->search.sentence);
	else
		control_finish(&k->control, -ENODEV, "The disk of the system is not there");
}

static void turn(struct keeper *k)
{
	struct pollfd events[OWN_FDS + CONTROL_FDS + SEARCH_MAX_LOOKS] = {
		{ .fd = k->dm.control, .events = POLLIN }, { .fd = k->uevents, .events = POLLIN }, { .fd = k->place.mounts, .events = POLLPRI },
	};
	size_t count = OWN_FDS + CONTROL_FDS;

	control_fill(&k->control, events + OWN_FDS);
	count += search_fill(k, events + count);
	if (poll(events, count, pause_milliseconds(k)) < 0)
		return;
	if (events[0].revents) {
		dm_arm(&k->dm);
		keeper_ask_kernel(k);
	}
	if (events[1].revents)
		take_events(k);
	if (events[2].revents)
		k->look_at_root = keeper_now() + ROOT_SECONDS;
	if (k->look_at_root > 0 && keeper_now() >= k->look_at_root)
		follow_root(k);
	search_turn(k);
	if (k->next_word > 0 && keeper_now() >= k->next_word)
		keeper_say_waiting(k);
	control_turn(k, events + OWN_FDS);
	exit_turn(k);
	if (control_awaits_carrier(&k->control) && search_is_idle(k))
		finish_asking(k);
	/* Who asked does not wait any more. */
	if (k->state == KEEPER_RAM && !control_awaits_carrier(&k->control))
		search_end(k);
}

int keeper_run(int argc, char **argv)
{
	int notify = open_notify();
	struct error error = { "" };
	int r;

	if (argc > 1) {
		fprintf(stderr, "ukiblk-keeper: %s takes no argument.\n", argv[0]);
		return 2;
	}
	/* Children end by themselves. */
	signal(SIGCHLD, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	r = start(&keeper, &error);
	if (r < 0) {
		say("The system runs without a keeper: when its disk is pulled, what needs it fails. %s.", error.text);
		return 1;
	}
	catch_up(&keeper);
	say_quietly("keeping %s on %s%s, reads wait for %u s", keeper.conf.device, *keeper.carrier.name ? "/dev/" : "memory",
		    keeper.carrier.name, keeper.conf.hold_seconds);
	if (notify >= 0 && send(notify, "READY=1", strlen("READY=1"), MSG_NOSIGNAL) < 0)
		say_quietly("the service manager could not be told: %s", strerror(errno));
	close(notify);
	for (;;)
		turn(&keeper);
}
