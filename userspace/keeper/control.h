/* SPDX-License-Identifier: GPL-2.0-only */
/* The keeper's side of protocol.h. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct error;
struct keeper;

#define CONTROL_MAX_CLIENTS 4

struct control_client {
	int fd;	/* -1: a free place */
	bool awaits_carrier;	/* its answer comes when the disk has been looked for */
	double since;
};

struct control {
	int listener;
	struct control_client clients[CONTROL_MAX_CLIENTS];
};

int control_open(struct control *control, struct error *error);
#define CONTROL_FDS (1 + CONTROL_MAX_CLIENTS)
void control_fill(const struct control *control, struct pollfd *ret_events);
void control_turn(struct keeper *keeper, const struct pollfd *events);
/* Answers who asked for the disk: @code 0, or a negative errno and a sentence. */
void control_finish(struct control *control, int code, const char *sentence);
bool control_awaits_carrier(const struct control *control);
