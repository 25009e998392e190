// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_examine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "locate/carrier.h"
#include "map/device.h"
#include "mount/mount.h"
#include "mount/root.h"
#include "tool/console.h"
#include "verify/rootblock.h"
#include "verify/verity.h"

struct examiner {
	const struct examination *examination;
	int pipe;
};

/* @path is shown as it is on the carrier. */
static void tell(const struct examiner *examiner, const char *path, int code, enum boot_phase phase, const char *sentence)
{
	const char *mount = examiner->examination->carrier;
	struct boot_finding finding = { .code = code, .phase = phase, .at = boot_times_now() };
	size_t length = strlen(mount);

	if (strncmp(path, mount, length) == 0)
		path += length;
	snprintf(finding.device, sizeof finding.device, "%s", examiner->examination->device.node);
	snprintf(finding.object, sizeof finding.object, "%s", path);
	snprintf(finding.sentence, sizeof finding.sentence, "%s", sentence);
	text_make_printable(finding.object);
	text_make_printable(finding.sentence);
	while (write(examiner->pipe, &finding, sizeof finding) < 0 && errno == EINTR)
		;
}

/* An archive_note too. */
static void note(void *context, const char *path, int code, const char *sentence)
{
	tell(context, path, code, BOOT_LOCATE, sentence);
}

/* The right archive has come to its next phase. */
static void enter(const struct examiner *examiner, const struct found_archive *archive, enum boot_phase phase)
{
	tell(examiner, archive->files[0].path, -EINPROGRESS, phase, "Found");
}

static int activate_and_mount(const struct examiner *examiner, const struct found_archive *archive, enum verify_policy policy,
			      struct error *error)
{
	const struct examination *examination = examiner->examination;
	const struct device_names *names = &examination->names;
	struct error reason, ignored;
	int r;

	enter(examiner, archive, BOOT_VERIFY);
	r = verify_activate(names->archive_node, names->verity, &archive->files[0].id, examination->words->root_hash, policy, error);
	if (r < 0)
		return r;
	if (archive->files[0].id.fec_roots)
		verify_prove(names->verity_node, &ignored);	/* the mount tells whether it helped */
	enter(examiner, archive, BOOT_MOUNT);
	r = root_mount_lower(names->verity_node, examination->lower, &reason);
	if (r < 0) {
		verify_deactivate(names->verity, &ignored);
		return fail(error, r, "The filesystem of archive \"%s\" cannot be read through dm-verity. %s. The file is damaged: copy it again",
			    archive->files[0].id.name, reason.text);
	}
	return 0;
}

/*
 * From here on the root block is the right one (or parity must show that it is): what fails now is damage, not
 * another archive. Damage ends a candidate, never the machine: the policy is for the system that runs, so it
 * comes into force when the candidate has been taken.
 */
static int verify_and_mount(const struct examiner *examiner, const struct found_archive *archive, struct error *error)
{
	const struct examination *examination = examiner->examination;
	enum verify_policy policy = examination->words->corruption;
	int r = activate_and_mount(examiner, archive, VERIFY_EIO, error);

	if (r < 0 || policy == VERIFY_EIO)
		return r;
	mount_detach(examination->lower);
	r = verify_deactivate(examination->names.verity, error);
	return r < 0 ? r : activate_and_mount(examiner, archive, policy, error);
}

static int bring_up(void *context, const struct found_archive *archive)
{
	const struct examiner *examiner = context;
	const struct examination *examination = examiner->examination;
	enum map_backend used = MAP_AUTO;
	struct error error, ignored;
	int r;

	r = verify_root_block(archive, examination->words->root_hash, &error);
	if (r < 0) {
		/* -EKEYREJECTED is kept for a right root block; this is simply another archive. */
		note(context, archive->files[0].path, r == -EKEYREJECTED ? -ENOENT : r, error.text);
		return r;
	}
	enter(examiner, archive, BOOT_MAP);
	if (r == 1 && examination->words->corruption != VERIFY_EIO) {
		/* The kernel (6.12) would end the machine at the first look at a damaged tree block, before it repairs it. */
		note(context, archive->files[0].path, -EKEYREJECTED,
		     "Its root block is damaged. Parity repairs that only with rd.ukiblk.corruption=eio. Copy the file again");
		return -EKEYREJECTED;
	}
	r = map_create_device(examination->names.archive, archive, examination->words->backend, &used, &error);
	if (r >= 0 && used == MAP_LOOP && examination->words->backend == MAP_AUTO)
		console_say("ukiblk: " MAP_LOOP_WARNING "\n");
	if (r >= 0) {
		r = verify_and_mount(examiner, archive, &error);
		if (r < 0)
			map_remove_device(examination->names.archive, &ignored);
	}
	if (r < 0) {
		note(context, archive->files[0].path, -EKEYREJECTED, error.text);
		return r;
	}
	note(context, archive->files[0].path, 0, archive->files[0].id.name);
	return 0;
}

static void examine(struct examiner *examiner)
{
	const struct examination *examination = examiner->examination;
	const struct mount_request carrier = {
		.fstype = examination->device.fstype,
		.source = examination->device.node,
		.target = examination->carrier,
		.read_only = true,
		.confined = true,
	};
	struct error error;
	int r;

	r = mount_filesystem(&carrier, &error);
	if (r < 0) {
		note(examiner, "", r, error.text);
		return;
	}
	r = carrier_search(examination->carrier, examination->uki_path, examination->words->root_hash, bring_up, note, examiner);
	if (r < 0)
		mount_detach(examination->carrier);
}

pid_t examination_start(const struct examination *examination, int *ret_pipe)
{
	struct examiner examiner = { .examination = examination };
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return -errno;
	}
	if (child > 0) {
		close(ends[1]);
		*ret_pipe = ends[0];
		return child;
	}
	close(ends[0]);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	examiner.pipe = ends[1];
	examine(&examiner);
	_exit(0);
}
