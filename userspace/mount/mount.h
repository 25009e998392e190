/* SPDX-License-Identifier: GPL-2.0-only */
/* Mounting by the mount API of Linux 5.2 (fsopen … move_mount), with the kernel's own words on failure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;

struct mount_request {
	const char *fstype;
	const char *source;	/* NULL: none */
	const char *target;	/* made when missing */
	bool read_only;	/* of the superblock: a later "remount,rw" lifts it for every mount of it */
	bool confined;	/* nodev, nosuid, noexec */
	const char *const (*options)[2];	/* key and value pairs, a NULL key ends them; a NULL value is a flag */
};

/* Makes the folder @path and those above it. */
int mount_make_folder(const char *path, struct error *error);
int mount_filesystem(const struct mount_request *request, struct error *error);
int mount_bind(const char *from, const char *to, struct error *error);
/* Detaches a mount (and what hangs on it is kept alive by its users). A path that is no mount is no error. */
void mount_detach(const char *path);
/*
 * The same where the disk may be dead. Who is the last to let go of a filesystem waits for what is still being read
 * of it, without an end and whatever signal comes: that is left to a child process.
 */
void mount_abandon(const char *path);
/* Where the block device @source is mounted; false: nowhere. */
bool mount_find_source(const char *source, char *ret_path, size_t size);
/* Whether a filesystem of that type is mounted at exactly @path. */
bool mount_is_at(const char *path, const char *fstype);
