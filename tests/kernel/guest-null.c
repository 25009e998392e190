// SPDX-License-Identifier: GPL-2.0-only
/* A disk in memory with properties to choose: the kernel's null_blk, by its configfs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define FOLDER "/sys/kernel/config/nullb/nullb0"

bool null_disk_set(const char *name, const char *value)
{
	char path[128];
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	f = fopen(path, "w");
	ok = f && fputs(value, f) >= 0;
	return check(f && !fclose(f) && ok, "%s = %s: %s", path, value, strerror(errno));
}

bool null_disk_make(const char *mebibytes)
{
	run("modprobe null_blk nr_devices=0");
	mount("configfs", "/sys/kernel/config", "configfs", 0, NULL);
	return check(!mkdir(FOLDER, 0755), "null_blk: %s", strerror(errno)) &&
	       null_disk_set("size", mebibytes) && null_disk_set("memory_backed", "1");
}

void null_disk_remove(void)
{
	rmdir(FOLDER);
}
