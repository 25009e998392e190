// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "tool/console.h"

static const char *calls;	/* what the fake plymouth was called with, a line each */

static void put_plymouth(const char *folder, const char *script)
{
	static char file[PATH_MAX], path[PATH_MAX];
	char text[2 * PATH_MAX];

	snprintf(file, sizeof file, "%s/calls", folder);
	snprintf(text, sizeof text, "#!/bin/sh\necho \"$$ $*\" >>%s\n%s\n", file, script);
	snprintf(path, sizeof path, "%s:/usr/bin:/bin", folder);
	unit_write(unit_path(folder, "plymouth"), text, strlen(text));
	assert_int_equal(chmod(unit_path(folder, "plymouth"), 0755), 0);
	assert_int_equal(setenv("PATH", path, 1), 0);
	calls = file;
}

/* The last call so far, waited for until it is @wanted; its process. */
static pid_t assert_call(const char *wanted)
{
	char last[256] = "";

	for (int i = 0; i < 500; i++) {
		autofree char *text = NULL;
		char *line;

		if (io_read_file(calls, 4096, &text, NULL) == 0 && *text && text[strlen(text) - 1] == '\n') {
			text[strlen(text) - 1] = '\0';
			line = strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
			snprintf(last, sizeof last, "%s", strchr(line, ' ') + 1);
			if (strcmp(last, wanted) == 0)
				return (pid_t)atoi(line);
		}
		usleep(10000);
	}
	fail_msg("plymouth was called with \"%s\", not \"%s\"", last, wanted);
	return 0;
}

static void splash(void **state)
{
	put_plymouth(*state, "");
	console_splash("");
	console_splash("waiting for it, 5 s left");
	assert_call("display-message --text=waiting for it, 5 s left");
	console_splash("");
	assert_call("display-message --text=");
	console_end_splash();
	assert_call("quit");
}

/* A splash that hangs holds nobody up, and is ended by the next word. */
static void hanging(void **state)
{
	time_t start = time(NULL);
	pid_t first;

	put_plymouth(*state, "exec sleep 50");
	console_splash("one");
	first = assert_call("display-message --text=one");
	console_splash("two");
	assert_int_equal(kill(first, 0), -1);
	assert_call("display-message --text=two");
	assert_true(time(NULL) - start < 20);
	put_plymouth(*state, "");
	console_end_splash();
	assert_call("quit");
}

static void no_plymouth(void **state)
{
	assert_int_equal(setenv("PATH", *state, 1), 0);
	console_splash("nobody shows it");
	console_end_splash();
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(no_plymouth),
	unit_test_in_folder(splash),
	unit_test_in_folder(hanging),
};

RUN(tests)
