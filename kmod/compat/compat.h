/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of the newest kernel on older ones. What a tree offers is found out by compat/Kbuild;
 * nothing here looks at a version number.
 */
#ifndef UKIBLK_COMPAT_H
#define UKIBLK_COMPAT_H

#include <linux/blkdev.h>
#include <linux/device-mapper.h>
#include <linux/fs.h>
#include <linux/magic.h>

#ifndef UKIBLK_HAS_BLK_MODE
#define BLK_OPEN_WRITE FMODE_WRITE
#endif

#ifndef UKIBLK_HAS_BDEV_NR_SECTORS
static inline sector_t bdev_nr_sectors(struct block_device *bdev)
{
	return i_size_read(bdev->bd_inode) >> SECTOR_SHIFT;
}
#endif

/* 5.16: the magic number of exfat moved to linux/magic.h. */
#ifndef EXFAT_SUPER_MAGIC
#define EXFAT_SUPER_MAGIC 0x2011BAB0UL
#endif

/* 5.15: targets report themselves to IMA. Older kernels never ask for this status. */
#ifndef DMEMIT_TARGET_NAME_VERSION
#define STATUSTYPE_IMA ((status_type_t)-1)
#define DMEMIT_TARGET_NAME_VERSION(type) DMEMIT("target_name=%s", (type)->name)
#endif

#endif
