/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of the newest kernel on older ones. What a tree offers is found out by compat/Kbuild;
 * nothing here looks at a version number.
 */
#ifndef UKIBLK_COMPAT_H
#define UKIBLK_COMPAT_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/device-mapper.h>
#include <linux/fs.h>
#include <linux/magic.h>

/* 6.4: file locks have a header of their own. */
#ifdef UKIBLK_HAS_FILELOCK_H
#include <linux/filelock.h>
#endif

/* 6.9: a lease is no longer a lock; what it has in common with one is a part of it. */
#ifdef UKIBLK_HAS_FILE_LEASE
#define ukiblk_lease_core(lease, field) ((lease)->c.flc_##field)
#else
#define ukiblk_lease_core(lease, field) ((lease)->fl_##field)
#define file_lease file_lock
#define lease_manager_operations lock_manager_operations
#define locks_alloc_lease locks_alloc_lock
#define locks_free_lease locks_free_lock

static inline void locks_init_lease(struct file_lock *lease)
{
	lease->fl_end = OFFSET_MAX;
}
#endif

/* Between 6.12 and 7.2: who makes a lease is asked which opens conflict with it. With that of a layout, none do. */
#ifdef UKIBLK_HAS_OPEN_CONFLICT
static inline int ukiblk_lease_open_conflict(struct file *file, int arg)
{
	return 0;
}

#define UKIBLK_LEASE_NO_OPEN_CONFLICT .lm_open_conflict = ukiblk_lease_open_conflict,
#else
#define UKIBLK_LEASE_NO_OPEN_CONFLICT
#endif

#ifndef UKIBLK_HAS_BLK_MODE
#define BLK_OPEN_WRITE FMODE_WRITE
#endif

#ifndef UKIBLK_HAS_BDEV_NR_SECTORS
static inline sector_t bdev_nr_sectors(struct block_device *bdev)
{
	return i_size_read(bdev->bd_inode) >> SECTOR_SHIFT;
}
#endif

/* 5.15: a disk that was taken away says so in its state, no longer in its flags. */
static inline bool ukiblk_disk_dead(const struct gendisk *disk)
{
#ifdef GD_DEAD
	return test_bit(GD_DEAD, &disk->state);
#else
	return !(disk->flags & GENHD_FL_UP);
#endif
}

/* 5.18: requests to a SCSI disk that was set offline have a status of their own. */
static inline bool ukiblk_status_offline(blk_status_t status)
{
#ifdef BLK_STS_OFFLINE
	return status == BLK_STS_OFFLINE;
#else
	return false;
#endif
}

/* A read from the first sector on. */
static inline void ukiblk_bio_init_read(struct bio *bio, struct block_device *bdev, struct bio_vec *vecs,
					unsigned short max_vecs)
{
#ifdef UKIBLK_HAS_BIO_INIT_BDEV
	bio_init(bio, bdev, vecs, max_vecs, REQ_OP_READ);
#else
	bio_init(bio, vecs, max_vecs);
	bio_set_dev(bio, bdev);
	bio->bi_opf = REQ_OP_READ;
#endif
}

/* 5.16: the magic number of exfat moved to linux/magic.h. */
#ifndef EXFAT_SUPER_MAGIC
#define EXFAT_SUPER_MAGIC 0x2011BAB0UL
#endif

/* 5.17: so did that of FUSE. */
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

/* 5.15: targets report themselves to IMA. Older kernels never ask for this status. */
#ifndef DMEMIT_TARGET_NAME_VERSION
#define STATUSTYPE_IMA ((status_type_t)-1)
#define DMEMIT_TARGET_NAME_VERSION(type) DMEMIT("target_name=%s", (type)->name)
#endif

#endif
