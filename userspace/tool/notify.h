/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What systemd is told of a service: sd_notify(3)'s datagrams, whose form is fixed and documented for programs without
 * its library. Without a NOTIFY_SOCKET nothing happens.
 */
#pragma once

#include <stdbool.h>

bool notify_is_wanted(void);
/* "READY=1", "STATUS=...". */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));
