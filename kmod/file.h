/* SPDX-License-Identifier: GPL-2.0-only */
/* One file of a target: from its path to its extents. */
#ifndef UKIBLK_FILE_H
#define UKIBLK_FILE_H

#include <linux/device-mapper.h>
#include <linux/fs.h>

#include "extents.h"

struct ukiblk_file {
	char *path;		/* as the table gave it, decoded */
	u64 first_sector;	/* of the range, in the file */
	u64 sectors;		/* length of the range */
	u64 start;		/* of the range, in the target */
	struct file *file;	/* NULL until opened */
	bool pinned;		/* nobody may open it for writing */
	bool layout_held;	/* nor may the filesystem move its blocks */
};

/* Say in one sentence why the table is refused; returns err. */
static inline int ukiblk_refuse(struct dm_target *ti, int err, char *sentence)
{
	ti->error = sentence;
	return err;
}

/*
 * Open, check and pin the file and add its range to the extents. On failure ti->error is set and
 * the file may be half acquired: ukiblk_file_release() accepts it in every state.
 */
int ukiblk_file_acquire(struct dm_target *ti, struct ukiblk_file *f, struct ukiblk_extents *extents);
void ukiblk_file_release(struct ukiblk_file *f);

/* The disk or partition an acquired file lies on; lives as long as the file is open. */
static inline struct block_device *ukiblk_file_bdev(const struct ukiblk_file *f)
{
	return file_inode(f->file)->i_sb->s_bdev;
}

#endif
