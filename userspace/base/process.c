// SPDX-License-Identifier: GPL-2.0-only
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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

/*
 * Waits for the end of the program. A few times a second, whoever shows progress hears that it is still
 * at work; and when we are to stop, so is the program.
 */
static int wait_for(pid_t child, int *ret_status)
{
	autoclose int handle = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd event = { .fd = handle, .events = POLLIN };
	bool told = false;

	while (handle >= 0 && poll(&event, 1, PULSE_MILLISECONDS) <= 0) {
		progress_advance(0);
		if (io_interrupted && !told)
			told = kill(child, SIGTERM) == 0;
	}
	while (waitpid(child, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int spawn(const char *const argv[], int log, pid_t *ret_child)
{
	posix_spawn_file_actions_t actions;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
	r = posix_spawnp(ret_child, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

int process_run(const char *const argv[], struct error *error)
{
	autoclose int log = memfd_create("output", MFD_CLOEXEC);
	char tail[TAIL_BYTES + 1];
	pid_t child;
	int status, r;

	if (log < 0)
		return fail(error, -errno, "No memory for the output of %s: %s", argv[0], strerror(errno));
	r = spawn(argv, log, &child);
	if (r == -ENOENT)
		return fail(error, -ENOENT, "The program %s is not installed", argv[0]);
	if (r < 0)
		return fail(error, r, "Cannot start %s: %s", argv[0], strerror(-r));
	r = wait_for(child, &status);
	if (r < 0)
		return fail(error, r, "Cannot wait for %s: %s", argv[0], strerror(-r));
	if (io_interrupted)
		return fail(error, -EINTR, "Stopped while %s was at work", argv[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	read_tail(log, tail);
	if (WIFSIGNALED(status))
		return fail(error, -EIO, "%s was ended by signal %d%s%s", argv[0], WTERMSIG(status), *tail ? ": " : "", tail);
	return fail(error, -EIO, "%s failed with exit code %d%s%s", argv[0], WEXITSTATUS(status), *tail ? ": " : "", tail);
}
