// SPDX-License-Identifier: GPL-2.0-only
/* The least that FUSE needs of a filesystem to have a file opened: linux/fuse.h and nothing else. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest.h"

#define FILE_NODE 2

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){
		.ino = node, .size = node == FILE_NODE ? 65536 : 0, .nlink = 1, .blksize = 4096,
		.mode = node == FILE_NODE ? S_IFREG | 0644 : S_IFDIR | 0755,
	};
}

static void reply(int fd, const struct fuse_in_header *in, int error, const void *body, size_t size)
{
	struct fuse_out_header out = { .len = sizeof(out) + size, .error = -error, .unique = in->unique };
	struct iovec parts[] = { { &out, sizeof(out) }, { (void *)body, size } };

	if (writev(fd, parts, size ? 2 : 1) < 0)
		fprintf(stderr, "fuse: %m\n");
}

static void answer(int fd, const struct fuse_in_header *in)
{
	const struct fuse_init_in *kernel = (const void *)(in + 1);
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_write = 4096 };
	struct fuse_entry_out entry = { .nodeid = FILE_NODE, .attr = attributes(FILE_NODE) };
	struct fuse_attr_out attr = { .attr = attributes(in->nodeid) };
	struct fuse_open_out open = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		if (kernel->minor < init.minor)
			init.minor = kernel->minor;
		return reply(fd, in, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		return reply(fd, in, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
		return reply(fd, in, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
		return reply(fd, in, 0, &open, sizeof(open));
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	case FUSE_RELEASE:
	case FUSE_FLUSH:
		return reply(fd, in, 0, NULL, 0);
	default:
		return reply(fd, in, ENOSYS, NULL, 0);
	}
}

static void serve(int fd)
{
	static union {
		struct fuse_in_header header;
		char room[FUSE_MIN_READ_BUFFER + 4096];
	} request;

	while (read(fd, &request, sizeof(request)) > 0)
		answer(fd, &request.header);
	_exit(0);
}

bool fuse_mount(const char *folder)
{
	char options[64];
	bool ok;
	int fd;

	run("modprobe fuse");
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	ok = check(fd >= 0 && !mount("test", folder, "fuse", 0, options), "mount FUSE: %s", strerror(errno));
	if (ok && !fork())
		serve(fd);
	close(fd);
	return ok;
}
