/* SPDX-License-Identifier: GPL-2.0-only */
/* Archives on a mounted carrier: the bounded search through its folders. */
#pragma once

#include "locate/archive.h"

/*
 * The folders searched, below the carrier's mount point: the UKI's own (when the firmware's variables
 * tell it), then these.
 */
#define CARRIER_FOLDERS { "/", "/EFI/Linux", "/EFI/BOOT", "/ukiblk" }

/*
 * Goes through the archives on the carrier mounted at @mount whose identifier names @root_hash (all of
 * them when that is NULL), and calls @found for each until one call returns 0. Everything that looked like
 * an archive and was not taken is told to @note. @uki_path: of the booted image on this carrier, or "".
 * Returns 0 when @found took one, else -ENOENT.
 */
typedef int carrier_found(void *context, const struct found_archive *archive);
int carrier_search(const char *mount, const char *uki_path, const uint8_t *root_hash, carrier_found *found,
		   archive_note *note, void *context);
