// SPDX-License-Identifier: GPL-2.0-only
#include "locate/readahead.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "format/fat.h"

/* What the cache reads at least. The kernel's walk would read a sector of each page passed, so one read for a page is no loss. */
#define PAGE_BYTES 4096u
/* And at most, where the chain runs on from page to page: what any disk takes as one or two requests. */
#define MAX_PAGES 32u

struct chain {
	int disk;
	struct fat_layout layout;
	uint64_t first_page;	/* of the table; pages count from the start of the filesystem */
	uint64_t pages;
	uint8_t *seen;	/* a bit for each page: it was read */
	uint8_t *window;	/* what was read last, at most MAX_PAGES */
	uint64_t window_page;
	uint64_t window_pages;
};

static bool is_seen(const struct chain *chain, uint64_t page)
{
	return chain->seen[(page - chain->first_page) / 8] >> (page - chain->first_page) % 8 & 1;
}

/* How many pages to read from this one on: twice as many as last time where the chain comes from there. */
static uint64_t choose_pages(const struct chain *chain, uint64_t page)
{
	uint64_t wanted = page == chain->window_page + chain->window_pages ? 2 * chain->window_pages : 1, pages = 1;

	while (pages < wanted && pages < MAX_PAGES && page + pages < chain->first_page + chain->pages && !is_seen(chain, page + pages))
		pages++;
	return pages;
}

static int read_window(struct chain *chain, uint64_t page)
{
	uint64_t pages = choose_pages(chain, page);
	int r = io_read_at(chain->disk, chain->window, (size_t)pages * PAGE_BYTES, page * PAGE_BYTES);

	chain->window_page = page;
	chain->window_pages = r < 0 ? 0 : pages;
	for (uint64_t i = page - chain->first_page; r >= 0 && i < page - chain->first_page + pages; i++)
		chain->seen[i / 8] |= (uint8_t)(1u << i % 8);
	return r;
}

/* An entry does not cross a page: the table begins at a sector. */
static int read_entry(struct chain *chain, uint64_t offset, uint8_t entry[static 4])
{
	uint64_t page = offset / PAGE_BYTES;
	int r;

	if (page < chain->window_page || page >= chain->window_page + chain->window_pages) {
		if (is_seen(chain, page))
			return io_read_at(chain->disk, entry, chain->layout.entry_bytes, offset);
		r = read_window(chain, page);
		if (r < 0)
			return r;
	}
	memcpy(entry, chain->window + (offset - chain->window_page * PAGE_BYTES), chain->layout.entry_bytes);
	return 0;
}

static void follow(struct chain *chain, uint32_t cluster, uint64_t clusters)
{
	uint8_t entry[4];
	uint64_t offset;

	for (; clusters > 0 && !io_interrupted && fat_entry_offset(&chain->layout, cluster, &offset) >= 0; clusters--) {
		if (read_entry(chain, offset, entry) < 0)
			return;
		cluster = fat_entry_next(&chain->layout, entry);
	}
}

/* The disk below the file. */
static int open_disk_of(int fd)
{
	char node[64];
	struct stat st;

	if (fstat(fd, &st) < 0 || major(st.st_dev) == 0)
		return -1;
	snprintf(node, sizeof node, "/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	return open(node, O_RDONLY | O_CLOEXEC);
}

/* The first block needs no table. */
static int find_first_cluster(int fd, const struct fat_layout *layout, uint32_t *ret)
{
	int block = 0, block_bytes;

	if (ioctl(fd, FIGETBSZ, &block_bytes) < 0 || ioctl(fd, FIBMAP, &block) < 0 || block <= 0 || block_bytes <= 0)
		return -1;
	return fat_cluster_at(layout, (uint64_t)(unsigned)block * (unsigned)block_bytes, ret);
}

/* Entries to read; the last one leads nowhere. No chain is longer than its disk, whatever a spoiled filesystem says. */
static uint64_t count_entries(const struct chain *chain, uint64_t bytes)
{
	off_t end = lseek(chain->disk, 0, SEEK_END);
	uint64_t most = end < 0 ? 0 : (uint64_t)end;

	if (bytes > most)
		bytes = most;
	return bytes > 0 ? (bytes - 1) / chain->layout.cluster_bytes : 0;
}

static int read_layout(int disk, struct fat_layout *ret)
{
	uint8_t sector[FAT_BOOT_SECTOR_BYTES];
	int r = io_read_at(disk, sector, sizeof sector, 0);

	return r < 0 ? r : fat_parse_boot_sector(sector, ret);
}

static int make_chain(int disk, const struct fat_layout *layout, struct chain *ret)
{
	uint64_t first, last;

	if (fat_entry_offset(layout, FAT_FIRST_CLUSTER, &first) < 0 ||
	    fat_entry_offset(layout, FAT_FIRST_CLUSTER + layout->clusters - 1, &last) < 0)
		return -ERANGE;
	*ret = (struct chain){ .disk = disk, .layout = *layout, .first_page = first / PAGE_BYTES };
	ret->pages = last / PAGE_BYTES - ret->first_page + 1;
	ret->seen = calloc(1, (size_t)(ret->pages / 8 + 1));
	ret->window = malloc(MAX_PAGES * PAGE_BYTES);
	return ret->seen && ret->window ? 0 : -ENOMEM;
}

void readahead_chain_on(int disk, int fd, uint64_t bytes)
{
	struct fat_layout layout;
	struct chain chain = { 0 };
	uint32_t cluster;

	/* Nothing is read but what is asked for: the cache does not guess on. */
	posix_fadvise(disk, 0, 0, POSIX_FADV_RANDOM);
	if (read_layout(disk, &layout) >= 0 && find_first_cluster(fd, &layout, &cluster) >= 0 &&
	    make_chain(disk, &layout, &chain) >= 0)
		follow(&chain, cluster, count_entries(&chain, bytes));
	free(chain.seen);
	free(chain.window);
}

void readahead_chain(int fd, uint64_t bytes)
{
	autoclose int disk = open_disk_of(fd);

	if (disk >= 0)
		readahead_chain_on(disk, fd, bytes);
}
