/* SPDX-License-Identifier: GPL-2.0-only */
/* The texts a person reads during a boot. Pure: what was seen goes in, text comes out. */
#pragma once

#include "tool/boot_report.h"

/* A page and the cursor's line below it fit on the smallest screen. */
#define BOOT_PAGE_COLUMNS 80u
#define BOOT_PAGE_LINES 24u

struct boot_status {
	enum boot_phase phase;
	const char *root_hash;	/* hexadecimal digits */
	const char *device;	/* looked at, or holding the right archive; "" : none */
	const char *object;	/* the right archive's file on it */
	double left;	/* seconds until the search ends */
	double spent;	/* seconds in a phase behind the search */
};

/* What is being done now, one sentence; the caller frees. NULL: out of memory. */
char *boot_page_status(const struct boot_status *status);
/* The same in lines of the screen. */
char *boot_page_wrap(const char *text);
/* What was looked at so far and what came of it, a line or two each. */
char *boot_page_findings(const struct boot_report *report);
/* The last page of a boot that failed: every device and candidate, why not, what to do. */
char *boot_page_failure(const struct boot_report *report);
