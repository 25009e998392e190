// SPDX-License-Identifier: GPL-2.0-only
#include "tool/extent_owner.h"

#include <fcntl.h>
#include <fts.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"

#define EXTENTS_A_CALL 128u
#define STAT_BLOCK_BYTES 512u	/* of stx_blocks */

struct walk {
	struct extent_owner *owners;
	size_t count, open;	/* open: not answered yet */
};

static void answer(struct walk *walk, uint64_t start, uint64_t length, const char *path)
{
	for (size_t i = 0; i < walk->count; i++) {
		struct extent_owner *owner = &walk->owners[i];

		if (owner->path || owner->offset < start || owner->offset - start >= length)
			continue;
		owner->path = strdup(path);
		walk->open--;
	}
}

/*
 * erofs tells of a compressed file's extent where it begins on the disk, but as long as its data are in the file, and
 * does not mark it (FIEMAP_EXTENT_ENCODED). On the disk it ends where the file's next one begins, and the last one with the blocks
 * the file has.
 */
struct pending {
	bool is_compressed;	/* the file */
	uint64_t start, most;	/* most: what it can have on the disk; 0: there is none */
	uint64_t left;	/* of the file's blocks, bytes */
};

static void end_pending(struct walk *walk, struct pending *pending, uint64_t next, const char *path)
{
	uint64_t length = pending->most < pending->left ? pending->most : pending->left;

	if (next > pending->start && next - pending->start < length)
		length = next - pending->start;
	answer(walk, pending->start, length, path);
	pending->left -= length;
	pending->most = 0;
}

static void take_extent(struct walk *walk, const struct fiemap_extent *extent, struct pending *pending, const char *path)
{
	if (extent->fe_flags & (FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC) || extent->fe_physical == 0)
		return;
	if (!pending->is_compressed) {
		answer(walk, extent->fe_physical, extent->fe_length, path);
		return;
	}
	end_pending(walk, pending, extent->fe_physical, path);
	pending->start = extent->fe_physical;
	pending->most = block_align_up(extent->fe_length);
}

static void look_at_file(struct walk *walk, const char *file, const char *path)
{
	autoclose int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	autofree struct fiemap *map = calloc(1, sizeof *map + EXTENTS_A_CALL * sizeof map->fm_extents[0]);
	struct pending pending = { 0 };
	struct statx status;
	uint64_t next = 0;
	bool last = false;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_BLOCKS, &status) < 0)
		return;
	pending.is_compressed = status.stx_attributes & STATX_ATTR_COMPRESSED;
	pending.left = status.stx_blocks * STAT_BLOCK_BYTES;

	while (map && !last) {
		map->fm_start = next;
		map->fm_length = FIEMAP_MAX_OFFSET - next;
		map->fm_extent_count = EXTENTS_A_CALL;
		if (ioctl(fd, FS_IOC_FIEMAP, map) < 0 || map->fm_mapped_extents == 0)
			break;
		for (unsigned i = 0; i < map->fm_mapped_extents; i++) {
			const struct fiemap_extent *extent = &map->fm_extents[i];

			take_extent(walk, extent, &pending, path);
			last = last || extent->fe_flags & FIEMAP_EXTENT_LAST || extent->fe_logical + extent->fe_length <= next;
			next = extent->fe_logical + extent->fe_length;
		}
	}
	end_pending(walk, &pending, 0, path);
}

void extent_find_owners(const char *mount, struct extent_owner *owners, size_t count, double seconds)
{
	struct walk walk = { .owners = owners, .count = count, .open = count };
	autofree char *top = strdup(mount);
	FTS *tree = top ? fts_open((char *[]){ top, NULL }, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL) : NULL;
	double end = clock_seconds(CLOCK_MONOTONIC) + seconds;
	FTSENT *entry;

	while (tree && walk.open > 0 && !io_interrupted && clock_seconds(CLOCK_MONOTONIC) < end && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F || entry->fts_info == FTS_D)
			look_at_file(&walk, entry->fts_accpath, entry->fts_pathlen > strlen(mount) ? entry->fts_path + strlen(mount) : "/");
	if (tree)
		fts_close(tree);
}
