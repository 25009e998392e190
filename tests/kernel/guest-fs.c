// SPDX-License-Identifier: GPL-2.0-only
/* Cases: the other filesystems of the allow-list, and what they refuse. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define B MNT "/b.bin"
#define HOLE "Range has a hole, or a block that is shared or cannot be found"

static void compare_file(const char *path)
{
	struct range whole = { path, 0, file_sectors(path) };
	struct range middle = { path, 13, file_sectors(path) - 13 - 2 };

	if (attach_ranges(&whole, 1)) {
		compare_ranges(&whole, 1);
		detach();
	}
	if (attach_ranges(&middle, 1)) {
		compare_ranges(&middle, 1);
		detach();
	}
}

static void plain(const char *device, const char *type)
{
	if (!mount_fs(device, type))
		return;
	if (write_file(A, 4 * MIB))
		compare_file(A);
	umount_fs();
}

static void ext4(void)
{
	if (make_fs(ALIGNED, "mkfs.ext4 -q -F -b 4096"))
		plain(ALIGNED, "ext4");
}

/* Blocks of 1 KiB: the allocation unit is the block, whatever st_blksize says. */
static void ext4_1k(void)
{
	if (make_fs(ODD, "mkfs.ext4 -q -F -b 1024"))
		plain(ODD, "ext4");
}

/* What fsync brings to the disk may still be in the journal, not in its place. */
static void ext4_journal(void)
{
	if (!make_fs(ALIGNED, "mkfs.ext4 -q -F -b 4096") ||
	    !check(!mount(ALIGNED, MNT, "ext4", 0, "data=journal"), "mount: %s", strerror(errno)))
		return;
	if (write_file(A, 4 * MIB))
		compare_file(A);
	umount_fs();
}

static void optional(const char *mkfs, const char *type)
{
	char path[64];

	snprintf(path, sizeof(path), "/usr/sbin/%s", mkfs);
	if (!have_program(path))
		return skip("the tools tree has no such mkfs");
	if (make_fs(ALIGNED, "%s%s", mkfs, strcmp(type, "xfs") ? "" : " -q -f -i nrext64=0"))
		plain(ALIGNED, type);
}

static void exfat(void)
{
	optional("mkfs.exfat", "exfat");
}

static void xfs(void)
{
	optional("mkfs.xfs", "xfs");
}

/* A filesystem without fsync; and a packed file, whose blocks are not its bytes. */
static void iso9660(void)
{
	if (!make_iso(WHOLE) || !check(!mount(WHOLE, MNT, "iso9660", MS_RDONLY, NULL), "mount: %s", strerror(errno)))
		return;
	check(file_sectors(MNT "/data.bin") == 2048, "%llu sectors", (unsigned long long)file_sectors(MNT "/data.bin"));
	compare_file(MNT "/data.bin");
	check(file_sectors(MNT "/packed.bin") == 64, "packed.bin is not seen as packed");
	expect_refusal(EINVAL, "Filesystem does not tell where the blocks of the file are", 8, "1 " MNT "/packed.bin 0 8");
	umount_fs();
}

static void hole(void)
{
	int fd;

	if (!make_fs(ALIGNED, "mkfs.ext4 -q -F -b 4096") || !mount_fs(ALIGNED, "ext4"))
		return;
	write_file(A, 64 * 1024);
	check(!truncate(A, 128 * 1024), "truncate: %s", strerror(errno));
	expect_refusal(EINVAL, HOLE, 256, "1 " A " 0 256");
	expect_refusal(EINVAL, HOLE, 1, "1 " A " 255 1");
	check(!attach(128, "1 " A " 0 128"), "the part before the hole");
	detach();
	/* Allocated, but not written: the disk holds somebody's old bytes. */
	fd = open(A, O_RDWR | O_CLOEXEC);
	check(!posix_fallocate(fd, 0, 128 * 1024), "fallocate");
	close(fd);
	expect_refusal(EINVAL, HOLE, 256, "1 " A " 0 256");
	umount_fs();
}

static bool encrypt_folder(const char *folder)
{
	union {
		struct fscrypt_add_key_arg arg;
		unsigned char room[sizeof(struct fscrypt_add_key_arg) + 64];
	} key = { .arg = { .key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER, .raw_size = 64 } };
	struct fscrypt_policy_v2 policy = {
		.version = FSCRYPT_POLICY_V2,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};
	int fd = open(folder, O_RDONLY | O_CLOEXEC);
	bool ok;

	memset(key.arg.raw, 7, 32);
	memset(key.arg.raw + 32, 9, 32);
	ok = !ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, &key);
	memcpy(policy.master_key_identifier, key.arg.key_spec.u.identifier, FSCRYPT_KEY_IDENTIFIER_SIZE);
	ok = ok && !ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &policy);
	check(ok, "encrypt: %s", strerror(errno));
	close(fd);
	return ok;
}

static void encrypted(void)
{
	if (!make_fs(ALIGNED, "mkfs.ext4 -q -F -b 4096 -O encrypt") || !mount_fs(ALIGNED, "ext4"))
		return;
	mkdir(MNT "/secret", 0700);
	if (encrypt_folder(MNT "/secret") && write_file(MNT "/secret/a", 65536))
		expect_refusal(EOPNOTSUPP, "File is encrypted by its filesystem", 8, "1 " MNT "/secret/a 0 8");
	umount_fs();
}

static void verity(void)
{
	struct fsverity_enable_arg arg = { .version = 1, .hash_algorithm = FS_VERITY_HASH_ALG_SHA256, .block_size = 4096 };
	int fd;

	if (!make_fs(ALIGNED, "mkfs.ext4 -q -F -b 4096 -O verity") || !mount_fs(ALIGNED, "ext4"))
		return;
	write_file(A, 65536);
	fd = open(A, O_RDONLY | O_CLOEXEC);
	check(!ioctl(fd, FS_IOC_ENABLE_VERITY, &arg), "enable: %s", strerror(errno));
	close(fd);
	expect_refusal(EOPNOTSUPP, "File is protected by fs-verity, which the target would bypass", 8, "1 " A " 0 8");
	umount_fs();
}

/* Filesystems that move their blocks. */
static void refused(const char *type, const char *mkfs, const char *sentence)
{
	if (!make_fs(ALIGNED, "%s", mkfs) || !mount_fs(ALIGNED, type))
		return;
	if (write_file(A, 65536)) {
		sync();
		expect_refusal(EOPNOTSUPP, sentence, 8, "1 " A " 0 8");
	}
	umount_fs();
}

static void btrfs(void)
{
	refused("btrfs", "mkfs.btrfs -q -f", "File is on btrfs, which moves its blocks and may have several disks");
}

static void f2fs(void)
{
	refused("f2fs", "mkfs.f2fs -q -f", "File is on f2fs, which moves its blocks");
}

static void fuse(void)
{
	mkdir("/tmp/fuse", 0755);
	if (fuse_mount("/tmp/fuse"))
		expect_refusal(EOPNOTSUPP, "File is on FUSE, which does not say where its blocks are", 8, "1 /tmp/fuse/a 0 8");
	umount("/tmp/fuse");
}

/* tmpfs has no disk; overlayfs hides the real file; "msdos" is another driver on an allowed disk. */
static void other_filesystems(void)
{
	write_file("/tmp/a", 65536);
	expect_refusal(EOPNOTSUPP, "File is on tmpfs, which has no disk", 8, "1 /tmp/a 0 8");
	unlink("/tmp/a");
	if (!make_fs(ALIGNED, "mkfs.ext4 -q -F -b 4096") || !mount_fs(ALIGNED, "ext4"))
		return;
	write_file(A, 65536);
	mkdir("/tmp/over", 0755);
	check(!mount("overlay", "/tmp/over", "overlay", MS_RDONLY, "lowerdir=" MNT ":/usr"), "overlay: %s", strerror(errno));
	expect_refusal(EOPNOTSUPP, "File is on overlayfs: name it on the filesystem below", 8, "1 /tmp/over/a.efi 0 8");
	umount("/tmp/over");
	umount_fs();
	if (!make_fs(ALIGNED, "mkfs.vfat -F 32") || !mount_fs(ALIGNED, "msdos"))
		return;
	write_file(A, 65536);
	expect_refusal(EOPNOTSUPP, "File is not on a vfat, exfat, iso9660, ext4 or xfs filesystem", 8, "1 " A " 0 8");
	umount_fs();
}

/* FAT lies in the zones that can be written anywhere. */
static bool make_zoned_disk(void)
{
	return null_disk_make("1024") && null_disk_set("zoned", "1") && null_disk_set("zone_size", "64") &&
	       null_disk_set("zone_nr_conv", "4") && null_disk_set("power", "1");
}

static void zoned(void)
{
	if (!make_zoned_disk())
		return;
	if (make_fs(NULL_DISK " 102400", "mkfs.vfat -I -F 16 -s 8") && mount_fs(NULL_DISK, "vfat")) {
		write_file(A, 65536);
		expect_refusal(EOPNOTSUPP, "File is on a zoned disk", 8, "1 " A " 0 8");
		umount_fs();
	}
	null_disk_remove();
}

const struct test filesystem_tests[] = {
	{ "ext4", "ext4", ext4 },
	{ "ext4-1k", "ext4 with 1 KiB blocks", ext4_1k },
	{ "ext4-journal", "ext4 with its data in the journal", ext4_journal },
	{ "exfat", "exfat", exfat },
	{ "xfs", "xfs", xfs },
	{ "iso9660", "iso9660; a zisofs file is refused", iso9660 },
	{ "hole", "a hole and unwritten blocks are refused", hole },
	{ "encrypted", "an encrypted file is refused", encrypted },
	{ "verity", "a file with fs-verity is refused", verity },
	{ "btrfs", "btrfs is refused", btrfs },
	{ "f2fs", "f2fs is refused", f2fs },
	{ "fuse", "FUSE is refused", fuse },
	{ "other-fs", "other filesystems are refused", other_filesystems },
	{ "zoned", "a zoned disk is refused", zoned },
	{ 0 }
};
