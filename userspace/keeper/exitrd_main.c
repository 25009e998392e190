// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/exitrd.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 2 || getpid() != 1) {
		fputs("This ends the machine, and only systemd-shutdown(8) may start it.\n", stderr);
		return 2;
	}
	exitrd_run(argv[1]);
}
