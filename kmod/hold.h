/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads that the disk did not answer: they wait for the disk to come back, or fail. README.md draws
 * the states.
 */
#ifndef UKIBLK_HOLD_H
#define UKIBLK_HOLD_H

#include <linux/bio.h>
#include <linux/device-mapper.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define UKIBLK_HOLD_MAX_SECONDS 86400

/* Per bio: by the time it ends, bi_iter has moved on to the disk and along it. */
struct ukiblk_io {
	sector_t offset;	/* first sector, in the target */
	unsigned long since;	/* jiffies when the read began to wait */
	blk_status_t status;	/* of its failure */
	bool decided;		/* it has waited: its status is final */
};

static inline struct ukiblk_io *ukiblk_io(struct bio *bio)
{
	return dm_per_bio_data(bio, sizeof(struct ukiblk_io));
}

/* In this order, and never back: the disk that returns is another one, and needs another table. */
enum ukiblk_state { UKIBLK_LIVE, UKIBLK_GONE, UKIBLK_FAILED };

struct ukiblk_hold {
	/* Constant once the constructor is done. */
	struct dm_target *ti;
	struct block_device *bdev;
	const char *path;		/* of the first file, for the log */
	unsigned int seconds;		/* 0: nothing ever waits */

	enum ukiblk_state state;	/* written under lock; the healthy path reads it without */
	spinlock_t lock;
	struct bio_list waiting;
	enum { UKIBLK_RUNNING, UKIBLK_GIVING_BACK, UKIBLK_ENDING } suspend;
	unsigned long until;		/* jiffies when the patience ends; set when the disk goes */

	struct delayed_work work;
	enum ukiblk_state told;		/* what the log and the listeners know; the work's own */
};

/* What becomes of a read. */
enum ukiblk_verdict {
	UKIBLK_FAIL,		/* it fails now */
	UKIBLK_KEPT,		/* it waits, and belongs to the hold until it ends */
	UKIBLK_GIVE_BACK,	/* device-mapper shall send it through the next table */
};

int ukiblk_hold_init_module(void);
void ukiblk_hold_exit_module(void);

void ukiblk_hold_init(struct ukiblk_hold *h, struct dm_target *ti);
void ukiblk_hold_exit(struct ukiblk_hold *h);

/* False when the read must be judged instead of being sent to the disk. */
static inline bool ukiblk_hold_is_live(const struct ukiblk_hold *h)
{
	return likely(READ_ONCE(h->state) == UKIBLK_LIVE);
}

/* Judge a read that failed with status, or (BLK_STS_OK) came when the disk was gone. Any context. */
enum ukiblk_verdict ukiblk_hold_judge(struct ukiblk_hold *h, struct bio *bio, blk_status_t status);

/* The hooks of a suspend. After the first, no read waits until one of the second. */
void ukiblk_hold_presuspend(struct ukiblk_hold *h);
void ukiblk_hold_resume(struct ukiblk_hold *h);

const char *ukiblk_hold_state(const struct ukiblk_hold *h);
unsigned int ukiblk_hold_waiting(struct ukiblk_hold *h);

#endif
