/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at one device: mounts it, searches it, and when an archive verifies leaves everything up to
 * the mounted erofs standing. Runs in a child process of its own, which the search can abandon when
 * the device hangs; what it finds goes through a pipe as struct boot_finding.
 */
#pragma once

#include <sys/types.h>

#include "locate/devices.h"
#include "tool/boot_report.h"
#include "tool/boot_words.h"
#include "tool/names.h"

struct examination {
	struct carrier_device device;
	char uki_path[512];	/* of the booted image, when it lies on this device; or "" */
	const struct boot_words *words;
	/* Differ from the usual ones when a child that was left behind may still hold those. */
	char carrier[64];	/* mount points: of the carrier */
	char lower[64];	/* and of the erofs */
	struct device_names names;
};

/* Starts the child; *ret_pipe is where its findings arrive until it ends. -errno on failure. */
pid_t examination_start(const struct examination *examination, int *ret_pipe);
