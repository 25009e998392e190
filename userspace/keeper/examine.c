// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/examine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "keeper/mounts.h"
#include "keeper/place.h"
#include "locate/readahead.h"

bool verdict_is_final(const struct verdict *verdict)
{
	return verdict->code == -EKEYREJECTED || verdict->code == -EXDEV || verdict->code == -EMEDIUMTYPE;
}

static int open_disk(const struct uevent *disk, struct error *error)
{
	char path[80];
	int fd, r = place_make_node(disk->name, disk->major, disk->minor);

	if (r < 0)
		return fail(error, r, "No node can be made: %s", strerror(-r));
	snprintf(path, sizeof path, "/dev/%s", disk->name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fail(error, -errno, "It cannot be opened: %s", strerror(errno)) : fd;
}

static int check_filesystem(int disk, const struct known *known, struct error *error)
{
	char fsid[FSID_TEXT_BYTES];
	int r = known_read_fsid(disk, fsid);

	if (r == -EINVAL)
		return fail(error, -EMEDIUMTYPE, "It has no filesystem of a carrier");
	if (r < 0)
		return fail(error, r, "It cannot be read: %s", strerror(-r));
	if (strcmp(fsid, known->fsid) != 0)
		return fail(error, -EXDEV, "Its filesystem is %s, not %s", fsid, known->fsid);
	return 0;
}

/* What the table's load follows is then in the cache. */
static void read_tables(int disk, const struct keeper_conf *conf, int mount)
{
	for (size_t i = 0; i < conf->count; i++) {
		autoclose int fd = openat(mount, conf->files[i].path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

		if (fd >= 0)
			readahead_chain_on(disk, fd, conf->files[i].bytes);
	}
}

static int examine(const struct keeper_conf *conf, const struct known *known, const struct uevent *disk, struct verdict *verdict,
		   struct error *error)
{
	double begin = clock_seconds(CLOCK_MONOTONIC), mounted;
	autoclose int fd = open_disk(disk, error), mount = -1;
	int r = fd < 0 ? fd : check_filesystem(fd, known, error);

	if (r < 0)
		return r;
	verdict->is_marked = true;
	mount = mounts_make(conf->filesystem, disk->name, error);
	if (mount < 0)
		return mount;
	verdict->is_marked = faccessat(mount, conf->files[0].path, F_OK, 0) == 0;
	mounted = clock_seconds(CLOCK_MONOTONIC);
	read_tables(fd, conf, mount);
	r = known_check(known, conf, mount, error);
	verdict->mount_ms = (unsigned)((mounted - begin) * 1000);
	verdict->check_ms = (unsigned)((clock_seconds(CLOCK_MONOTONIC) - mounted) * 1000);
	return r < 0 ? r : take_fd(mount);
}

/* The verdict, and with it the mount. */
static void send_result(int to, const struct verdict *verdict, int mount)
{
	char space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { .iov_base = (void *)verdict, .iov_len = sizeof *verdict };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	struct cmsghdr *control;

	if (mount >= 0) {
		message.msg_control = space;
		message.msg_controllen = sizeof space;
		control = CMSG_FIRSTHDR(&message);
		control->cmsg_level = SOL_SOCKET;
		control->cmsg_type = SCM_RIGHTS;
		control->cmsg_len = CMSG_LEN(sizeof mount);
		memcpy(CMSG_DATA(control), &mount, sizeof mount);
	}
	while (sendmsg(to, &message, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

int examine_start(const struct keeper_conf *conf, const struct known *known, const struct uevent *disk, struct examination *ret)
{
	struct verdict verdict = { 0 };
	struct error error = { "" };
	int ends[2], mount;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	child = fork();
	if (child != 0)
		close(ends[1]);
	if (child > 0) {
		*ret = (struct examination){ .pid = child, .result = ends[0] };
		return 0;
	}
	close(ends[0]);
	/* Out of memory: who abandoned it by the number -1 would kill every process there is. */
	if (child < 0)
		return -EAGAIN;
	mount = examine(conf, known, disk, &verdict, &error);
	verdict.code = mount < 0 ? mount : 0;
	snprintf(verdict.reason, sizeof verdict.reason, "%s", error.text);
	send_result(ends[1], &verdict, mount);
	_exit(0);
}

int examine_finish(struct examination *examination, struct verdict *ret)
{
	char space[CMSG_SPACE(sizeof(int))];
	struct iovec data = { .iov_base = ret, .iov_len = sizeof *ret };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space };
	ssize_t n = recvmsg(examination->result, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	const struct cmsghdr *control = n == sizeof *ret ? CMSG_FIRSTHDR(&message) : NULL;
	int mount = -1;

	if (control && control->cmsg_type == SCM_RIGHTS)
		memcpy(&mount, CMSG_DATA(control), sizeof mount);
	if (n != sizeof *ret) {
		*ret = (struct verdict){ .code = -EIO };
		snprintf(ret->reason, sizeof ret->reason, "The program that looked at it crashed");
	}
	close(examination->result);
	examination->pid = 0;
	return mount;
}

void examine_abandon(struct examination *examination)
{
	kill(examination->pid, SIGKILL);
	close(examination->result);
	examination->pid = 0;
}
