/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs of others, run to their end; no shell in between. */
#pragma once

struct error;

/*
 * Runs argv[0] (found in PATH; the vector ends with NULL) to its end, with nothing to read. What it writes is
 * kept; the last lines become part of the error. 0 when it exited with 0. When we are told to stop it is
 * ended, and -EINTR comes back.
 */
int process_run(const char *const argv[], struct error *error);
