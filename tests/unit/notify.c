// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/notify.h"

/* A socket as systemd has it; @name: a path, or "@" and an abstract name. */
static int listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, name, strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void assert_heard(int fd, const char *wanted)
{
	char text[256] = "";

	assert_int_equal(recv(fd, text, sizeof text - 1, MSG_DONTWAIT), strlen(wanted));
	assert_string_equal(text, wanted);
}

static void heard(void **state)
{
	char abstract[64];
	int fd;

	snprintf(abstract, sizeof abstract, "@ukiblk-test-%d", (int)getpid());
	fd = listen_at(abstract);
	assert_true(notify_is_wanted());
	notify("READY=1");
	assert_heard(fd, "READY=1");
	close(fd);
	fd = listen_at(unit_path(*state, "s"));
	notify("STATUS=%s: %d %%", "copying", 43);
	assert_heard(fd, "STATUS=copying: 43 %");
	close(fd);
}

static void nobody_listens(void **state)
{
	assert_int_equal(setenv("NOTIFY_SOCKET", unit_path(*state, "absent"), 1), 0);
	notify("READY=1");
	assert_int_equal(setenv("NOTIFY_SOCKET", "vsock:2:3", 1), 0);
	assert_false(notify_is_wanted());
	notify("READY=1");
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	assert_false(notify_is_wanted());
	notify("READY=1");
}

static const struct CMUnitTest tests[] = { unit_test_in_folder(heard), unit_test_in_folder(nobody_listens) };
RUN(tests)
