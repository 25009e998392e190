// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-mapper target "ukiblk": a read-only device made of ranges of ordinary files, on a
 * filesystem that stays mounted and usable. README.md tells the theory.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "file.h"
#include "hold.h"
#include "path.h"

#define DM_MSG_PREFIX "ukiblk"
#define MAX_FILES 1024
#define MAX_OPTIONS 16

static unsigned int max_extents = 1 << 20;
module_param(max_extents, uint, 0644);
MODULE_PARM_DESC(max_extents, "Most extents a table may have; each takes 16 bytes of memory (default 1048576)");

struct ukiblk {
	struct dm_dev dev;		/* only bdev is set: dm_get_device() would claim the mounted disk */
	struct ukiblk_extents extents;	/* constant once the constructor is done */
	u64 disk_start;			/* of dev on the whole disk, in sectors */
	struct ukiblk_hold hold;
	atomic64_t errors;		/* failed reads */
	atomic64_t lost;		/* those of them that failed because the disk was gone */
	unsigned int nr_files;
	struct ukiblk_file files[];
};

/* Reading the table line. Nothing is opened here. */

static int parse_sectors(const char *arg, u64 *ret)
{
	int r = kstrtou64(arg, 10, ret);

	return r ? r : *ret > S64_MAX >> SECTOR_SHIFT ? -ERANGE : 0;
}

static int parse_file(struct dm_target *ti, struct dm_arg_set *as, struct ukiblk_file *f)
{
	char *path = (char *)dm_shift_arg(as);	/* device-mapper's copy of the line, ours to change */
	const char *first = dm_shift_arg(as), *sectors = dm_shift_arg(as);

	if (!sectors)
		return ukiblk_refuse(ti, -EINVAL, "Each file needs a path, a first sector and a number of sectors");
	if (ukiblk_path_decode(path))
		return ukiblk_refuse(ti, -EINVAL, "A % in a path must be followed by two hexadecimal digits, not 00");
	if (parse_sectors(first, &f->first_sector))
		return ukiblk_refuse(ti, -EINVAL, "First sector must be a number that a file can have");
	if (parse_sectors(sectors, &f->sectors) || !f->sectors)
		return ukiblk_refuse(ti, -EINVAL, "Number of sectors must be 1 or more, and one that a file can have");
	f->path = kstrdup(path, GFP_KERNEL);
	return f->path ? 0 : ukiblk_refuse(ti, -ENOMEM, "Not enough memory for a path");
}

static int parse_files(struct dm_target *ti, struct dm_arg_set *as)
{
	static const struct dm_arg nr_files = { 1, MAX_FILES, "Number of files must be 1 to 1024" };
	struct ukiblk *u;
	unsigned int count;
	u64 start = 0;
	int r = dm_read_arg(&nr_files, as, &count, &ti->error);

	if (r)
		return r;
	u = kvzalloc(struct_size(u, files, count), GFP_KERNEL);
	if (!u)
		return ukiblk_refuse(ti, -ENOMEM, "Not enough memory for the files");
	ti->private = u;
	ukiblk_hold_init(&u->hold, ti);
	for (; u->nr_files < count; u->nr_files++) {
		struct ukiblk_file *f = &u->files[u->nr_files];

		r = parse_file(ti, as, f);
		if (r)
			return r;
		f->start = start;
		/* 1024 files of less than 2^54 sectors cannot overflow. */
		start += f->sectors;
	}
	if (start != ti->len)
		return ukiblk_refuse(ti, -EINVAL, "Sectors of the files do not add up to the length of the target");
	return 0;
}

static int parse_option(struct dm_target *ti, struct dm_arg_set *as)
{
	static const struct dm_arg seconds = {
		0, UKIBLK_HOLD_MAX_SECONDS, "Option hold needs a number of seconds from 0 to 86400",
	};
	struct ukiblk *u = ti->private;

	if (!strcasecmp(dm_shift_arg(as), "hold"))
		return dm_read_arg(&seconds, as, &u->hold.seconds, &ti->error);
	return ukiblk_refuse(ti, -EINVAL, "Option is not known to this version of the target");
}

static int parse_options(struct dm_target *ti, struct dm_arg_set *as)
{
	static const struct dm_arg nr_options = { 0, MAX_OPTIONS, "Number of options must be 0 to 16" };
	unsigned int count;
	int r;

	if (!as->argc)
		return 0;
	r = dm_read_arg(&nr_options, as, &count, &ti->error);
	if (r)
		return r;
	if (count != as->argc)
		return ukiblk_refuse(ti, -EINVAL, "Number of options is not the number of words that follow it");
	while (as->argc && !r)
		r = parse_option(ti, as);
	return r;
}

/* Taking hold of the files. */

static int acquire_file(struct dm_target *ti, struct ukiblk_file *f)
{
	struct ukiblk *u = ti->private;
	int r = ukiblk_file_acquire(ti, f, &u->extents);

	if (!r && u->dev.bdev && u->dev.bdev != ukiblk_file_bdev(f))
		r = ukiblk_refuse(ti, -EXDEV, "Files are not all on the same filesystem");
	/* ti->error has no room for a name. */
	if (r)
		DMERR("refused file: %*pE", (int)strlen(f->path), f->path);
	else
		u->dev.bdev = ukiblk_file_bdev(f);
	return r;
}

static int acquire_files(struct dm_target *ti)
{
	struct ukiblk *u = ti->private;
	unsigned int i;
	int r;

	/* More than that kvmalloc() does not give, and warns. */
	u->extents.limit = min_t(size_t, READ_ONCE(max_extents), INT_MAX / sizeof(struct ukiblk_extent));
	for (i = 0; i < u->nr_files; i++) {
		r = acquire_file(ti, &u->files[i]);
		if (r)
			return r;
	}
	r = ukiblk_extents_seal(&u->extents, ti->len);
	if (r)
		return ukiblk_refuse(ti, r, "Not enough memory for the extents of the table");
	/* A disk that is gone has no partitions any more. */
	u->disk_start = get_start_sect(u->dev.bdev);
	u->hold.bdev = u->dev.bdev;
	u->hold.path = u->files[0].path;
	return 0;
}

/* Accepts what any step of the constructor left. */
static void ukiblk_dtr(struct dm_target *ti)
{
	struct ukiblk *u = ti->private;
	unsigned int i;

	if (!u)
		return;
	ukiblk_hold_exit(&u->hold);
	for (i = 0; i < u->nr_files; i++)
		ukiblk_file_release(&u->files[i]);
	ukiblk_extents_free(&u->extents);
	kvfree(u);
}

/*
 * <#files> {<path> <first sector> <sectors>}... [<#options> [hold <seconds>]]
 *
 * path: as the caller of the table load sees it, %XX for any byte; first sector and sectors: range within the file;
 * hold: reads wait this long when the disk is gone
 */
static int ukiblk_ctr(struct dm_target *ti, unsigned int argc, char **argv)
{
	struct dm_arg_set as = { .argc = argc, .argv = argv };
	int r;

	if (dm_table_get_mode(ti->table) & BLK_OPEN_WRITE)
		return ukiblk_refuse(ti, -EROFS, "Target is read-only: load the table with --readonly");
	r = parse_files(ti, &as);
	if (r)
		goto bad;
	r = parse_options(ti, &as);
	if (r)
		goto bad;
	r = acquire_files(ti);
	if (r)
		goto bad;
	ti->per_io_data_size = sizeof(struct ukiblk_io);
	return 0;
bad:
	ukiblk_dtr(ti);
	return r;
}

static const struct ukiblk_file *file_at(const struct ukiblk *u, u64 offset)
{
	const struct ukiblk_file *f = u->files;

	while (offset - f->start >= f->sectors)
		f++;
	return f;
}

/* The line is an interface: README.md describes it, and userspace reads it. */
static void report_error(struct dm_target *ti, u64 offset, int err, bool gone)
{
	struct ukiblk *u = ti->private;
	const struct ukiblk_file *f = file_at(u, offset);
	struct ukiblk_run run;

	/* map() has found it before. */
	if (!ukiblk_extents_find(&u->extents, offset, &run))
		return;
	DMERR_LIMIT("%s: error %d reading file %*pE at byte %llu, sector %llu of %s: %s",
		    dm_device_name(dm_table_get_md(ti->table)), err, (int)strlen(f->path), f->path,
		    (f->first_sector + offset - f->start) << SECTOR_SHIFT, u->disk_start + run.physical,
		    u->dev.bdev->bd_disk->disk_name, gone ? "disk gone" : "bad sector");
}

/* Not for read-ahead: a busy or suspended disk may refuse it, and who wants the data asks again. */
static void count_error(struct dm_target *ti, struct bio *bio, blk_status_t status)
{
	struct ukiblk *u = ti->private;
	bool gone = !ukiblk_hold_is_live(&u->hold);

	if (bio->bi_opf & REQ_RAHEAD)
		return;
	atomic64_inc(&u->errors);
	if (gone)
		atomic64_inc(&u->lost);
	report_error(ti, ukiblk_io(bio)->offset, blk_status_to_errno(status), gone);
}

/* A read that comes when the disk is gone. */
static int map_gone(struct dm_target *ti, struct bio *bio)
{
	struct ukiblk *u = ti->private;

	switch (ukiblk_hold_judge(&u->hold, bio, BLK_STS_OK)) {
	case UKIBLK_KEPT:
		return DM_MAPIO_SUBMITTED;
	case UKIBLK_GIVE_BACK:
		return DM_MAPIO_REQUEUE;
	default:
		count_error(ti, bio, BLK_STS_IOERR);
		return DM_MAPIO_KILL;
	}
}

static int ukiblk_map(struct dm_target *ti, struct bio *bio)
{
	struct ukiblk *u = ti->private;
	struct ukiblk_io *io = ukiblk_io(bio);
	struct ukiblk_run run;

	io->offset = dm_target_offset(ti, bio->bi_iter.bi_sector);
	io->decided = false;
	if (bio_op(bio) != REQ_OP_READ || !ukiblk_extents_find(&u->extents, io->offset, &run))
		return DM_MAPIO_KILL;
	if (!ukiblk_hold_is_live(&u->hold))
		return map_gone(ti, bio);
	if (bio_sectors(bio) > run.length)
		dm_accept_partial_bio(bio, run.length);
	bio_set_dev(bio, u->dev.bdev);
	bio->bi_iter.bi_sector = run.physical;
	return DM_MAPIO_REMAPPED;
}

/* A disk that is gone has several errors; readers are told one. */
static int end_failed(struct dm_target *ti, struct bio *bio, blk_status_t *error)
{
	struct ukiblk *u = ti->private;

	if (!ukiblk_io(bio)->decided) {
		switch (ukiblk_hold_judge(&u->hold, bio, *error)) {
		case UKIBLK_KEPT:
			return DM_ENDIO_INCOMPLETE;
		case UKIBLK_GIVE_BACK:
			return DM_ENDIO_REQUEUE;
		default:
			break;
		}
	}
	if (!ukiblk_hold_is_live(&u->hold))
		*error = BLK_STS_IOERR;
	count_error(ti, bio, *error);
	return DM_ENDIO_DONE;
}

static int ukiblk_end_io(struct dm_target *ti, struct bio *bio, blk_status_t *error)
{
	/* AGAIN is the answer to a reader who would not wait, DM_REQUEUE a read that waited and is given back. */
	if (likely(!*error) || *error == BLK_STS_AGAIN || *error == BLK_STS_DM_REQUEUE)
		return DM_ENDIO_DONE;
	return end_failed(ti, bio, error);
}

static void ukiblk_presuspend(struct dm_target *ti)
{
	struct ukiblk *u = ti->private;

	ukiblk_hold_presuspend(&u->hold);
}

static void ukiblk_resume(struct dm_target *ti)
{
	struct ukiblk *u = ti->private;

	ukiblk_hold_resume(&u->hold);
}

static unsigned int emit_path(const char *path, char *result, unsigned int maxlen, unsigned int sz)
{
	for (; *path; path++) {
		if (ukiblk_path_is_plain(*path))
			DMEMIT("%c", *path);
		else
			DMEMIT("%%%02x", (unsigned char)*path);
	}
	return sz;
}

static void emit_table(const struct ukiblk *u, char *result, unsigned int maxlen)
{
	const struct ukiblk_file *f;
	unsigned int sz = 0;

	DMEMIT("%u", u->nr_files);
	for (f = u->files; f < u->files + u->nr_files; f++) {
		DMEMIT(" ");
		sz = emit_path(f->path, result, maxlen, sz);
		DMEMIT(" %llu %llu", f->first_sector, f->sectors);
	}
	if (u->hold.seconds)
		DMEMIT(" 2 hold %u", u->hold.seconds);
}

/* Files deleted, or replaced by others of their name: it is their next table that will be different. */
static unsigned int count_nameless(const struct ukiblk *u)
{
	unsigned int i, count = 0;

	for (i = 0; i < u->nr_files; i++)
		count += !READ_ONCE(file_inode(u->files[i].file)->i_nlink);
	return count;
}

static void ukiblk_status(struct dm_target *ti, status_type_t type, unsigned int flags,
			  char *result, unsigned int maxlen)
{
	struct ukiblk *u = ti->private;
	unsigned int sz = 0;

	if (type == STATUSTYPE_INFO) {
		DMEMIT("%u %u %lld %s %u %lld %u", u->nr_files, u->extents.count, (s64)atomic64_read(&u->errors),
		       ukiblk_hold_state(&u->hold), ukiblk_hold_waiting(&u->hold), (s64)atomic64_read(&u->lost),
		       count_nameless(u));
	} else if (type == STATUSTYPE_TABLE) {
		emit_table(u, result, maxlen);
	} else if (type == STATUSTYPE_IMA) {
		DMEMIT_TARGET_NAME_VERSION(ti->type);
		DMEMIT(",files=%u,extents=%u,hold=%u;", u->nr_files, u->extents.count, u->hold.seconds);
	}
}

/* One extent of each file is enough for the limits, and this is called many times per load. */
static int ukiblk_iterate_devices(struct dm_target *ti, iterate_devices_callout_fn fn, void *data)
{
	struct ukiblk *u = ti->private;
	struct ukiblk_run run;
	unsigned int i;
	int r = 0;

	for (i = 0; i < u->nr_files && !r; i++)
		if (ukiblk_extents_find(&u->extents, u->files[i].start, &run))
			r = fn(ti, &u->dev, run.physical, run.length, data);
	return r;
}

static struct target_type ukiblk_target = {
	.name = "ukiblk",
	.version = { 1, 2, 0 },
	.features = DM_TARGET_NOWAIT,
	.module = THIS_MODULE,
	.ctr = ukiblk_ctr,
	.dtr = ukiblk_dtr,
	.map = ukiblk_map,
	.end_io = ukiblk_end_io,
	.presuspend = ukiblk_presuspend,
	.presuspend_undo = ukiblk_resume,
	.resume = ukiblk_resume,
	.status = ukiblk_status,
	.iterate_devices = ukiblk_iterate_devices,
};

static int __init ukiblk_init(void)
{
	int r = ukiblk_hold_init_module();

	if (r)
		return r;
	r = dm_register_target(&ukiblk_target);
	if (r)
		ukiblk_hold_exit_module();
	return r;
}

static void __exit ukiblk_exit(void)
{
	dm_unregister_target(&ukiblk_target);
	ukiblk_hold_exit_module();
}

module_init(ukiblk_init);
module_exit(ukiblk_exit);

MODULE_ALIAS("dm-ukiblk");
MODULE_DESCRIPTION("Device-mapper target over ranges of ordinary files");
MODULE_AUTHOR("ukiblk maintainers");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
