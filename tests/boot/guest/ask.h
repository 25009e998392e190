/* SPDX-License-Identifier: GPL-2.0-only */
/* Speaks with the keeper, without the tool. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The whole answer, in one buffer for all calls; "" when there is none within two minutes. */
const char *ask(const char *request);
/* The value of a key of "status"; "" when it is not there. Another buffer. */
const char *status_of(const char *key);
bool is_state(const char *state);
long status_number(const char *key);
