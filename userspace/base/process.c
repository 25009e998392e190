// SPDX-License-Identifier: GPL-2.0-only
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/progress.h"
#include "base/text.h"

#define TAIL_BYTES 600u
#define PULSE_MILLISECONDS 250

extern char **environ;

/* The last lines of what the program wrote, on one line: they become part of a sentence. */
static void read_tail(int log, char tail[static TAIL_BYTES + 1])
{
	off_t size = lseek(log, 0, SEEK_END);
	off_t start = size > (off_t)TAIL_BYTES ? size - (off_t)TAIL_BYTES : 0;
	size_t length = (size_t)(size - start);

	tail[0] = '\0';
	if (size <= 0 || io_read_at(log, tail, length, (uint64_t)start) < 0)
		return;
	while (length > 0 && tail[length - 1] == '\n')
		length--;
	tail[length] = '\0';
	for (char *p = tail; (p = strchr(p, '\n')); )
		*p = '|';
	text_make_printable(tail);
}

/* Lets whoever shows progress know, a few times a second, that the program is still at work. */
static void pulse_until_end(pid_t child)
{
	autoclose int handle = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd event = { .fd = handle, .events = POLLIN };

	while (progress_is_heard() && handle >= 0 && poll(&event, 1, PULSE_MILLISECONDS) <= 0)
		progress_advance(0);
}

static int wait_for(pid_t child, int *ret_status)
{
	pulse_until_end(child);
	while (waitpid(child, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int process_run(const char *const argv[], int flags, struct error *error)
{
	bool quiet = flags & PROCESS_QUIET;
	autoclose int log = quiet ? memfd_create("output", MFD_CLOEXEC) : -1;
	char tail[TAIL_BYTES + 1] = "";
	posix_spawn_file_actions_t actions;
	pid_t child;
	int status, r;

	if (quiet && log < 0)
		return fail(error, -errno, "No memory for the output of %s: %s", argv[0], strerror(errno));
	posix_spawn_file_actions_init(&actions);
	if (!(flags & PROCESS_STDIN))
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (quiet) {
		posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
	}
	r = posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r == ENOENT)
		return fail(error, -ENOENT, "The program %s is not installed", argv[0]);
	if (r != 0)
		return fail(error, -r, "Cannot start %s: %s", argv[0], strerror(r));
	r = wait_for(child, &status);
	if (r < 0)
		return fail(error, r, "Cannot wait for %s: %s", argv[0], strerror(-r));
	if (io_interrupted)
		return fail(error, -EINTR, "Stopped while %s was at work", argv[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (quiet)
		read_tail(log, tail);
	if (WIFSIGNALED(status))
		return fail(error, -EIO, "%s was ended by signal %d%s%s", argv[0], WTERMSIG(status), *tail ? ": " : "", tail);
	return fail(error, -EIO, "%s failed with exit code %d%s%s", argv[0], WEXITSTATUS(status), *tail ? ": " : "", tail);
}
