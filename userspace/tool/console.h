/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a person must see at boot, on whatever screen or serial line the person sits at: all consoles in
 * use, the boot splash, and standard error (the journal).
 */
#pragma once

#include <stdbool.h>

/* On the consoles and standard error. */
void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* On the consoles alone: lines that are written over have no place in a journal. */
void console_draw(const char *text);
/* One line on the boot splash in place of the one before; "" takes it away. Never waits; without plymouth nothing happens. */
void console_splash(const char *line);
/* The text screen comes back. */
void console_end_splash(void);
/*
 * Says @text and waits until somebody presses Enter on one of the consoles, for at most @seconds (negative: for
 * ever). False: nobody did.
 */
bool console_wait_for_enter(const char *text, double seconds);
