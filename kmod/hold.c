// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two questions about a read that failed: is the disk gone, and how long may the read wait?
 *
 * The state changes under the lock, wherever a read fails. Everything that sleeps or speaks is done
 * by the work: asking the disk, telling the log and the listeners, ending what waited too long. A
 * waiting read is on the list, or on the work's own while that asks the disk. It ends through
 * clone_endio() of device-mapper again, and so through our end_io, marked as decided.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "hold.h"

#define DM_MSG_PREFIX "ukiblk"

/* A disk that is pulled fails reads before the kernel has taken it away: how long to wait for that. */
#define DOUBT_JIFFIES (2 * HZ)
#define ASK_AGAIN_JIFFIES (HZ / 10)

/* Of its own and for reclaim: the root filesystem may be what waits. */
static struct workqueue_struct *hold_workqueue;

static const char *hold_device(const struct ukiblk_hold *h)
{
	return dm_device_name(dm_table_get_md(h->ti->table));
}

/* Is the disk gone for good? BLK_STS_OFFLINE: it is still there, but the kernel has given it up. */
static bool hold_disk_gone(const struct ukiblk_hold *h, blk_status_t status)
{
	return ukiblk_disk_dead(h->bdev->bd_disk) || ukiblk_status_offline(status);
}

/*
 * Errors that a disk being pulled answers with, and a living one too. Others say that it lives. Read-ahead
 * need not wait for the answer: who wants the data will ask again.
 */
static bool hold_in_doubt(const struct ukiblk_hold *h, const struct bio *bio, blk_status_t status)
{
	return h->seconds && !(bio->bi_opf & REQ_RAHEAD) &&
	       (status == BLK_STS_IOERR || status == BLK_STS_TIMEOUT || status == BLK_STS_TRANSPORT);
}

/* The lock is held. */
static void hold_set_gone(struct ukiblk_hold *h)
{
	if (h->state != UKIBLK_LIVE)
		return;
	h->until = jiffies + h->seconds * HZ;
	WRITE_ONCE(h->state, h->seconds ? UKIBLK_GONE : UKIBLK_FAILED);
	mod_delayed_work(hold_workqueue, &h->work, 0);
}

/* The lock is held. */
static void hold_keep(struct ukiblk_hold *h, struct bio *bio, blk_status_t status)
{
	struct ukiblk_io *io = ukiblk_io(bio);

	io->since = jiffies;
	io->status = status;
	bio_list_add(&h->waiting, bio);
	if (h->state == UKIBLK_LIVE)
		queue_delayed_work(hold_workqueue, &h->work, 0);
}

/*
 * The lock is held; the read is one that may wait. A suspend without flush that a signal interrupts
 * takes no reads back any more: until the target hears of it by presuspend_undo, they wait as before.
 */
static enum ukiblk_verdict hold_verdict(const struct ukiblk_hold *h)
{
	if (h->suspend == UKIBLK_GIVING_BACK && dm_noflush_suspending(h->ti))
		return UKIBLK_GIVE_BACK;
	return h->state == UKIBLK_FAILED || h->suspend == UKIBLK_ENDING ? UKIBLK_FAIL : UKIBLK_KEPT;
}

enum ukiblk_verdict ukiblk_hold_judge(struct ukiblk_hold *h, struct bio *bio, blk_status_t status)
{
	enum ukiblk_verdict verdict = UKIBLK_FAIL;
	unsigned long flags;

	spin_lock_irqsave(&h->lock, flags);
	if (hold_disk_gone(h, status))
		hold_set_gone(h);
	if (h->state != UKIBLK_LIVE || hold_in_doubt(h, bio, status))
		verdict = hold_verdict(h);
	if (verdict == UKIBLK_KEPT)
		hold_keep(h, bio, status);
	spin_unlock_irqrestore(&h->lock, flags);
	return verdict;
}

/* The lock is held. */
static void hold_take_all(struct ukiblk_hold *h, struct bio_list *ret)
{
	*ret = h->waiting;
	bio_list_init(&h->waiting);
}

/*
 * No lock is held. Not by bio_endio(): that has been through with those which failed, and the others
 * were never submitted.
 */
static void hold_end(struct ukiblk_hold *h, struct bio_list *bios, bool give_back)
{
	struct bio *bio;

	while ((bio = bio_list_pop(bios))) {
		struct ukiblk_io *io = ukiblk_io(bio);

		io->decided = true;
		if (give_back)
			bio->bi_status = BLK_STS_DM_REQUEUE;
		else
			bio->bi_status = ukiblk_hold_is_live(h) ? io->status : BLK_STS_IOERR;
		bio->bi_end_io(bio);
	}
}

/*
 * A read of another place tells a bad sector from a disk that is going. Without memory there is no answer:
 * who could make some free may be waiting for us.
 */
static bool hold_disk_answers(const struct ukiblk_hold *h)
{
	struct page *page = alloc_page(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN);
	struct bio_vec vec;
	struct bio bio;
	int r;

	if (!page)
		return false;
	ukiblk_bio_init_read(&bio, h->bdev, &vec, 1);
	__bio_add_page(&bio, page, PAGE_SIZE, 0);
	r = submit_bio_wait(&bio);
	bio_uninit(&bio);
	__free_page(page);
	return !r;
}

/* Reads that failed on a disk that seems to live: whose fault was it? */
static void hold_settle_doubts(struct ukiblk_hold *h)
{
	struct bio_list doubts;
	bool answers, over;

	spin_lock_irq(&h->lock);
	if (h->suspend == UKIBLK_RUNNING)
		hold_take_all(h, &doubts);
	else
		bio_list_init(&doubts);
	spin_unlock_irq(&h->lock);
	if (bio_list_empty(&doubts))
		return;

	over = time_after_eq(jiffies, ukiblk_io(bio_list_peek(&doubts))->since + DOUBT_JIFFIES);
	answers = hold_disk_answers(h);

	spin_lock_irq(&h->lock);
	if (hold_disk_gone(h, BLK_STS_OK))
		hold_set_gone(h);
	if (h->state == UKIBLK_GONE || !(answers || over)) {
		bio_list_merge_head(&h->waiting, &doubts);
		bio_list_init(&doubts);
		if (h->state == UKIBLK_LIVE)
			queue_delayed_work(hold_workqueue, &h->work, ASK_AGAIN_JIFFIES);
	}
	spin_unlock_irq(&h->lock);
	hold_end(h, &doubts, false);
}

static void hold_tell(struct ukiblk_hold *h)
{
	const char *disk = h->bdev->bd_disk->disk_name;
	enum ukiblk_state state = READ_ONCE(h->state);

	if (state == h->told)
		return;
	if (state == UKIBLK_GONE)
		DMWARN("%s: the disk of %*pE (%s) is gone: reads wait for %u s", hold_device(h),
		       (int)strlen(h->path), h->path, disk, h->seconds);
	else
		DMERR("%s: the disk of %*pE (%s) is gone%s: reads fail", hold_device(h),
		      (int)strlen(h->path), h->path, disk, h->seconds ? " and did not return in time" : "");
	h->told = state;
	dm_table_event(h->ti->table);
}

static void hold_end_when_over(struct ukiblk_hold *h)
{
	struct bio_list over;
	long left;

	/* The time was set under the lock, together with the state. */
	spin_lock_irq(&h->lock);
	left = h->until - jiffies;
	if (left > 0) {
		queue_delayed_work(hold_workqueue, &h->work, left);
		spin_unlock_irq(&h->lock);
		return;
	}
	WRITE_ONCE(h->state, UKIBLK_FAILED);
	hold_take_all(h, &over);
	spin_unlock_irq(&h->lock);
	hold_tell(h);
	hold_end(h, &over, false);
}

static void hold_work(struct work_struct *work)
{
	struct ukiblk_hold *h = container_of(to_delayed_work(work), struct ukiblk_hold, work);

	if (READ_ONCE(h->state) == UKIBLK_LIVE)
		hold_settle_doubts(h);
	hold_tell(h);
	if (READ_ONCE(h->state) == UKIBLK_GONE)
		hold_end_when_over(h);
}

/*
 * Device-mapper tells whether it takes reads back before it asks. From now on none is kept; those on
 * the work's own list are on ours again when it is done.
 */
void ukiblk_hold_presuspend(struct ukiblk_hold *h)
{
	bool give_back = dm_noflush_suspending(h->ti);
	struct bio_list all;
	unsigned int count;

	spin_lock_irq(&h->lock);
	h->suspend = give_back ? UKIBLK_GIVING_BACK : UKIBLK_ENDING;
	spin_unlock_irq(&h->lock);
	flush_delayed_work(&h->work);

	spin_lock_irq(&h->lock);
	hold_take_all(h, &all);
	spin_unlock_irq(&h->lock);
	count = bio_list_size(&all);
	if (count)
		DMINFO("%s: suspended %s flush: %u waiting reads %s", hold_device(h), give_back ? "without" : "with",
		       count, give_back ? "go to the next table" : "fail");
	hold_end(h, &all, give_back);
}

/* After a resume, and after a suspend that failed. */
void ukiblk_hold_resume(struct ukiblk_hold *h)
{
	spin_lock_irq(&h->lock);
	h->suspend = UKIBLK_RUNNING;
	if (!bio_list_empty(&h->waiting))
		mod_delayed_work(hold_workqueue, &h->work, 0);
	spin_unlock_irq(&h->lock);
}

const char *ukiblk_hold_state(const struct ukiblk_hold *h)
{
	static const char *const names[] = {
		[UKIBLK_LIVE] = "live", [UKIBLK_GONE] = "gone", [UKIBLK_FAILED] = "failed",
	};

	return names[READ_ONCE(h->state)];
}

unsigned int ukiblk_hold_waiting(struct ukiblk_hold *h)
{
	unsigned int count;

	spin_lock_irq(&h->lock);
	count = bio_list_size(&h->waiting);
	spin_unlock_irq(&h->lock);
	return count;
}

void ukiblk_hold_init(struct ukiblk_hold *h, struct dm_target *ti)
{
	h->ti = ti;
	spin_lock_init(&h->lock);
	bio_list_init(&h->waiting);
	INIT_DELAYED_WORK(&h->work, hold_work);
}

/* The last suspend has emptied the list. */
void ukiblk_hold_exit(struct ukiblk_hold *h)
{
	cancel_delayed_work_sync(&h->work);
	WARN_ON_ONCE(!bio_list_empty(&h->waiting));
}

int ukiblk_hold_init_module(void)
{
	hold_workqueue = alloc_workqueue("ukiblk", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return hold_workqueue ? 0 : -ENOMEM;
}

void ukiblk_hold_exit_module(void)
{
	destroy_workqueue(hold_workqueue);
}
