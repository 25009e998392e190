// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/exitwatch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "keeper/machine.h"
#include "keeper/protocol.h"

static int tell_keeper(const char *kind)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = KEEPER_SOCKET };
	autoclose int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	char request[32];

	snprintf(request, sizeof request, KEEPER_REQUEST_EXIT " %s", kind);
	return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	       send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 ? 0 : 1;
}

int exitwatch_run(int argc, char **argv)
{
	sigset_t signals;
	int signal;

	if (argc != 2 || !machine_knows(argv[1])) {
		fprintf(stderr, "ukiblk-keeper: %s wants poweroff, reboot, halt or kexec.\n", argv[0]);
		return 2;
	}

	/* Not SIGTERM: everybody who is left gets that, also when only the programs start anew ("systemctl soft-reboot"). */
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	while (sigwait(&signals, &signal) != 0)
		;
	return tell_keeper(argv[1]);
}
