// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_outlive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "mount/mount.h"

static int make_folder_of(const char *path, struct error *error)
{
	char folder[256];

	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
	return mount_make_folder(folder, error);
}

int outlive_copy_program(const char *from, const char *to, struct error *error)
{
	autoclose int source = open(from, O_RDONLY | O_CLOEXEC), target = -1;
	uint64_t bytes;
	int r;

	if (source < 0)
		return errno == ENOENT ? 0 : fail(error, -errno, "Cannot read %s: %s", from, strerror(errno));
	r = make_folder_of(to, error);
	if (r < 0)
		return r;
	target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	r = target < 0 ? -errno : io_file_size(source, &bytes);
	if (r >= 0)
		r = io_copy(source, 0, target, 0, bytes);
	return r < 0 ? fail(error, r, "Cannot copy %s to %s: %s", from, to, strerror(-r)) : 0;
}
