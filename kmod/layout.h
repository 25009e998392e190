/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hold on the layout of a file. Some filesystems may move blocks of a file that nobody writes: xfs does
 * when it is deduplicated. They ask first who has been told where the blocks are, by breaking layout leases,
 * made for pNFS. Ours is not given back before it is released; who asks waits, or is killed.
 */
#ifndef UKIBLK_LAYOUT_H
#define UKIBLK_LAYOUT_H

#include <linux/fs.h>

/* Whether the filesystem shares blocks between files, and so may move them. */
static inline bool ukiblk_layout_moves(const struct file *file)
{
	return file->f_op->remap_file_range;
}

/*
 * When it returns 0, no block moves any more. May wait for who moves some. The owner is any address that no
 * other holder of the file has.
 */
int ukiblk_layout_hold(struct file *file, void *owner);
void ukiblk_layout_release(struct file *file, void *owner);

#endif
