// SPDX-License-Identifier: GPL-2.0-only
#include "base/progress.h"

static const struct progress_listener *current;

void progress_listen(const struct progress_listener *listener)
{
	current = listener;
}

void progress_begin(const char *what, uint64_t total_bytes)
{
	if (current)
		current->begin(what, total_bytes);
}

void progress_advance(uint64_t bytes)
{
	if (current)
		current->advance(bytes);
}

void progress_end(void)
{
	if (current)
		current->end();
}
