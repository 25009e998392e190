// SPDX-License-Identifier: GPL-2.0-only
/* A read that fails in the running system, and what "ukiblk status --errors" says of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"

#define FILE_READ "/usr/share/data/marked"

/* Its lines go to the host, which knows what they must be; the number of lines, or -1 when it failed. */
static int run_status(const char *prefix, const char *option)
{
	char line[4096], note[4200];
	int ends[2], status, lines = 0;
	pid_t child;
	FILE *out;

	if (pipe(ends) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/usr/bin/ukiblk", "ukiblk", "status", "--errors", option, NULL);
		_exit(127);
	}
	close(ends[1]);
	out = fdopen(ends[0], "r");
	while (out && fgets(line, sizeof line, out)) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(note, sizeof note, "%s: %s", prefix, line);
		checks_note(note);
		lines++;
	}
	if (out)
		fclose(out);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0 ? lines : -1;
}

static int read_all(const char *path)
{
	static char buffer[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC), code = fd < 0 ? errno : 0;
	ssize_t n = 1;

	while (!code && n != 0) {
		n = read(fd, buffer, sizeof buffer);
		code = n < 0 ? errno : 0;
	}
	if (fd >= 0)
		close(fd);
	return code;
}

void check_errors(void)
{
	check(run_status("before", NULL) == 0, "no failed read is told when there was none");
	check(read_all(FILE_READ) == EIO, "the damaged file gives an input/output error");
	check(run_status("errors", NULL) > 0, "which \"status --errors\" tells");
	check(run_status("json", "--json") > 0, "and as JSON");
}
