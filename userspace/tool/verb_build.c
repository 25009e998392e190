// SPDX-License-Identifier: GPL-2.0-only
/* pack + dracut + ukify + embed in one. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/embed.h"
#include "archive/sign.h"
#include "archive/uki.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tool/packing.h"
#include "tool/progress.h"

#define AUTO_EMBEDDED_MAX_BYTES (UINT64_C(256) << 20)	/* firmware reads the whole .efi, slowly */

enum mode { MODE_AUTO, MODE_EMBEDDED, MODE_SPLIT };

struct job {
	struct pack_options packing;
	struct uki_options uki;
	enum mode mode;
	uint64_t max_bytes;	/* of the .efi */
	uint64_t bare_bytes;	/* of the .efi without an archive */
	const char *sign_key, *sign_certificate;	/* NULL: not signed */
	const char *kernel_config;	/* NULL: not known */
	char found_config[PATH_MAX];	/* what kernel_config may point to */
	char modules[PATH_MAX];	/* what uki.modules may point to */
	struct work_folder folder;
	struct identifier id;
};

static bool has_word(const char *cmdline, const char *start)
{
	for (const char *p = cmdline; (p = strstr(p, start)); p++)
		if (p == cmdline || p[-1] == ' ')
			return true;
	return false;
}

static int read_mode(const char *text, enum mode *ret)
{
	static const char *const modes[] = { [MODE_AUTO] = "auto", [MODE_EMBEDDED] = "embedded", [MODE_SPLIT] = "split" };

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (!text || strcmp(text, modes[i]) == 0) {
			*ret = (enum mode)i;
			return 0;
		}
	return -EINVAL;
}

static int read_options(const struct verb_call *call, struct job *job, const char **ret_output)
{
	const char *root = verb_value(call, "root"), *mode = verb_value(call, "mode"), *max = verb_value(call, "max-size");
	int r;

	job->max_bytes = EMBEDDED_MAX_BYTES;
	job->kernel_config = verb_value(call, "kernel-config");

	job->uki = (struct uki_options){
		.kernel = verb_value(call, "kernel"),
		.initrd = verb_value(call, "initrd"),
		.modules = verb_value(call, "modules"),
		.cmdline = verb_value(call, "cmdline") ? verb_value(call, "cmdline") : "",
		.os_release = verb_value(call, "os-release"),
		.stub = verb_value(call, "stub"),
	};
	job->sign_key = verb_value(call, "sign-key");
	job->sign_certificate = verb_value(call, "sign-cert");
	if (!job->sign_key != !job->sign_certificate)
		return verb_usage_error(call, "--sign-key and --sign-cert go together");
	if (!root || !job->uki.kernel || !job->uki.os_release)
		return verb_usage_error(call, "--%s is missing", !root ? "root" : !job->uki.kernel ? "kernel" : "os-release");
	r = packing_read_options(call, root, &job->packing, ret_output);
	if (r != EXIT_DONE)
		return r;
	if (read_mode(mode, &job->mode) < 0)
		return verb_usage_error(call, "--mode \"%s\" is none of auto, embedded, split", mode);
	if (max && !text_parse_size(max, 1, EMBEDDED_MAX_BYTES, &job->max_bytes))
		return verb_usage_error(call, "--max-size \"%s\" is not a size up to 4 GiB - 1", max);
	if (has_word(job->uki.cmdline, "root="))
		return verb_usage_error(call, "--cmdline must not say root=: root=ukiblk:<root hash> is added");
	return EXIT_DONE;
}

/* Small files first: a wrong path is told before minutes of packing. */
static int check_inputs(const struct job *job, struct error *error)
{
	const char *const files[] = { job->uki.kernel, job->uki.os_release, job->uki.initrd, job->uki.stub, job->sign_key,
					job->sign_certificate };
	char release[KERNEL_RELEASE_BYTES];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (files[i] && access(files[i], R_OK) < 0)
			return fail(error, -errno, "Cannot read %s: %s", files[i], strerror(errno));
	return uki_read_kernel_release(job->uki.kernel, release, error);
}

/* @format with the tree and the kernel's release; true when there is such a file. */
static bool find_in_tree(const struct job *job, const char *format_tail, const char *release, char ret_path[static PATH_MAX])
{
	return snprintf(ret_path, PATH_MAX, "%s%s%s", job->packing.erofs.source, format_tail, release) < PATH_MAX &&
	       access(ret_path, R_OK) == 0;
}

/*
 * What belongs to the kernel: its modules for the initrd (the root tree's own, when it has them) and its
 * configuration (beside the kernel, or in the tree).
 */
static int find_companions(struct job *job, struct error *error)
{
	autofree char *kernel = strdup(job->uki.kernel);
	char release[KERNEL_RELEASE_BYTES];
	int r = kernel ? uki_read_kernel_release(job->uki.kernel, release, error) : fail(error, -ENOMEM, "Out of memory");

	if (r < 0)
		return r;
	if (!job->uki.modules && find_in_tree(job, "/usr/lib/modules/", release, job->modules))
		job->uki.modules = job->modules;
	if (job->kernel_config)
		return 0;
	snprintf(job->found_config, sizeof job->found_config, "%s/config-%s", dirname(kernel), release);
	if (access(job->found_config, R_OK) == 0 || find_in_tree(job, "/boot/config-", release, job->found_config))
		job->kernel_config = job->found_config;
	return 0;
}

/* How large the .efi would be: known before the archive is put behind it. */
static bool is_embedded(const struct job *job)
{
	if (job->mode != MODE_AUTO)
		return job->mode == MODE_EMBEDDED;
	return job->id.total_length <= AUTO_EMBEDDED_MAX_BYTES && embed_size(job->bare_bytes, job->id.total_length) <= job->max_bytes;
}

static int embed_and_drop(const struct job *job, const char *bare, const char *final, struct error *error)
{
	struct found_archive archive;
	char first[PATH_MAX], file[IDENTIFIER_NAME_BYTES + 8];
	int r;

	snprintf(file, sizeof file, "%s.erofs", job->id.name);
	if (!work_folder_path(&job->folder, file, first))
		return fail(error, -ENAMETOOLONG, "The path of the archive is too long");
	r = archive_open_file(first, &archive, error);
	if (r < 0)
		return r;
	r = embed_archive(bare, &archive, job->max_bytes, final, error);
	for (size_t i = 0; r >= 0 && i < archive.count; i++)
		if (unlink(archive.files[i].path) < 0)
			r = fail(error, -errno, "Cannot remove %s: %s", archive.files[i].path, strerror(errno));
	archive_release(&archive);
	return r;
}

static int measure(struct job *job, const char *bare, struct error *error)
{
	struct stat st;

	if (stat(bare, &st) < 0)
		return fail(error, -errno, "ukify made no file: %s", strerror(errno));
	job->bare_bytes = (uint64_t)st.st_size;
	if (job->bare_bytes > job->max_bytes)
		return fail(error, -EFBIG, "The .efi has %" PRIu64 " bytes without its archive, more than the %" PRIu64 " allowed. Use a smaller initrd",
			    job->bare_bytes, job->max_bytes);
	return 0;
}

/* The UKI with its archive embedded or beside it, not signed yet. */
static int make_unsigned(struct job *job, const char *path, struct error *error)
{
	char initrd[PATH_MAX], bare[PATH_MAX];
	int r = 0;

	if (!work_folder_path(&job->folder, "initrd", initrd) || !work_folder_path(&job->folder, "bare", bare))
		return fail(error, -ENAMETOOLONG, "The path of the output is too long");
	if (!job->uki.initrd)
		r = uki_make_initrd(&job->uki, initrd, error);
	if (r >= 0)
		r = uki_make(&job->uki, job->uki.initrd ? job->uki.initrd : initrd, job->id.root_hash, bare, error);
	if (r >= 0)
		r = measure(job, bare, error);
	if (r < 0)
		return r;
	if (is_embedded(job))
		return embed_and_drop(job, bare, path, error);
	return rename(bare, path) < 0 ? fail(error, -errno, "Cannot rename %s: %s", bare, strerror(errno)) : 0;
}

static int make_efi(struct job *job, struct error *error)
{
	char unsigned_path[PATH_MAX], final[PATH_MAX], file[IDENTIFIER_NAME_BYTES + 8];
	int r;

	snprintf(file, sizeof file, "%s.efi", job->id.name);
	if (!work_folder_path(&job->folder, "unsigned", unsigned_path) || !work_folder_path(&job->folder, file, final))
		return fail(error, -ENAMETOOLONG, "The path of the output is too long");
	r = make_unsigned(job, job->sign_key ? unsigned_path : final, error);
	if (r >= 0 && job->sign_key)
		r = sign_image(unsigned_path, job->sign_key, job->sign_certificate, final, error);
	return r;
}

static int build(struct job *job, const char *output, bool force, struct error *error)
{
	int r = check_inputs(job, error);

	if (r >= 0)
		r = find_companions(job, error);
	if (r >= 0)
		r = packing_check_kernel(&job->packing, job->kernel_config, error);
	if (r >= 0)
		r = work_folder_open(output, &job->folder, error);
	if (r < 0)
		return r;
	r = work_folder_check(&job->folder, job->packing.name, force, error);
	if (r >= 0)
		r = pack_archive(&job->packing, &job->folder, &job->id, error);
	if (r >= 0)
		r = make_efi(job, error);
	if (r >= 0)
		r = work_folder_publish(&job->folder, job->id.name, force, error);
	work_folder_close(&job->folder);
	return r;
}

static int run(const struct verb_call *call)
{
	struct job job = { 0 };
	struct error error;
	const char *output;
	int r;

	r = read_options(call, &job, &output);
	if (r != EXIT_DONE)
		return r;
	progress_show_on_terminal();
	r = build(&job, output, verb_flag(call, "force"), &error);
	if (r >= 0)
		r = packing_print(&job.id, is_embedded(&job) ? "embedded" : "split", verb_flag(call, "json"), &error);
	return verb_report(r, &error);
}

const struct verb verb_build = {
	.name = "build",
	.arguments = "",
	.summary = "Make a bootable NAME.efi [and NAME.erofs ...] of a root tree and a kernel",
	.run = run,
	.options = {
		{ "root", "TREE|TAR|-", "the root tree (needed)" },
		{ "kernel", "FILE", "the kernel, a bzImage (needed)" },
		{ "os-release", "FILE", "what the UKI says it is (needed)" },
		{ "cmdline", "WORDS", "kernel command line; root=ukiblk:<root hash> is added" },
		{ "initrd", "FILE", "an initrd with ukiblk in it (default: dracut makes one)" },
		{ "modules", "DIR", "modules for dracut (default: the tree's own, else the host's)" },
		{ "stub", "FILE", "UEFI stub (default: ukify's choice)" },
		{ "mode", "MODE", "embedded, split, or auto: embedded up to 256 MiB (default)" },
		{ "sign-key", "FILE", "sign the .efi for Secure Boot with this PEM key" },
		{ "sign-cert", "FILE", "and this PEM certificate" },
		{ "max-size", "BYTES", "largest size of the .efi, K M G allowed (default: 4 GiB - 1)" },
		PACKING_OPTIONS,
	},
};
