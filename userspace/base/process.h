/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs of others, run to their end; no shell in between. */
#pragma once

struct error;

enum {
	PROCESS_QUIET = 1,	/* keep what it writes; its last lines become part of the error */
	PROCESS_STDIN = 2,	/* it reads our standard input, not nothing */
};

/*
 * Runs argv[0] (found in PATH; the vector ends with NULL) to its end. 0 when it exited with 0, else an
 * error that names the program.
 */
int process_run(const char *const argv[], int flags, struct error *error);
