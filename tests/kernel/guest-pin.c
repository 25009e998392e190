// SPDX-License-Identifier: GPL-2.0-only
/* Cases: what a mapped file and its filesystem still allow, and the life of device and module. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define SIZE (4 * MIB)
#define SECTORS (SIZE / SECTOR)
#define ODD_NAME "/tmp/a b\\c\t,%\xc3\xa0"	/* the last letter holds byte 0xa0: a space to the kernel */
#define ODD_NAME_ENCODED "/tmp/a%20b%5cc%09%2c%25\xc3%a0"

/* vfat with A on it, attached whole. */
static bool attach_file(void)
{
	struct range whole = { A, 0, SECTORS };

	return vfat(ALIGNED, "-F 32 -s 8") && write_file(A, SIZE) && attach_ranges(&whole, 1);
}

/* Root can make a device writable against the will of its table; the target still takes only reads. */
static void write_by_force(void)
{
	static char zeros[4096] __attribute__((aligned(4096)));
	uint64_t range[] = { 0, sizeof(zeros) };
	int no = 0, fd = open(dm_path("t"), O_RDONLY | O_CLOEXEC);

	check(!ioctl(fd, BLKROSET, &no), "BLKROSET: %s", strerror(errno));
	close(fd);
	fd = open(dm_path("t"), O_RDWR | O_DIRECT | O_CLOEXEC);
	note("by force, opening for writing is %s", fd < 0 ? "refused" : "allowed");
	if (fd < 0)
		return;
	check(pwrite(fd, zeros, sizeof(zeros), 0) < 0, "a write succeeds");
	check(ioctl(fd, BLKDISCARD, range) && ioctl(fd, BLKZEROOUT, range) && ioctl(fd, BLKSECDISCARD, range),
	      "a discard succeeds");
	close(fd);
}

static void no_write(void)
{
	struct range whole = { A, 0, SECTORS };
	char sector[SECTOR] = { 0 };
	int fd;

	if (!attach_file())
		return;
	fd = open(dm_path("t"), O_RDWR | O_CLOEXEC);
	check(fd < 0 || (write(fd, sector, SECTOR) < 0 && errno == EPERM), "write: %s", strerror(errno));
	close(fd);
	write_by_force();
	compare_ranges(&whole, 1);
	detach();
	umount_fs();
}

/* A read that would rather fail than wait for a request to be free does neither on an idle disk. */
static void no_wait(void)
{
	static char bytes[4096] __attribute__((aligned(4096)));
	struct iovec to = { bytes, sizeof(bytes) };
	ssize_t n;
	int fd;

	if (!attach_file())
		return;
	fd = open(dm_path("t"), O_RDONLY | O_DIRECT | O_CLOEXEC);
	n = preadv2(fd, &to, 1, 4096, RWF_NOWAIT);
	check(n == sizeof(bytes), "%zd bytes: %s", n, strerror(errno));
	close(fd);
	detach();
	umount_fs();
}

static bool refuses_writer(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC), error = errno;

	close(fd);
	return check(fd < 0 && error == ETXTBSY, "open %s with %#x: %s", path, flags, strerror(error));
}

static void text_busy(void)
{
	int fd;

	if (!attach_file())
		return;
	refuses_writer(A, O_WRONLY);
	refuses_writer(A, O_RDWR);
	refuses_writer(A, O_WRONLY | O_TRUNC);
	check(truncate(A, 0) && errno == ETXTBSY, "truncate: %s", strerror(errno));
	detach();
	fd = open(A, O_RDWR | O_CLOEXEC);
	check(fd >= 0, "open after detach: %s", strerror(errno));
	close(fd);
	umount_fs();
}

/* A mapped file that loses its name keeps its clusters until detach, and no new file gets them. */
static void keeps_clusters(bool by_rename)
{
	uint64_t before, mapped, sum;

	if (!vfat(ODD, "-F 32 -s 8"))
		return;
	before = free_bytes();
	if (write_file(A, SIZE) && !attach(SECTORS, "1 %s 0 %lu", A, SECTORS)) {
		sum = device_sum(dm_path("t"));
		check(!status().nameless, "%u files without a name", status().nameless);
		if (by_rename) {
			write_file(MNT "/new", 4096);
			check(!rename(MNT "/new", A), "rename: %s", strerror(errno));
			check(status().nameless == 1, "%u files without a name", status().nameless);
		}
		check(!unlink(A), "unlink: %s", strerror(errno));
		mapped = free_bytes();
		check(mapped <= before - SIZE, "clusters were freed while mapped");
		check(status().nameless == 1, "%u files without a name", status().nameless);
		write_file(MNT "/filler", 64 * MIB);
		check(device_sum(dm_path("t")) == sum, "the bytes changed");
		unlink(MNT "/filler");
		detach();
		check(free_bytes() == before, "%llu bytes are free, not %llu", (unsigned long long)free_bytes(),
		      (unsigned long long)before);
	}
	umount_fs();
}

static void deleted(void)
{
	keeps_clusters(false);
}

static void renamed_over(void)
{
	keeps_clusters(true);
}

static void mount_busy(void)
{
	uint64_t sum;

	if (!attach_file())
		return;
	sum = device_sum(dm_path("t"));
	check(umount(MNT) && errno == EBUSY, "umount: %s", strerror(errno));
	check(!umount2(MNT, MNT_DETACH), "lazy umount: %s", strerror(errno));
	check(device_sum(dm_path("t")) == sum, "the bytes changed");
	detach();
	check(!mount_fs(ALIGNED, "vfat") || file_sectors(A) == SECTORS, "the file is gone");
	umount_fs();
}

static void remount(void)
{
	uint64_t sum;

	if (!attach_file())
		return;
	detach();
	umount_fs();
	check(!mount(ALIGNED, MNT, "vfat", MS_RDONLY, NULL), "mount read-only: %s", strerror(errno));
	check(!attach(SECTORS, "1 %s 0 %lu", A, SECTORS), "attach on a read-only mount");
	sum = device_sum(dm_path("t"));
	check(!mount(NULL, MNT, NULL, MS_REMOUNT, NULL), "remount: %s", strerror(errno));
	write_file(MNT "/new", MIB);
	refuses_writer(A, O_WRONLY);
	sync();
	check(device_sum(dm_path("t")) == sum, "the bytes changed");
	detach();
	umount_fs();
}

/* What the table status says makes the same device again. */
static void table_line(void)
{
	static const char expected[] = "2 " ODD_NAME_ENCODED "/a.efi 3 100 " A " 0 28";
	char first[512] = "", second[512] = "";
	uint64_t sectors = 0, sum;

	if (!attach_file())
		return;
	detach();
	check(!symlink(MNT, ODD_NAME), "symlink: %s", strerror(errno));
	check(!attach(128, "%s 0", expected), "attach");
	sum = device_sum(dm_path("t"));
	check(!dm_get("t", 't', &sectors, first, sizeof(first)), "table status");
	check(!strcmp(first, expected) && sectors == 128, "table is \"%s\"", first);
	detach();
	check(!attach(sectors, "%s", first), "attach by the table line");
	check(!dm_get("t", 't', &sectors, second, sizeof(second)) && !strcmp(first, second), "table is \"%s\"", second);
	check(device_sum(dm_path("t")) == sum, "other bytes");
	detach();
	check(!attach(128, "%s", "1 /tmp/a\\ b\\\\c\\\t,%25\xc3\\\xa0/a.efi 0 128"), "attach by backslashes");
	detach();
	unlink(ODD_NAME);
	umount_fs();
}

/* The worked example of kmod/README.md, by the program people use. */
static void by_dmsetup(void)
{
	FILE *script = fopen("/tmp/script", "w");

	if (!script || !attach_file())
		return;
	detach();
	check(!symlink(MNT, ODD_NAME), "symlink: %s", strerror(errno));
	fputs("set -e\n"
		"dmsetup create t --readonly --noudevsync --table '0 8192 ukiblk 1 " ODD_NAME_ENCODED "/a.efi 0 8192'\n"
		"dmsetup table t >/tmp/table\n"
		"dmsetup remove --noudevsync t\n"
		"dmsetup create t --readonly --noudevsync /tmp/table\n"
		"dmsetup table t | busybox cmp - /tmp/table\n"
		"dmsetup mknodes t\n"
		"busybox cmp /dev/mapper/t " A "\n"
		"dmsetup status t | busybox grep -qx '0 8192 ukiblk 1 1 0 live 0 0 0'\n"
		"dmsetup remove --noudevsync t\n", script);
	fclose(script);
	check(!run("busybox sh /tmp/script"), "the example fails");
	unlink(ODD_NAME);
	umount_fs();
}

static void autoload(void)
{
	check(!module_loaded() || !module_remove(), "the module is in use");
	if (!attach_file())
		return;
	check(module_loaded(), "no module");
	check(module_remove() == -EAGAIN, "a module in use was removed");
	detach();
	umount_fs();
	check(!module_remove() && !module_loaded(), "the module does not unload");
}

const struct test pin_tests[] = {
	{ "no-write", "the device cannot be written", no_write },
	{ "no-wait", "reads that must not wait are taken", no_wait },
	{ "text-busy", "a mapped file cannot be opened for writing or truncated", text_busy },
	{ "deleted", "a deleted file stays readable; detach frees its clusters", deleted },
	{ "renamed-over", "so does a file another one was renamed over", renamed_over },
	{ "mount-busy", "umount is refused, lazy umount is survived", mount_busy },
	{ "remount", "the filesystem can be made writable while mapped", remount },
	{ "table-line", "the table line makes the same device again", table_line },
	{ "dmsetup", "dmsetup creates, lists and removes", by_dmsetup },
	{ "autoload", "the module loads by its alias, and unloads when unused", autoload },
	{ 0 }
};
