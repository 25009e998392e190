// SPDX-License-Identifier: GPL-2.0-only
/* Cases: what the constructor refuses, with the exact error and sentence (more in guest-fs.c). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define B MNT "/b.bin"

/* vfat with A and B on it, one MiB each. After a refusal neither may stay pinned. */
static bool begin(const char *device, const char *options)
{
	return vfat(device, options) && write_file(A, MIB) && write_file(B, MIB);
}

static void end(void)
{
	static const char *const paths[] = { A, B };

	for (int i = 0; i < 2; i++) {
		int fd = open(paths[i], O_RDWR | O_CLOEXEC);

		check(fd >= 0, "%s stays pinned: %s", paths[i], strerror(errno));
		close(fd);
	}
	umount_fs();
}

static void writable(void)
{
	struct row row = { 0, 8, "ukiblk", "1 " A " 0 8" };
	int r;

	if (!begin(ALIGNED, "-F 32 -s 8"))
		return;
	log_mark();
	r = dm_create("t", &row, 1, WRITABLE);
	check(r == -EROFS, "%s", strerror(-r));
	check(log_has_sentence("Target is read-only: load the table with --readonly"), "sentence");
	end();
}

static void arguments(void)
{
	static const struct { const char *sentence, *parameters; } cases[] = {
		{ "Number of files must be 1 to 1024", "" },
		{ "Number of files must be 1 to 1024", "0" },
		{ "Number of files must be 1 to 1024", "1025 " A " 0 8" },
		{ "Number of files must be 1 to 1024", "1x " A " 0 8" },
		{ "Each file needs a path, a first sector and a number of sectors", "1" },
		{ "Each file needs a path, a first sector and a number of sectors", "2 " A " 0 4 " B " 0" },
		{ "A % in a path must be followed by two hexadecimal digits, not 00", "1 /mnt/100%.efi 0 8" },
		{ "A % in a path must be followed by two hexadecimal digits, not 00", "1 /mnt/a%2 0 8" },
		{ "A % in a path must be followed by two hexadecimal digits, not 00", "1 /mnt/a%00 0 8" },
		{ "First sector must be a number that a file can have", "1 " A " -1 8" },
		{ "First sector must be a number that a file can have", "1 " A " 0x8 8" },
		{ "First sector must be a number that a file can have", "1 " A " 18014398509481984 8" },
		{ "Number of sectors must be 1 or more, and one that a file can have", "1 " A " 0 0" },
		{ "Number of sectors must be 1 or more, and one that a file can have", "1 " A " 0 8k" },
		{ "Number of sectors must be 1 or more, and one that a file can have", "1 " A " 0 18446744073709551624" },
		{ "Sectors of the files do not add up to the length of the target", "1 " A " 0 7" },
		{ "Sectors of the files do not add up to the length of the target", "2 " A " 0 4 " B " 0 5" },
		{ "Number of options must be 0 to 16", "1 " A " 0 8 17" },
		{ "Number of options must be 0 to 16", "1 " A " 0 8 hold" },
		{ "Number of options is not the number of words that follow it", "1 " A " 0 8 1" },
		{ "Number of options is not the number of words that follow it", "1 " A " 0 8 0 more" },
		{ "Option is not known to this version of the target", "1 " A " 0 8 1 wait" },
		{ "Option is not known to this version of the target", "1 " A " 0 8 3 hold 30 wait" },
		{ "Option hold needs a number of seconds from 0 to 86400", "1 " A " 0 8 1 hold" },
		{ "Option hold needs a number of seconds from 0 to 86400", "1 " A " 0 8 2 hold 30s" },
		{ "Option hold needs a number of seconds from 0 to 86400", "1 " A " 0 8 2 hold 86401" },
	};

	if (!begin(ALIGNED, "-F 32 -s 8"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_refusal(EINVAL, cases[i].sentence, 8, "%s", cases[i].parameters);
	check(!attach(8, "1 " A " 0 8 0"), "no options");
	detach();
	end();
}

static void not_a_file(void)
{
	if (!begin(ALIGNED, "-F 32 -s 8"))
		return;
	mkfifo("/tmp/fifo", 0600);
	log_mark();
	expect_refusal(ENOENT, "File cannot be opened for reading", 8, "1 " MNT "/none 0 8");
	expect_refusal(EINVAL, "Not a regular file", 8, "1 " MNT " 0 8");
	expect_refusal(EINVAL, "Not a regular file", 8, "1 /tmp/fifo 0 8");
	expect_refusal(EINVAL, "Not a regular file", 8, "1 " ALIGNED " 0 8");
	expect_refusal(ENOENT, "File cannot be opened for reading", 16, "2 " A " 0 8 " MNT "/no\\ ne 0 8");
	log_mark();
	attach(16, "2 " A " 0 8 " MNT "/no\\ ne 0 8");
	check(log_has("ukiblk: refused file: " MNT "/no ne"), "the log does not name the file");
	unlink("/tmp/fifo");
	end();
}

static void open_writer(void)
{
	int fd;

	if (!begin(ALIGNED, "-F 32 -s 8"))
		return;
	fd = open(B, O_RDWR | O_CLOEXEC);
	expect_refusal(ETXTBSY, "File is open for writing", 8, "1 " B " 0 8");
	expect_refusal(ETXTBSY, "File is open for writing", 16, "2 " A " 0 8 " B " 0 8");
	close(fd);
	end();
}

static void outside(void)
{
	static const char no[] = "Range does not lie within the file";

	if (!begin(ALIGNED, "-F 32 -s 8"))
		return;
	expect_refusal(EINVAL, no, 2049, "1 " A " 0 2049");
	expect_refusal(EINVAL, no, 1, "1 " A " 2048 1");
	expect_refusal(EINVAL, no, 8, "1 " A " 18014398509481983 8");
	check(!truncate(A, 4096 + 511), "truncate: %s", strerror(errno));
	expect_refusal(EINVAL, no, 9, "1 " A " 0 9");
	check(!attach(8, "1 " A " 0 8"), "the whole sectors of the file");
	detach();
	end();
}

static void two_filesystems(void)
{
	if (!begin(ALIGNED, "-F 32 -s 8"))
		return;
	mkdir("/tmp/other", 0755);
	make_fs(ODD, "mkfs.vfat -F 32");
	check(!mount(ODD, "/tmp/other", "vfat", 0, NULL), "mount: %s", strerror(errno));
	write_file("/tmp/other/c", 65536);
	expect_refusal(EXDEV, "Files are not all on the same filesystem", 16, "2 " A " 0 8 /tmp/other/c 0 8");
	check(!umount("/tmp/other"), "the other filesystem stays busy: %s", strerror(errno));
	end();
}

static void alignment(void)
{
	static const char no[] = "Range is not aligned to the logical blocks of the disk";

	if (!begin(NATIVE_4K, "-S 4096 -F 32 -s 2"))
		return;
	expect_refusal(EINVAL, no, 8, "1 " A " 1 8");
	expect_refusal(EINVAL, no, 16, "2 " A " 0 7 " B " 8 9");
	check(!attach(8, "1 " A " 8 8"), "an aligned range");
	detach();
	end();
}

static void set_max_extents(unsigned int value)
{
	FILE *f = fopen("/sys/module/ukiblk/parameters/max_extents", "w");

	check(f && fprintf(f, "%u", value) > 0, "no parameter max_extents");
	if (f)
		fclose(f);
}

static void too_many_extents(void)
{
	if (!vfat(ALIGNED, "-F 32 -s 1"))
		return;
	write_alternating(A, B, 512, 300);
	run("modprobe ukiblk");
	set_max_extents(299);
	expect_refusal(E2BIG, "Files have more extents than max_extents of the module allows", 300, "1 " A " 0 300");
	check(!attach(299, "1 " A " 0 299"), "as many extents as allowed");
	check(status().extents == 299, "%u extents", status().extents);
	detach();
	set_max_extents(1 << 20);
	end();
}

/* The same file many times over: a walk that takes seconds, ended by SIGKILL. */
static void killed(void)
{
	static char parameters[16384];
	size_t n = sprintf(parameters, "500");
	pid_t pid;
	int st;

	if (!vfat(ALIGNED, "-F 32 -s 1"))
		return;
	write_file(A, 8 * MIB);
	write_file(B, 512);
	for (int i = 0; i < 500; i++)
		n += sprintf(parameters + n, " " A " 0 16384");
	run("modprobe ukiblk");
	log_mark();
	pid = fork();
	if (!pid)
		_exit(attach(500 * 16384, "%s", parameters) != 0);
	nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	check(WIFSIGNALED(st), "the walk was not killed");
	check(log_has_sentence("Killed while looking up the extents"), "sentence");
	dm_remove("t");
	end();
}

const struct test refuse_tests[] = {
	{ "writable", "a read-write table is refused", writable },
	{ "arguments", "every malformed table line is refused", arguments },
	{ "not-a-file", "what is not a regular file is refused, and named", not_a_file },
	{ "open-writer", "a file open for writing is refused", open_writer },
	{ "outside", "a range beyond the end of the file is refused", outside },
	{ "two-fs", "files on two filesystems are refused", two_filesystems },
	{ "alignment", "a range unaligned to a 4096-byte disk is refused", alignment },
	{ "max-extents", "more extents than allowed are refused", too_many_extents },
	{ "killed", "a long walk can be killed", killed },
	{ 0 }
};
