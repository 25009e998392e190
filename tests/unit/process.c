// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/process.h"

static int shell(const char *script, struct error *error)
{
	return process_run((const char *const[]){ "sh", "-c", script, NULL }, error);
}

static void good(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(shell("echo noise; echo noise >&2", &error), 0);
	/* Arguments are no shell's words. */
	assert_int_equal(process_run((const char *const[]){ "test", "a b;'$HOME", "=", "a b;'$HOME", NULL }, &error), 0);
}

static void bad(void **state)
{
	static const char *const noise = "i=0; while [ $i -lt 1000 ]; do echo line; i=$((i + 1)); done; echo; echo 'the\033end'; exit 3";
	struct error error;

	(void)state;
	assert_refused(shell("exit 7", &error), -EIO, error, "sh failed with exit code 7");
	assert_refused(shell("echo one; echo two >&2; exit 1", &error), -EIO, error, "sh failed with exit code 1: one|two");
	assert_refused(shell("kill -KILL $$", &error), -EIO, error, "sh was ended by signal 9");
	assert_refused(shell("echo last words; kill -TERM $$", &error), -EIO, error, "sh was ended by signal 15: last words");
	/* Of much output the end, printable and on one line. */
	assert_int_equal(shell(noise, &error), -EIO);
	assert_true(strlen(error.text) < 660 && strlen(error.text) > 600);
	assert_string_equal(error.text + strlen(error.text) - strlen("line||the?end"), "line||the?end");
}

static void not_there(void **state)
{
	struct error error;

	assert_refused(process_run((const char *const[]){ "ukiblk-no-such-program", NULL }, &error), -ENOENT, error,
		       "The program ukiblk-no-such-program is not installed");
	assert_int_equal(process_run((const char *const[]){ *state, NULL }, &error), -EACCES);
}

/* Its input is empty: ours may be somebody's terminal. */
static void input(void **state)
{
	const char *path = unit_path(*state, "input");
	int old = dup(STDIN_FILENO), file;
	struct error error;

	unit_write(path, "ours\n", 5);
	file = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(old >= 0 && file >= 0 && dup2(file, STDIN_FILENO) >= 0);
	assert_int_equal(shell("read line && exit 1; exit 0", &error), 0);
	assert_true(dup2(old, STDIN_FILENO) >= 0);
	close(old);
	close(file);
}

static void stopped(void **state)
{
	struct error error;

	(void)state;
	io_interrupted = 1;
	assert_refused(shell("exit 0", &error), -EINTR, error, "Stopped while sh was at work");
	/* The program is ended, not waited for: the test's own time limit is shorter. */
	assert_refused(shell("exec sleep 300", &error), -EINTR, error, "Stopped while sh was at work");
	io_interrupted = 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(good), cmocka_unit_test(bad), unit_test_in_folder(not_there), unit_test_in_folder(input),
	cmocka_unit_test(stopped),
};
RUN(tests)
