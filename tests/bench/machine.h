/* SPDX-License-Identifier: GPL-2.0-only */
/* What the first processes of the benchmarks' machines share. Whatever fails ends the run: the port says what. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdio.h>

extern FILE *port;

void start_up(void);	/* mounts, modules, the result port */
_Noreturn void finish(void);
_Noreturn void give_up(const char *what);	/* with errno */

const char *word(const char *name);	/* what follows "name=" on the kernel's command line; until the next call */
unsigned long number(const char *name);
void write_text(const char *path, const char *text);

#endif
