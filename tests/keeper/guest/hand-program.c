// SPDX-License-Identifier: GPL-2.0-only
/* The hand as a program, to be kept in memory: hand pull | plug NODE BUS | cycle SECONDS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hand.h"

int main(int argc, char **argv)
{
	bool good = false;

	mlockall(MCL_CURRENT);
	if (argc < 2 || !hand_open())
		return 2;
	if (strcmp(argv[1], "pull") == 0) {
		good = hand_pull();
	} else if (strcmp(argv[1], "plug") == 0 && argc == 4) {
		good = hand_plug(argv[2], argv[3]);
	} else if (strcmp(argv[1], "cycle") == 0 && argc == 3) {
		good = hand_pull();
		sleep((unsigned)atoi(argv[2]));
		good = good && hand_plug("stick", getpid() % 2 ? "usb.0" : "usb2.0");
	}
	hand_close();
	return !good;
}
