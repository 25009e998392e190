/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a UKI around the archive: the initrd by dracut, the PE file by ukify. */
#pragma once

#include "archive/workfolder.h"
#include "base/bytes.h"

struct error;

struct uki_options {
	const char *kernel;	/* a bzImage */
	const char *initrd;	/* NULL: dracut makes one */
	const char *modules;	/* folder of the kernel's modules for dracut; NULL: the host's */
	const char *cmdline;	/* without root=, which is added */
	const char *os_release;	/* a file */
	const char *stub;	/* NULL: ukify's own choice */
};

#define KERNEL_RELEASE_BYTES 128

/* The release ("6.12.0-amd64") a bzImage says it is: Documentation/arch/x86/boot.rst, kernel_version. */
int uki_read_kernel_release(const char *kernel, char ret_release[static KERNEL_RELEASE_BYTES], struct error *error);

/* Runs dracut for that release; the initrd goes to @output. */
int uki_make_initrd(const struct uki_options *options, const char *output, struct error *error);
/* Runs ukify; root=ukiblk:<root hash> becomes the command line's first word. */
int uki_make(const struct uki_options *options, const char *initrd, const uint8_t root_hash[static HASH_BYTES],
	     const char *output, struct error *error);
