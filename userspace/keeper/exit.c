// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/exit.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "keeper/keeper.h"
#include "keeper/machine.h"
#include "keeper/say.h"

#define SYNC_SECONDS 2	/* for what other disks have to write */

bool exit_begin(struct keeper *keeper, const char *kind)
{
	if (!machine_knows(kind))
		return false;
	snprintf(keeper->exit.kind, sizeof keeper->exit.kind, "%s", kind);
	exit_turn(keeper);
	return true;
}

/* Documentation/admin-guide/sysrq.rst: "s" and "u" start to write back and remount read-only, and do not wait. */
static void ask_sysrq(struct keeper *keeper, const char *key)
{
	autoclose int fd = openat(keeper->place.proc, "sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, key, 1) < 0)
		say_quietly("sysrq %s cannot be asked for", key);
}

static void end_now(struct keeper *keeper)
{
	const struct timespec pause = { .tv_sec = SYNC_SECONDS };

	say("The disk of the system did not return: the machine goes down without it (%s).", keeper->exit.kind);
	ask_sysrq(keeper, "s");
	ask_sysrq(keeper, "u");
	nanosleep(&pause, NULL);
	machine_end(keeper->exit.kind, keeper->place.run);
}

/* The end of the patience. Before a read fails nobody knows it: then it is as late as it can be. */
static double end_of_patience(const struct keeper *keeper)
{
	if (keeper->state == KEEPER_FAILED)
		return keeper_now();
	return keeper->hold_end > 0 ? keeper->hold_end : keeper_now() + keeper->conf.hold_seconds;
}

void exit_turn(struct keeper *keeper)
{
	struct exit_plan *plan = &keeper->exit;

	if (!*plan->kind)
		return;
	if (keeper->state != KEEPER_GONE && keeper->state != KEEPER_FAILED) {
		plan->at = 0;
		return;
	}
	if (plan->at == 0) {
		plan->at = end_of_patience(keeper) + EXIT_GRACE_SECONDS;
		say("The machine goes down (%s), and its disk is not there: this may take up to %.0f s. Plug it in for a quick end.", plan->kind,
		    plan->at - keeper_now());
	}
	if (keeper_now() >= plan->at)
		end_now(keeper);
}
