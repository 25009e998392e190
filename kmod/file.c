// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file is opened, checked, pinned and walked, in this order. The pin comes before the
 * write-back and the walk, or a writer could move what was already looked at.
 */
#include <linux/file.h>
#include <linux/log2.h>
#include <linux/magic.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/stat.h>

#include "compat/compat.h"
#include "file.h"
#include "layout.h"

/* Filesystems that leave the blocks of a file nobody writes where they are: see README.md. */
static const struct ukiblk_fs {
	const char *name;
	unsigned long magic;
	bool clusters;	/* st_blksize is the allocation unit, larger than a block */
} filesystems[] = {
	{ "vfat", MSDOS_SUPER_MAGIC, true },
	{ "exfat", EXFAT_SUPER_MAGIC, true },
	{ "iso9660", ISOFS_SUPER_MAGIC },
	{ "ext4", EXT4_SUPER_MAGIC },
	{ "xfs", XFS_SUPER_MAGIC },
};

/* Those people will try: why not. */
static const struct {
	unsigned long magic;
	char *sentence;
} refused[] = {
	{ BTRFS_SUPER_MAGIC, "File is on btrfs, which moves its blocks and may have several disks" },
	{ F2FS_SUPER_MAGIC, "File is on f2fs, which moves its blocks" },
	{ TMPFS_MAGIC, "File is on tmpfs, which has no disk" },
	{ OVERLAYFS_SUPER_MAGIC, "File is on overlayfs: name it on the filesystem below" },
	{ FUSE_SUPER_MAGIC, "File is on FUSE, which does not say where its blocks are" },
};

/* By name and magic: an out-of-tree driver may carry a known name. NULL when not allowed. */
static const struct ukiblk_fs *file_fs(const struct file *file)
{
	const struct super_block *sb = file_inode(file)->i_sb;
	size_t i;

	for (i = 0; sb->s_bdev && i < ARRAY_SIZE(filesystems); i++)
		if (sb->s_magic == filesystems[i].magic &&
		    !strcmp(sb->s_type->name, filesystems[i].name))
			return &filesystems[i];
	return NULL;
}

static int file_refuse_fs(struct dm_target *ti, const struct file *file)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		if (file_inode(file)->i_sb->s_magic == refused[i].magic)
			return ukiblk_refuse(ti, -EOPNOTSUPP, refused[i].sentence);
	return ukiblk_refuse(ti, -EOPNOTSUPP, "File is not on a vfat, exfat, iso9660, ext4 or xfs filesystem");
}

/* O_NONBLOCK: a FIFO named by mistake must not block the constructor. */
static int file_open(struct dm_target *ti, struct ukiblk_file *f)
{
	struct file *file = filp_open(f->path, O_RDONLY | O_LARGEFILE | O_NONBLOCK | O_NOCTTY, 0);

	if (IS_ERR(file))
		return ukiblk_refuse(ti, PTR_ERR(file), "File cannot be opened for reading");
	f->file = file;
	return 0;
}

static int file_check(struct dm_target *ti, struct ukiblk_file *f)
{
	struct inode *inode = file_inode(f->file);

	if (!S_ISREG(inode->i_mode))
		return ukiblk_refuse(ti, -EINVAL, "Not a regular file");
	if (!file_fs(f->file))
		return file_refuse_fs(ti, f->file);
	if (IS_ENCRYPTED(inode))
		return ukiblk_refuse(ti, -EOPNOTSUPP, "File is encrypted by its filesystem");
	if (IS_VERITY(inode))
		return ukiblk_refuse(ti, -EOPNOTSUPP, "File is protected by fs-verity, which the target would bypass");
	if (ukiblk_disk_dead(inode->i_sb->s_bdev->bd_disk))
		return ukiblk_refuse(ti, -ENODEV, "File is on a disk that is gone");
	if (bdev_is_zoned(inode->i_sb->s_bdev))
		return ukiblk_refuse(ti, -EOPNOTSUPP, "File is on a zoned disk");
	return 0;
}

static int file_pin(struct dm_target *ti, struct ukiblk_file *f)
{
	int r = deny_write_access(f->file);

	if (r)
		return ukiblk_refuse(ti, r, "File is open for writing");
	f->pinned = true;
	if (!ukiblk_layout_moves(f->file))
		return 0;
	r = ukiblk_layout_hold(f->file, f);
	if (r)
		return ukiblk_refuse(ti, r, "Filesystem does not promise to leave the blocks of the file in place");
	f->layout_held = true;
	return 0;
}

/* Bring to the disk what was written before the pin. A read-only filesystem has no fsync. */
static int file_write_back(struct dm_target *ti, struct ukiblk_file *f)
{
	int r = f->file->f_op->fsync ? vfs_fsync(f->file, 0) : 0;

	return r ? ukiblk_refuse(ti, r, "File cannot be written back to its disk") : 0;
}

static int file_check_range(struct dm_target *ti, struct ukiblk_file *f)
{
	u64 size_sectors = i_size_read(file_inode(f->file)) >> SECTOR_SHIFT;

	if (f->first_sector > size_sectors || f->sectors > size_sectors - f->first_sector)
		return ukiblk_refuse(ti, -EINVAL, "Range does not lie within the file");
	return 0;
}

/*
 * Sectors that are surely contiguous on the disk. A block always is; where st_blksize is not of
 * use, walking by blocks is merely slower. Not statfs: it scans the whole FAT.
 */
static u64 file_unit_sectors(const struct ukiblk_file *f)
{
	u64 block = i_blocksize(file_inode(f->file));
	struct kstat stat;

	if (file_fs(f->file)->clusters &&
	    !vfs_getattr(&f->file->f_path, &stat, STATX_BASIC_STATS, AT_STATX_DONT_SYNC) &&
	    is_power_of_2(stat.blksize) && stat.blksize > block)
		block = stat.blksize;
	return block >> SECTOR_SHIFT;
}

/* The sector of the disk at which the block with this sector of the file begins. */
static int file_bmap(struct dm_target *ti, struct inode *inode, u64 sector, u64 *ret)
{
	unsigned int shift = inode->i_blkbits - SECTOR_SHIFT;
	sector_t block = sector >> shift;
	int r = bmap(inode, &block);

	if (r)
		return ukiblk_refuse(ti, r, "Filesystem does not tell where the blocks of the file are");
	if (!block)
		return ukiblk_refuse(ti, -EINVAL, "Range has a hole, or a block that is shared or cannot be found");
	*ret = (u64)block << shift;
	return 0;
}

/* A filesystem may be damaged, or larger than its disk; device-mapper looks at one extent per file. */
static int file_check_run(struct dm_target *ti, struct block_device *bdev, u64 physical, u64 sectors)
{
	u64 disk = bdev_nr_sectors(bdev);
	u64 align = bdev_logical_block_size(bdev) >> SECTOR_SHIFT;

	if (physical > disk || sectors > disk - physical)
		return ukiblk_refuse(ti, -EUCLEAN, "File lies partly beyond the end of its disk");
	if ((physical | sectors) & (align - 1))
		return ukiblk_refuse(ti, -EINVAL, "Range is not aligned to the logical blocks of the disk");
	return 0;
}

static int file_add(struct dm_target *ti, struct ukiblk_extents *x, u64 physical, u64 sectors)
{
	int r = ukiblk_extents_add(x, x->length, physical, sectors);

	if (r == -E2BIG)
		return ukiblk_refuse(ti, r, "Files have more extents than max_extents of the module allows");
	return r ? ukiblk_refuse(ti, r, "Not enough memory for the extents") : 0;
}

static int file_walk(struct dm_target *ti, struct ukiblk_file *f, struct ukiblk_extents *x)
{
	u64 unit = file_unit_sectors(f), end = f->first_sector + f->sectors;
	u64 sector, skip, run, physical;
	int r;

	for (sector = f->first_sector; sector < end; sector += run) {
		if (fatal_signal_pending(current))
			return ukiblk_refuse(ti, -EINTR, "Killed while looking up the extents");
		/* Only the first unit can be entered in its middle. */
		skip = sector & (unit - 1);
		run = min(unit - skip, end - sector);
		r = file_bmap(ti, file_inode(f->file), sector - skip, &physical);
		if (!r)
			r = file_check_run(ti, ukiblk_file_bdev(f), physical + skip, run);
		if (!r)
			r = file_add(ti, x, physical + skip, run);
		if (r)
			return r;
		cond_resched();
	}
	return 0;
}

int ukiblk_file_acquire(struct dm_target *ti, struct ukiblk_file *f, struct ukiblk_extents *extents)
{
	static int (*const steps[])(struct dm_target *ti, struct ukiblk_file *f) = {
		file_open, file_check, file_pin, file_write_back, file_check_range,
	};
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		r = steps[i](ti, f);
		if (r)
			return r;
	}
	return file_walk(ti, f, extents);
}

void ukiblk_file_release(struct ukiblk_file *f)
{
	if (f->layout_held)
		ukiblk_layout_release(f->file, f);
	if (f->pinned)
		allow_write_access(f->file);
	if (f->file)
		fput(f->file);
	kfree(f->path);
}
