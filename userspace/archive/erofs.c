// SPDX-License-Identifier: GPL-2.0-only
#include "archive/erofs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/process.h"
#include "base/progress.h"
#include "base/text.h"

#define CLUSTER_OPTION "-C65536"	/* FACTS: larger ones pack little better and read slower */

/* "a folder" or "a tar file": what the source must be. */
static int check_source(const char *source, bool *ret_is_tar, struct error *error)
{
	struct stat st;

	if (stat(source, &st) < 0)
		return fail(error, -errno, "Cannot read the root tree %s: %s", source, strerror(errno));
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return fail(error, -EINVAL, "The root tree %s is neither a folder nor a tar file", source);
	*ret_is_tar = S_ISREG(st.st_mode);
	return 0;
}

/* mkfs.erofs 1.8 does not end on a tar file that does; tar itself tells. */
static int check_tar(const char *source, const char *shown, struct error *error)
{
	const char *const argv[] = { "tar", "--list", "--file", source, NULL };
	struct error reason;
	int r;

	progress_begin("checking the tar file", 0);
	r = process_run(argv, &reason);
	progress_end();
	return r < 0 ? fail(error, r == -EINTR ? r : -EBADMSG, "%s is not a whole tar file. %s", shown, reason.text) : 0;
}

/* mkfs.erofs would pack the image it is writing. */
static int check_output(const char *source, const char *path, struct error *error)
{
	char copy[PATH_MAX], tree[PATH_MAX], output[PATH_MAX];
	size_t length;

	snprintf(copy, sizeof copy, "%s", path);
	if (!realpath(source, tree))
		return fail(error, -errno, "Cannot resolve the path %s: %s", source, strerror(errno));
	if (!realpath(dirname(copy), output))
		return fail(error, -errno, "Cannot resolve the path %s: %s", path, strerror(errno));
	length = strlen(tree);
	if (strncmp(output, tree, length) == 0 && (output[length] == '/' || output[length] == '\0' || length == 1))
		return fail(error, -EINVAL, "The output folder lies inside the root tree %s. Give another one with --output", source);
	return 0;
}

/* A fresh filesystem is whole blocks already; only an (almost) empty one is shorter than two. */
static int pad_image(const char *path, uint64_t *ret_length, struct error *error)
{
	autoclose int fd = open(path, O_RDWR | O_CLOEXEC);
	uint64_t length;
	int r = fd < 0 ? -errno : io_file_size(fd, &length);

	if (r < 0)
		return fail(error, r, "mkfs.erofs made no image: %s", strerror(-r));
	length = block_align_up(length);
	if (length < 2 * BLOCK_BYTES)
		length = 2 * BLOCK_BYTES;
	if (ftruncate(fd, (off_t)length) < 0)
		return fail(error, -errno, "Cannot extend the erofs image: %s", strerror(errno));
	*ret_length = length;
	return 0;
}

int erofs_make_image(const struct erofs_options *options, const char *path, uint64_t *ret_length, struct error *error)
{
	char uuid[UUID_TEXT_BYTES], uuid_option[UUID_TEXT_BYTES + 2], time_option[32];
	const char *argv[16];
	unsigned n = 0;
	bool is_tar = false;
	int r;

	r = check_source(options->source, &is_tar, error);
	if (r >= 0)
		r = is_tar ? check_tar(options->source, options->shown, error) : check_output(options->source, path, error);
	if (r < 0)
		return r;
	text_format_uuid(options->uuid, uuid);
	snprintf(uuid_option, sizeof uuid_option, "-U%s", uuid);
	snprintf(time_option, sizeof time_option, "-T%" PRIu64, options->epoch);
	argv[n++] = "mkfs.erofs";
	argv[n++] = "--quiet";
	argv[n++] = uuid_option;
	argv[n++] = time_option;
	argv[n++] = "--mkfs-time";	/* the time is the image's; files keep theirs, unless SOURCE_DATE_EPOCH is earlier */
	if (*options->compression.mkfs_option) {
		argv[n++] = options->compression.mkfs_option;
		argv[n++] = CLUSTER_OPTION;
	}
	if (is_tar)
		argv[n++] = "--tar=f";
	argv[n++] = path;
	argv[n++] = options->source;
	argv[n] = NULL;
	progress_begin("packing (mkfs.erofs)", 0);
	r = process_run(argv, error);
	progress_end();
	if (r < 0)
		return r;
	return pad_image(path, ret_length, error);
}
