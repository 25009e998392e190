// SPDX-License-Identifier: GPL-2.0-only
/* One line that is written over: what, percent, speed, time left; seconds only where no total is known. */
#include "tool/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/progress.h"

#define REDRAW_SECONDS 0.2
#define SHOW_AFTER_SECONDS 0.5	/* short work is not worth a line */

static struct {
	char what[64];
	uint64_t total, done;
	double start, drawn;	/* drawn 0: not yet */
} line;

static void draw(double seconds)
{
	double speed = seconds > 0 ? (double)line.done / seconds : 0;

	if (line.total == 0)
		fprintf(stderr, "\r\033[K%s: %.0f s", line.what, seconds);
	else
		fprintf(stderr, "\r\033[K%s: %3.0f %%, %.0f MB/s, %.0f s left", line.what, 100.0 * (double)line.done / (double)line.total,
			speed / 1e6, speed > 0 ? (double)(line.total - line.done) / speed : 0);
	fflush(stderr);
}

static void begin(const char *what, uint64_t total)
{
	memset(&line, 0, sizeof line);
	snprintf(line.what, sizeof line.what, "%s", what);
	line.total = total;
	line.start = clock_seconds(CLOCK_MONOTONIC);
}

static void advance(uint64_t bytes)
{
	double t = clock_seconds(CLOCK_MONOTONIC);

	line.done += bytes;
	if (t - line.start < SHOW_AFTER_SECONDS || t - line.drawn < REDRAW_SECONDS)
		return;
	line.drawn = t;
	draw(t - line.start);
}

static void end(void)
{
	if (line.drawn > 0)
		fputs("\r\033[K", stderr);
}

const struct progress_listener *progress_of_terminal(void)
{
	static const struct progress_listener listener = { begin, advance, end };

	return isatty(STDERR_FILENO) ? &listener : NULL;
}

void progress_show_on_terminal(void)
{
	progress_listen(progress_of_terminal());
}
