// SPDX-License-Identifier: GPL-2.0-only
/* The child process that looks at a disk, when there is none. */
#include "unit.h"

#include <dirent.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keeper/examine.h"

static bool out_of_memory;
static pid_t forked;

pid_t __real_fork(void);
pid_t __wrap_fork(void);
pid_t __wrap_fork(void)
{
	forked = out_of_memory ? -1 : __real_fork();
	return forked;
}

static unsigned count_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void no_child(void **state)
{
	struct examination examination = { .pid = 0 };
	struct keeper_conf conf = { .count = 0 };
	struct known known = { .fd = -1 };
	struct uevent disk = { .name = "sda1" };
	unsigned before = count_fds();

	(void)state;
	out_of_memory = true;
	for (int i = 0; i < 100; i++)
		assert_int_equal(examine_start(&conf, &known, &disk, &examination), -EAGAIN);
	/* -1 would be every process there is, when it is abandoned. */
	assert_int_equal(forked, -1);
	assert_int_equal(examination.pid, 0);
	assert_int_equal(count_fds(), before);
}

/* No node can be made in place of a folder: its sentence comes back, and no mount. */
static void a_child(void **state)
{
	struct examination examination = { .pid = 0 };
	struct keeper_conf conf = { .count = 0 };
	struct known known = { .fd = -1 };
	struct uevent disk = { .name = ".." };
	unsigned before = count_fds();
	struct verdict verdict;

	(void)state;
	out_of_memory = false;
	for (int i = 0; i < 20; i++) {
		struct pollfd event;

		assert_int_equal(examine_start(&conf, &known, &disk, &examination), 0);
		assert_true(examination.pid > 0);
		event = (struct pollfd){ .fd = examination.result, .events = POLLIN };
		assert_int_equal(poll(&event, 1, 20000), 1);
		assert_int_equal(examine_finish(&examination, &verdict), -1);
		assert_int_equal(verdict.code, -EEXIST);
		assert_non_null(strstr(verdict.reason, "No node can be made: "));
		assert_false(verdict.is_marked);
		assert_false(verdict_is_final(&verdict));
		assert_int_equal(examination.pid, 0);
	}
	assert_int_equal(count_fds(), before);
}

/* It ends without a word. */
static void a_dead_child(void **state)
{
	struct examination examination;
	struct verdict verdict;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	examination = (struct examination){ .pid = 1, .result = ends[0] };
	close(ends[1]);
	assert_int_equal(examine_finish(&examination, &verdict), -1);
	assert_int_equal(verdict.code, -EIO);
	assert_string_equal(verdict.reason, "The program that looked at it crashed");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(no_child), cmocka_unit_test(a_child), cmocka_unit_test(a_dead_child),
};
RUN(tests)
