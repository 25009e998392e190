/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a person must see at boot, on whatever screen or serial line the person sits at: standard error
 * (the journal and /dev/console, which is the last console= only), and all other consoles in use.
 */
#pragma once

void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
