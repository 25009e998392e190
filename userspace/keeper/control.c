// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "keeper/keeper.h"
#include "keeper/protocol.h"

struct reply {
	char text[KEEPER_PACKET_BYTES];
	size_t used;
};

int control_open(struct control *control, struct error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = KEEPER_SOCKET };
	autoclose int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	for (size_t i = 0; i < CONTROL_MAX_CLIENTS; i++)
		control->clients[i].fd = -1;
	control->listener = -1;
	/* One that was left by a keeper that died. */
	unlink(KEEPER_SOCKET);
	mask = umask(0177);
	r = fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 || listen(fd, CONTROL_MAX_CLIENTS) < 0 ? -errno : 0;
	umask(mask);
	if (r < 0)
		return fail(error, r, "Cannot listen at %s: %s", KEEPER_SOCKET, strerror(-r));
	control->listener = take_fd(fd);
	return 0;
}

void control_fill(const struct control *control, struct pollfd *ret_events)
{
	ret_events[0] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
	for (size_t i = 0; i < CONTROL_MAX_CLIENTS; i++)
		ret_events[1 + i] = (struct pollfd){ .fd = control->clients[i].fd, .events = POLLIN };
}

static void hang_up(struct control_client *client)
{
	close(client->fd);
	*client = (struct control_client){ .fd = -1 };
}

static void __attribute__((format(printf, 2, 3))) add(struct reply *reply, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(reply->text + reply->used, sizeof reply->text - reply->used, format, arguments);
	va_end(arguments);
	if (n > 0 && (size_t)n < sizeof reply->text - reply->used)
		reply->used += (size_t)n;
}

static void begin(struct reply *reply, int code, const char *sentence)
{
	reply->used = 0;
	if (code < 0)
		add(reply, "error %d %s\n", -code, sentence);
	else
		add(reply, "ok\n");
}

static void answer(struct control_client *client, const struct reply *reply)
{
	/* Who does not take it has gone. */
	if (send(client->fd, reply->text, reply->used, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		shutdown(client->fd, SHUT_WR);
	hang_up(client);
}

static int answer_status(struct keeper *keeper, struct control_client *client, const char *argument, struct reply *reply, struct error *error)
{
	static const char *const states[] = { [KEEPER_KEPT] = "kept", [KEEPER_GONE] = "gone", [KEEPER_FAILED] = "failed", [KEEPER_RAM] = "ram" };
	double left = keeper->hold_end - keeper_now();

	(void)client;
	if (*argument)
		return fail(error, -EINVAL, "status takes no argument");
	begin(reply, 0, "");
	add(reply, "state=%s\ndevice=%s\ncarrier=%s%s\n", states[keeper->state], keeper->conf.device, *keeper->carrier.name ? "/dev/" : "",
	    keeper->carrier.name);
	add(reply, "hold=%u\nwaiting=%u\npulls=%u\n", keeper->conf.hold_seconds, keeper_waiting(keeper), keeper->pulls);
	if (keeper->hold_end > 0)
		add(reply, "left=%u\n", left > 0 ? (unsigned)(left + 0.5) : 0);
	add(reply, "last-mount-ms=%u\nlast-check-ms=%u\nlast-reload-ms=%u\nlast-total-ms=%u\n", keeper->mount_ms, keeper->check_ms,
	    keeper->reload_ms, keeper->total_ms);
	add(reply, "refused=%s\nlocked-kib=%u\npid=%d\n", keeper->refused, place_locked_kib(&keeper->place), getpid());
	return 0;
}

static int answer_ram(struct keeper *keeper, struct control_client *client, const char *argument, struct reply *reply, struct error *error)
{
	char major[16], minor[16];
	uint64_t m, n;

	(void)client;
	if (sscanf(argument, "%15[0-9]:%15[0-9]", major, minor) != 2 || strlen(major) + 1 + strlen(minor) != strlen(argument) ||
	    !text_parse_number(major, 0, 4095, &m) || !text_parse_number(minor, 0, 1048575, &n))
		return fail(error, -EINVAL, "ram wants the device MAJOR:MINOR");
	begin(reply, 0, "");
	return keeper_go_to_ram(keeper, (unsigned)m, (unsigned)n, error);
}

/* 1: the answer comes later. */
static int answer_carrier(struct keeper *keeper, struct control_client *client, const char *argument, struct reply *reply, struct error *error)
{
	(void)reply;
	if (*argument)
		return fail(error, -EINVAL, "carrier takes no argument");
	if (keeper->state != KEEPER_RAM)
		return fail(error, -EALREADY, "The system runs from its disk already");
	client->awaits_carrier = true;
	search_ask(keeper);
	return 1;
}

static int answer_exit(struct keeper *keeper, struct control_client *client, const char *argument, struct reply *reply, struct error *error)
{
	(void)client;
	if (!exit_begin(keeper, argument))
		return fail(error, -EINVAL, "exit wants poweroff, reboot, halt or kexec");
	begin(reply, 0, "");
	return 0;
}

static const struct request {
	const char *name;
	int (*answer)(struct keeper *keeper, struct control_client *client, const char *argument, struct reply *reply, struct error *error);
} requests[] = {
	{ KEEPER_REQUEST_STATUS, answer_status },
	{ KEEPER_REQUEST_RAM, answer_ram },
	{ KEEPER_REQUEST_CARRIER, answer_carrier },
	{ KEEPER_REQUEST_EXIT, answer_exit },
};

static void take_request(struct keeper *keeper, struct control_client *client)
{
	static struct reply reply;
	char text[256], *argument = text, *name;
	struct error error = { "" };
	ssize_t n = recv(client->fd, text, sizeof text - 1, MSG_DONTWAIT);
	int r = -EINVAL;

	if (n <= 0 || client->awaits_carrier) {
		if (n != -1 || errno != EAGAIN)
			hang_up(client);
		return;
	}
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	name = strsep(&argument, " ");
	fail(&error, r, "There is no such request");
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (strcmp(name, requests[i].name) == 0)
			r = requests[i].answer(keeper, client, argument ? argument : "", &reply, &error);
	if (r > 0)
		return;
	if (r < 0)
		begin(&reply, r, error.text);
	answer(client, &reply);
}

static bool is_root(int fd)
{
	struct ucred who;
	socklen_t size = sizeof who;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == 0;
}

/* A free place, or that of the client who has been there longest. */
static void take_client(struct control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control_client *place = &control->clients[0];

	if (fd < 0)
		return;
	if (!is_root(fd)) {
		close(fd);
		return;
	}
	for (size_t i = 0; i < CONTROL_MAX_CLIENTS; i++)
		if (control->clients[i].fd < 0 || (place->fd >= 0 && control->clients[i].since < place->since))
			place = &control->clients[i];
	if (place->fd >= 0)
		hang_up(place);
	*place = (struct control_client){ .fd = fd, .since = keeper_now() };
}

void control_turn(struct keeper *keeper, const struct pollfd *events)
{
	struct control *control = &keeper->control;

	for (size_t i = 0; i < CONTROL_MAX_CLIENTS; i++)
		if (control->clients[i].fd >= 0 && control->clients[i].fd == events[1 + i].fd && events[1 + i].revents)
			take_request(keeper, &control->clients[i]);
	if (events[0].revents)
		take_client(control);
}

bool control_awaits_carrier(const struct control *control)
{
	for (size_t i = 0; i < CONTROL_MAX_CLIENTS; i++)
		if (control->clients[i].fd >= 0 && control->clients[i].awaits_carrier)
			return true;
	return false;
}

void control_finish(struct control *control, int code, const char *sentence)
{
	static struct reply reply;

	begin(&reply, code, sentence);
	for (size_t i = 0; i < CONTROL_MAX_CLIENTS; i++)
		if (control->clients[i].fd >= 0 && control->clients[i].awaits_carrier)
			answer(&control->clients[i], &reply);
}
