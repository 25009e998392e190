/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a boot that found no root: the last page, and then a shell or none. */
#pragma once

#define BOOT_PAGE_PATH "/run/ukiblk/boot.txt"

/*
 * Shows the page that "ukiblk boot" left. Returns when a shell may follow: always without Secure Boot, else only
 * when @cmdline (signed then) asks for one. Otherwise it waits for a person and restarts the machine.
 */
void boot_failed(const char *cmdline);
