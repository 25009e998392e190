// SPDX-License-Identifier: GPL-2.0-only
#include "archive/uki.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/process.h"
#include "base/progress.h"
#include "base/text.h"

/* Documentation/arch/x86/boot.rst: offsets in the setup header of a bzImage. */
#define SETUP_MAGIC_OFFSET 0x202
#define SETUP_VERSION_OFFSET 0x20e	/* points to the release text, 0x200 less */

int uki_read_kernel_release(const char *kernel, char ret_release[static KERNEL_RELEASE_BYTES], struct error *error)
{
	autoclose int fd = open(kernel, O_RDONLY | O_CLOEXEC);
	char text[KERNEL_RELEASE_BYTES] = "";
	uint8_t magic[4], pointer[2];
	size_t length;
	int r;

	if (fd < 0)
		return fail(error, -errno, "Cannot open the kernel %s: %s", kernel, strerror(errno));
	r = io_read_at(fd, magic, sizeof magic, SETUP_MAGIC_OFFSET);
	if (r >= 0)
		r = io_read_at(fd, pointer, sizeof pointer, SETUP_VERSION_OFFSET);
	if (r >= 0 && memcmp(magic, "HdrS", 4) == 0)
		r = io_read_at(fd, text, sizeof text - 1, get_le16(pointer) + UINT64_C(0x200));
	length = strcspn(text, " ");
	if (r < 0 || length == 0 || text[length] == '\0')
		return fail(error, -EINVAL, "%s is not a Linux kernel image (bzImage)", kernel);
	text[length] = '\0';
	memcpy(ret_release, text, sizeof text);
	return 0;
}

int uki_make_initrd(const struct uki_options *options, const char *output, struct error *error)
{
	char release[KERNEL_RELEASE_BYTES];
	/* Only what boots an archive on any machine: the dracut module pulls in what it depends on. */
	const char *argv[20] = { "dracut", "--quiet", "--force", "--no-hostonly", "--no-hostonly-cmdline",
				 "--no-early-microcode", "--reproducible", "--zstd", "--modules", "ukiblk" };
	unsigned n = 10;
	int r;

	r = uki_read_kernel_release(options->kernel, release, error);
	if (r < 0)
		return r;
	if (options->modules) {
		argv[n++] = "--kmoddir";
		argv[n++] = options->modules;
	}
	argv[n++] = "--kver";
	argv[n++] = release;
	argv[n++] = output;
	argv[n] = NULL;
	progress_begin("making the initrd (dracut)", 0);
	r = process_run(argv, error);
	progress_end();
	return r;
}

int uki_make(const struct uki_options *options, const char *initrd, const uint8_t root_hash[static HASH_BYTES],
	     const char *output, struct error *error)
{
	char release[KERNEL_RELEASE_BYTES], hex[2 * HASH_BYTES + 1];
	autofree char *cmdline = NULL, *linux_option = NULL, *os_release = NULL;
	const char *argv[24] = { "ukify", "build" };
	unsigned n = 2;
	int r;

	r = uki_read_kernel_release(options->kernel, release, error);
	if (r < 0)
		return r;
	text_format_hex(root_hash, HASH_BYTES, hex);
	if (asprintf(&cmdline, "--cmdline=root=ukiblk:%s%s%s", hex, *options->cmdline ? " " : "", options->cmdline) < 0 ||
	    asprintf(&linux_option, "--linux=%s", options->kernel) < 0 ||
	    asprintf(&os_release, "--os-release=@%s", options->os_release) < 0)
		return fail(error, -ENOMEM, "Out of memory");
	argv[n++] = linux_option;
	argv[n++] = "--initrd";
	argv[n++] = initrd;
	argv[n++] = cmdline;
	argv[n++] = os_release;
	argv[n++] = "--uname";
	argv[n++] = release;
	if (options->stub) {
		argv[n++] = "--stub";
		argv[n++] = options->stub;
	}
	argv[n++] = "--output";
	argv[n++] = output;
	argv[n] = NULL;
	progress_begin("making the unified kernel image (ukify)", 0);
	r = process_run(argv, error);
	progress_end();
	return r;
}
