// SPDX-License-Identifier: GPL-2.0-only
#include "tool/packing.h"
#include "tool/progress.h"

static int run(const struct verb_call *call)
{
	struct pack_options options;
	autowork struct work_folder folder = { 0 };
	struct identifier id;
	struct error error;
	const char *output;
	int r;

	r = packing_read_options(call, call->arguments[0], &options, &output);
	if (r != EXIT_DONE)
		return r;
	progress_show_on_terminal();
	r = packing_check_kernel(&options, verb_value(call, "kernel-config"), &error);
	if (r >= 0)
		r = work_folder_open(output, &folder, &error);
	if (r >= 0)
		r = work_folder_check(&folder, options.name, verb_flag(call, "force"), &error);
	if (r >= 0)
		r = pack_archive(&options, &folder, &id, &error);
	if (r >= 0)
		r = work_folder_publish(&folder, options.name, verb_flag(call, "force"), &error);
	if (r >= 0)
		r = packing_print(&id, NULL, verb_flag(call, "json"), &error);
	return verb_report(r, &error);
}

const struct verb verb_pack = {
	.name = "pack",
	.arguments = "TREE|TAR|-",
	.summary = "Make an archive, NAME.erofs[.001 ...], of a root tree",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
	.options = { PACKING_OPTIONS },
};
