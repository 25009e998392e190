// SPDX-License-Identifier: GPL-2.0-only
/*
 * ukiblk-keeper: outlives the initrd and watches over the disk that the root filesystem comes from. Static, locked into
 * memory, and never in need of that root. The first argument is a verb.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keeper/exitrd.h"
#include "keeper/exitwatch.h"
#include "keeper/keeper.h"

static const struct keeper_verb {
	const char *name;
	int (*run)(int argc, char **argv);	/* argv[0] is the verb; the result is the exit code */
} verbs[] = {
	{ "run", keeper_run },
	{ "exit-watch", exitwatch_run },
};

int main(int argc, char **argv)
{
	/* Who kills everything at the end of a system passes over such programs (systemd's ROOT_STORAGE_DAEMONS). */
	argv[0][0] = '@';
	/* By systemd-shutdown(8), at the very end. */
	if (getpid() == 1)
		exitrd_run(argc > 1 ? argv[1] : "reboot");
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	fputs("usage: ukiblk-keeper run\nStarted in the initrd, by ukiblk-keeper.service; see ukiblk(8).\n", stderr);
	return 2;
}
