/* SPDX-License-Identifier: GPL-2.0-only */
/* What the keeper has to say: a line in the kernel's log, and on every console that does not show that log. */
#pragma once

#include "keeper/place.h"

/* Opens the log. Said before, nothing is heard. */
void say_open(const struct place *place);
/* For a person: log and consoles. Never waits for a terminal. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* For the log alone. */
void say_quietly(const char *format, ...) __attribute__((format(printf, 1, 2)));
