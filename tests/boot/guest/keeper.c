// SPDX-License-Identifier: GPL-2.0-only
#include "keeper.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "checks.h"

void check_keeper(void)
{
	struct stat carrier, node;
	char name[256], text[300];

	if (checks_on_loop_devices()) {
		check(access("/run/ukiblk/keeper.conf", F_OK) < 0, "on loop devices there is no keeper");
		return;
	}
	/* Without systemd nobody has waited for it. */
	for (int i = 0; i < 200 && !is_state("kept"); i++)
		usleep(100000);
	snprintf(name, sizeof name, "%s", status_of("carrier"));
	check(is_state("kept") && stat(name, &node) == 0 && stat("/run/ukiblk/carrier", &carrier) == 0 && node.st_rdev == carrier.st_dev,
	      "a keeper watches over the carrier");
	snprintf(text, sizeof text, "keeper: %s, reads wait for %ld s", name, status_number("hold"));
	checks_note(text);
}
