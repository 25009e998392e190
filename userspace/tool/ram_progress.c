// SPDX-License-Identifier: GPL-2.0-only
#include "tool/ram_progress.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/progress.h"
#include "tool/console.h"
#include "tool/notify.h"
#include "tool/progress.h"
#include "tool/ram_job.h"

#define TELL_SECONDS 0.5	/* at most so often */
#define LINES_PERCENT 25	/* a line on the consoles for each, where there is no bar */
#define BAR_CELLS 40

static struct {
	struct ram_job *job;
	const struct progress_listener *terminal;	/* NULL: none */
	uint64_t total, done;
	double told;
	int percent, line;	/* last told, last line on the consoles */
	bool drawn;
} progress;

static const char *what(void)
{
	return progress.job->state.phase == RAM_COPYING ? "copying the archive to memory" : "verifying the copy";
}

static void draw_bar(int percent)
{
	char cells[BAR_CELLS + 1], text[160];
	int full = percent * BAR_CELLS / 100;

	memset(cells, ' ', BAR_CELLS);
	memset(cells, '#', (size_t)full);
	cells[BAR_CELLS] = '\0';
	snprintf(text, sizeof text, "\rukiblk: %-29s [%s] %3d %%%s", what(), cells, percent, percent == 100 ? "\r\n" : "");
	console_draw(text);
	snprintf(text, sizeof text, "%s: %d %%", what(), percent);
	console_splash(text);
	progress.drawn = percent < 100;
}

static void tell_consoles(int percent)
{
	if (progress.job->comes_first)
		draw_bar(percent);
	else if (!progress.terminal && percent / LINES_PERCENT > progress.line / LINES_PERCENT && percent < 100)
		console_say("ukiblk: %s: %d %%\n", what(), percent);
	progress.line = percent;
}

static void tell(bool always)
{
	double now = clock_seconds(CLOCK_MONOTONIC);
	struct ram_state *state = &progress.job->state;
	int percent;

	/* Parity is reckoned with its rounding: never above the whole. */
	state->done = progress.total ? (uint64_t)((double)progress.done / (double)progress.total * (double)state->bytes) : 0;
	percent = ram_state_percent(state);
	if (!always && (percent == progress.percent || now - progress.told < TELL_SECONDS))
		return;
	progress.told = now;
	progress.percent = percent;
	ram_state_write(state, RAM_STATE_PATH);
	notify("STATUS=%s: %d %%", what(), percent);
	tell_consoles(percent);
}

static void begin(const char *name, uint64_t total)
{
	struct ram_state *state = &progress.job->state;

	state->phase = strcmp(name, "copying") == 0 ? RAM_COPYING : RAM_VERIFYING;
	progress.total = total;
	progress.done = 0;
	progress.line = 0;
	if (progress.terminal)
		progress.terminal->begin(name, total);
	tell(true);
}

static void advance(uint64_t bytes)
{
	progress.done += bytes;
	if (progress.terminal)
		progress.terminal->advance(bytes);
	tell(false);
}

static void end(void)
{
	if (progress.terminal)
		progress.terminal->end();
	if (progress.done >= progress.total)
		tell(true);
	if (progress.drawn)
		console_draw("\r\n");
	progress.drawn = false;
}

void ram_progress_listen(struct ram_job *job)
{
	static const struct progress_listener listener = { begin, advance, end };

	memset(&progress, 0, sizeof progress);
	progress.job = job;
	progress.terminal = job->comes_first ? NULL : progress_of_terminal();
	progress_listen(&listener);
}

void ram_progress_end(void)
{
	progress_listen(NULL);
	if (progress.job->comes_first)
		console_splash("");
}
