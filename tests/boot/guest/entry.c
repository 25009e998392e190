// SPDX-License-Identifier: GPL-2.0-only
#include "checks.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its output as notes; true for exit code 0. */
static bool run(char *const argv[])
{
	char line[512];
	int out[2], status = -1;
	FILE *said;
	pid_t pid;

	if (pipe(out) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	said = fdopen(out[0], "r");
	while (said && fgets(line, sizeof line, said)) {
		line[strcspn(line, "\n")] = '\0';
		checks_note(line);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void check_entry(void)
{
	const char *word = checks_word("test_entry=");
	char disk[64];

	if (!word)
		return;
	snprintf(disk, sizeof disk, "%s", word);
	check(run((char *const[]){ "/usr/bin/efibootmgr", "--create", "--disk", disk, "--part", "1", "--loader", "\\EFI\\mine\\tiny.efi",
				   "--label", "made inside", NULL }), "efibootmgr makes a boot entry");
}
