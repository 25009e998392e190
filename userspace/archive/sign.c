// SPDX-License-Identifier: GPL-2.0-only
#include "archive/sign.h"

#include <stddef.h>

#include "base/process.h"
#include "base/progress.h"

int sign_image(const char *unsigned_path, const char *key, const char *certificate, const char *output, struct error *error)
{
	const char *const argv[] = { "sbsign", "--key", key, "--cert", certificate, "--output", output, unsigned_path, NULL };
	int r;

	progress_begin("signing (sbsign)", 0);
	r = process_run(argv, error);
	progress_end();
	return r;
}
