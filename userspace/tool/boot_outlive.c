// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_outlive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "mount/mount.h"
#include "mount/root.h"

#define PROGRAM "/usr/lib/ukiblk/ukiblk-keeper"
#define PROGRAM_MAX_BYTES (64u << 20)
#define KEEPER_FOLDER ROOT_RUN "/keeper"
#define KEEPER_PROGRAM KEEPER_FOLDER "/ukiblk-keeper"
#define LAST_FOLDER "/run/initramfs"
#define LAST_PROGRAM LAST_FOLDER "/shutdown"
#define INITRD_SERVICES "/usr/lib/systemd/system/"
#define RUN_SERVICES "/run/systemd/system/"
#define WANTS RUN_SERVICES "sysinit.target.wants"

int outlive_write_file(const char *path, mode_t mode, const void *bytes, size_t length, struct error *error)
{
	autofree char *new = NULL;
	autoclose int fd = -1;
	int r;

	if (asprintf(&new, "%s.new", path) < 0) {
		new = NULL;
		return fail(error, -ENOMEM, "Out of memory");
	}
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	r = fd < 0 ? -errno : io_write_at(fd, bytes, length, 0);
	if (r >= 0 && fd >= 0)
		close(take_fd(fd));	/* a program that is open for writing cannot be started */
	if (r >= 0 && rename(new, path) < 0)
		r = -errno;
	return r < 0 ? fail(error, r, "Cannot write %s: %s", path, strerror(-r)) : 0;
}

static int copy_file(const char *from, const char *to, mode_t mode, struct error *error)
{
	autofree char *bytes = NULL;
	size_t length;
	int r = io_read_file(from, PROGRAM_MAX_BYTES, &bytes, &length);

	if (r < 0)
		return fail(error, r, "Cannot read %s: %s", from, strerror(-r));
	return outlive_write_file(to, mode, bytes, length, error);
}

static int leave_service(const char *name, struct error *error)
{
	char from[128], to[128];

	snprintf(from, sizeof from, INITRD_SERVICES "%s", name);
	snprintf(to, sizeof to, RUN_SERVICES "%s", name);
	return copy_file(from, to, 0644, error);
}

/* One service for each way a machine can go down: which of them is stopped tells the keeper which it is. */
static int want_exit_services(struct error *error)
{
	static const char *const kinds[] = { "poweroff", "reboot", "halt", "kexec" };
	char path[128];
	int r = mount_make_folder(WANTS, error);

	for (size_t i = 0; r >= 0 && i < sizeof kinds / sizeof *kinds; i++) {
		snprintf(path, sizeof path, WANTS "/ukiblk-exit@%s.service", kinds[i]);
		if (symlink("../ukiblk-exit@.service", path) < 0 && errno != EEXIST)
			r = fail(error, -errno, "Cannot make the link %s: %s", path, strerror(errno));
	}
	return r;
}

/*
 * What the root is made of stays mounted until everything is unmounted: "systemctl soft-reboot", which only starts the programs anew,
 * mounts nothing that no file asks for.
 */
static int keep_mounts(struct error *error)
{
	static const char text[] = "[Unit]\nDefaultDependencies=no\n";
	static const char *const folders[] = { RUN_SERVICES "run-ukiblk-.mount.d", RUN_SERVICES "efi.mount.d" };
	char path[128];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/10-ukiblk.conf", folders[i]);
		r = mount_make_folder(folders[i], error);
		if (r >= 0)
			r = outlive_write_file(path, 0644, text, sizeof text - 1, error);
	}
	return r;
}

static int leave_services(struct error *error)
{
	int r = mount_make_folder(RUN_SERVICES, error);

	if (r >= 0)
		r = keep_mounts(error);
	if (r >= 0)
		r = leave_service("ukiblk-keeper.service", error);
	if (r >= 0)
		r = leave_service("ukiblk-exit@.service", error);
	return r < 0 ? r : want_exit_services(error);
}

int outlive_leave_programs(struct error *error)
{
	int r = mount_make_folder(KEEPER_FOLDER, error);

	if (r >= 0)
		r = copy_file(PROGRAM, KEEPER_PROGRAM, 0755, error);
	if (r >= 0)
		r = mount_make_folder(LAST_FOLDER, error);
	if (r >= 0 && link(KEEPER_PROGRAM, LAST_PROGRAM) < 0 && errno != EEXIST)
		r = fail(error, -errno, "Cannot make the link %s: %s", LAST_PROGRAM, strerror(errno));
	if (r >= 0 && access(INITRD_SERVICES "ukiblk-keeper.service", F_OK) == 0)
		r = leave_services(error);
	return r;
}
