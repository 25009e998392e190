// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

#define KERNEL_GROUP 1	/* events as the kernel sends them; udev's own are in group 2 */
#define MESSAGE_BYTES 8192
#define QUEUE_BYTES (1 << 20)	/* of the socket: a machine with many disks speaks fast */

static void copy(const char *value, char *ret, size_t size)
{
	snprintf(ret, size, "%s", value);
}

static void take_number(const char *value, unsigned *ret, unsigned *seen)
{
	uint64_t number;

	if (!text_parse_number(value, 0, UINT32_MAX, &number))
		return;
	*ret = (unsigned)number;
	(*seen)++;
}

/* "ACTION@DEVPATH", then KEY=VALUE, each with a NUL (lib/kobject_uevent.c). */
bool uevent_parse(const char *message, size_t length, struct uevent *ret)
{
	struct uevent event = { .action = "" };
	bool is_block = false;
	unsigned numbers = 0;

	if (length == 0 || message[length - 1] != '\0')
		return false;
	for (const char *p = message + strlen(message) + 1; p < message + length; p += strlen(p) + 1) {
		const char *value;

		if (strcmp(p, "SUBSYSTEM=block") == 0)
			is_block = true;
		else if (strcmp(p, "DISK_MEDIA_CHANGE=1") == 0)
			event.has_new_medium = true;
		else if ((value = text_after(p, "ACTION=")))
			copy(value, event.action, sizeof event.action);
		else if ((value = text_after(p, "DEVNAME=")))
			copy(value, event.name, sizeof event.name);
		else if ((value = text_after(p, "MAJOR=")))
			take_number(value, &event.major, &numbers);
		else if ((value = text_after(p, "MINOR=")))
			take_number(value, &event.minor, &numbers);
	}
	if (!is_block || numbers != 2 || !*event.action || !*event.name)
		return false;
	*ret = event;
	return true;
}

int uevent_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	autoclose int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	int size = QUEUE_BYTES;

	if (fd < 0)
		return -errno;
	/* Not granted in a container: then the usual size must do. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	return take_fd(fd);
}

int uevent_read(int fd, struct uevent *ret)
{
	static char message[MESSAGE_BYTES];
	struct sockaddr_nl sender = { 0 };
	socklen_t size = sizeof sender;
	ssize_t n = recvfrom(fd, message, sizeof message, 0, (struct sockaddr *)&sender, &size);

	if (n < 0)
		return -errno;
	/* Programs can send to the group too; the kernel's number is 0. */
	return sender.nl_pid == 0 && uevent_parse(message, (size_t)n, ret);
}
