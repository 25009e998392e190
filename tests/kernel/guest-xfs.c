// SPDX-License-Identifier: GPL-2.0-only
/* Cases: xfs gives two files the same blocks. It asks who knows where the blocks of a file are, and so waits. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define B MNT "/b.bin"
#define C MNT "/c.bin"
#define SHARED "Range has a hole, or a block that is shared or cannot be found"
#define MKFS "mkfs.xfs -q -f -i nrext64=0"
#define BASE_SECTORS (400 * MIB / SECTOR)

/* The first bytes of A get the blocks of B; A is only open for reading. */
static int deduplicate(size_t size)
{
	union {
		struct file_dedupe_range range;
		unsigned char room[sizeof(struct file_dedupe_range) + sizeof(struct file_dedupe_range_info)];
	} d = { .range = { .src_length = size, .dest_count = 1 } };
	int from = open(B, O_RDONLY | O_CLOEXEC), to = open(A, O_RDONLY | O_CLOEXEC);

	d.range.info[0].dest_fd = to;
	if (ioctl(from, FIDEDUPERANGE, &d))
		return errno;
	return d.range.info[0].status || d.range.info[0].bytes_deduped != size ? EINVAL : 0;
}

static pid_t start_deduplicate(size_t size)
{
	pid_t pid = fork();

	if (!pid)
		_exit(deduplicate(size));
	return pid;
}

/* A second name for all blocks of A: what "cp" of today tries first. */
static pid_t start_clone(void)
{
	pid_t pid = fork();

	if (!pid) {
		int to = open(C, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), from = open(A, O_RDONLY | O_CLOEXEC);

		_exit(ioctl(to, FICLONE, from) ? errno : 0);
	}
	return pid;
}

static bool ended(pid_t pid, int *st, unsigned int seconds)
{
	return wait_for(waitpid(pid, st, WNOHANG) == pid, seconds);
}

static void expect_end(pid_t pid, unsigned int seconds)
{
	int st = 0;

	if (check(ended(pid, &st, seconds), "it has not ended"))
		check(!st, "it failed: %s", strerror(WEXITSTATUS(st)));
	else
		kill(pid, SIGKILL);
}

static void allow_leases(const char *yes)
{
	FILE *f = fopen("/proc/sys/fs/leases-enable", "w");

	check(f && fputs(yes, f) >= 0 && !fclose(f), "leases-enable: %s", strerror(errno));
}

/* A and B with the same content, A attached. */
static bool begin(void)
{
	struct range whole = { A, 0, MIB / SECTOR };

	if (!make_fs(ALIGNED, MKFS) || !mount_fs(ALIGNED, "xfs") || !write_file(A, MIB))
		return false;
	allow_leases("0");
	expect_refusal(EINVAL, "Filesystem does not promise to leave the blocks of the file in place", 8, "1 " A " 0 8");
	allow_leases("1");
	if (!check(!run("busybox cp " A " " B), "cp") || !attach_ranges(&whole, 1))
		return false;
	sync();
	return true;
}

/* Deduplication replaces the blocks of a file that nobody has open for writing. It waits for us. */
static void deduplicated(void)
{
	struct range whole = { A, 0, MIB / SECTOR };
	int st = 0;
	pid_t pid;

	if (begin()) {
		pid = start_deduplicate(MIB);
		check(!ended(pid, &st, 2), "the blocks of a mapped file are replaced: %d", st);
		compare_ranges(&whole, 1);
		detach();
		expect_end(pid, 20);
		expect_refusal(EINVAL, SHARED, 8, "1 " A " 0 8");
		check(!module_remove(), "the module does not unload");
	}
	umount_fs();
}

/* A copy that shares the blocks waits too, and can be killed. The file can be mapped again meanwhile, and after that. */
static void cloned(void)
{
	static const struct row again = { 0, 100, "ukiblk", "1 " A " 7 100" }, same = { 0, 2048, "ukiblk", "1 " A " 0 2048" };
	int st = 0;
	pid_t pid;

	if (begin()) {
		pid = start_clone();
		check(!ended(pid, &st, 2), "the blocks of a mapped file are shared: %d", st);
		check(!dm_create("t2", &again, 1, 0), "a second mapping while somebody waits");
		check(!dm_remove("t2"), "remove");
		kill(pid, SIGKILL);
		check(ended(pid, &st, 2) && WIFSIGNALED(st), "a copy that waits cannot be killed: %d", st);
		check(!dm_swap("t", &same, 1, 0), "another table for the same file");
		pid = start_clone();
		check(!ended(pid, &st, 2), "the blocks of a mapped file are shared: %d", st);
		detach();
		expect_end(pid, 20);
	}
	umount_fs();
}

/* A deduplication that was first, and looks at the content of a slow disk. The target waits, and sees what came of it. */
static void overtaken(void)
{
	static const struct row linear = { 0, BASE_SECTORS, "linear", ALIGNED " 2048" };
	static const struct row slow = { 0, BASE_SECTORS, "delay", ALIGNED " 2048 2000 " ALIGNED " 2048 0" };
	struct stat unused;
	pid_t pid;

	run("modprobe -a dm-delay ukiblk");
	if (!check(!dm_create("base", &linear, 1, WRITABLE), "dm-linear") || !make_fs(dm_path("base"), MKFS) ||
	    !mount_fs(dm_path("base"), "xfs"))
		return;
	write_file(A, MIB);
	check(!run("busybox cp " A " " B), "cp");
	umount_fs();
	mount_fs(dm_path("base"), "xfs");
	check(!stat(A, &unused) && !stat(B, &unused), "stat: %s", strerror(errno));
	check(!dm_reload("base", &slow, 1, WRITABLE), "dm-delay");
	pid = start_deduplicate(4096);
	sleep_ms(1000);
	expect_refusal(EINVAL, SHARED, 2048, "1 " A " 0 2048");
	expect_end(pid, 20);
	check(!dm_reload("base", &linear, 1, WRITABLE), "dm-linear");
	umount_fs();
	check(!dm_remove("base"), "remove");
}

const struct test xfs_tests[] = {
	{ "xfs-dedupe", "deduplication on xfs waits for the mapping to go", deduplicated },
	{ "xfs-clone", "so does a copy that shares blocks; the file can be mapped again", cloned },
	{ "xfs-overtaken", "a mapping waits for a deduplication that was first", overtaken },
	{ 0 }
};
