// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "archive/embed.h"
#include "archive/workfolder.h"
#include "base/text.h"
#include "tool/progress.h"
#include "tool/verb.h"

/* OUT.efi → its folder and the name without .efi */
static bool split_output(const char *path, char ret_folder[static PATH_MAX], char ret_name[static NAME_MAX])
{
	char folder[PATH_MAX], name[PATH_MAX];
	const char *base;

	if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
		return false;
	memcpy(name, folder, sizeof name);
	base = basename(name);
	if (!text_has_suffix(base, ".efi") || strlen(base) < 5)
		return false;
	return snprintf(ret_folder, PATH_MAX, "%s", dirname(folder)) < PATH_MAX &&
	       snprintf(ret_name, NAME_MAX, "%.*s", (int)(strlen(base) - 4), base) < NAME_MAX;
}

static int embed(const char *uki, const char *archive_path, const char *folder_path, const char *name,
		 uint64_t max_bytes, bool force, struct error *error)
{
	autowork struct work_folder folder = { 0 };
	struct found_archive archive = { 0 };
	char path[PATH_MAX], file[NAME_MAX + 8];
	int r;

	r = archive_open_file(archive_path, &archive, error);
	if (r < 0)
		return r;
	snprintf(file, sizeof file, "%s.efi", name);
	r = work_folder_open(folder_path, &folder, error);
	if (r >= 0 && !work_folder_path(&folder, file, path))
		r = fail(error, -ENAMETOOLONG, "The path of the output is too long");
	if (r >= 0)
		r = embed_archive(uki, &archive, max_bytes, path, error);
	if (r >= 0)
		r = work_folder_publish_file(&folder, file, force, error);
	archive_release(&archive);
	return r;
}

static int run(const struct verb_call *call)
{
	const char *uki = verb_value(call, "uki"), *archive = verb_value(call, "archive"), *output = verb_value(call, "output");
	const char *max = verb_value(call, "max-size");
	char folder[PATH_MAX], name[NAME_MAX];
	uint64_t max_bytes = EMBEDDED_MAX_BYTES;
	struct error error;

	if (!uki || !archive || !output)
		return verb_usage_error(call, "--%s is missing", !uki ? "uki" : !archive ? "archive" : "output");
	if (!split_output(output, folder, name))
		return verb_usage_error(call, "The output \"%s\" does not end in .efi", output);
	if (max && !text_parse_size(max, 1, EMBEDDED_MAX_BYTES, &max_bytes))
		return verb_usage_error(call, "--max-size \"%s\" is not a size up to 4 GiB - 1", max);
	progress_show_on_terminal();
	return verb_report(embed(uki, archive, folder, name, max_bytes, verb_flag(call, "force"), &error), &error);
}

const struct verb verb_embed = {
	.name = "embed",
	.arguments = "",
	.summary = "Append an archive to a UKI that is not signed yet",
	.run = run,
	.options = {
		{ "uki", "FILE", "the UKI (needed); its command line must name the archive's root hash" },
		{ "archive", "FILE", "NAME.erofs; further chunks are found beside it (needed)" },
		{ "output", "FILE", "the result, which must end in .efi (needed)" },
		{ "max-size", "BYTES", "largest size of the result, K M G allowed (default: 4 GiB - 1)" },
		{ "force", NULL, "replace a result that is there already" },
	},
};
