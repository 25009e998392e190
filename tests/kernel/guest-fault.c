// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for the debug kernel: allocations that fail by order. /proc/self/fail-nth lets the nth of this
 * task fail; what failslab and fail_page_alloc are set to decides about those after it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define B MNT "/b.bin"
#define UNITS 1200	/* extents of both files: their array grows from one page to several, and so to vmalloc() */
#define TABLE "2 " A " 3 500 " B " 0 600 2 hold 5"
#define TABLE_SECTORS 1100
#define MOST_POINTS 5000

static const struct row row = { 0, TABLE_SECTORS, "ukiblk", TABLE };

static bool set(const char *path, const char *value)
{
	FILE *f = fopen(path, "w");

	return check(f && fputs(value, f) >= 0 && !fclose(f), "%s: %s", path, strerror(errno));
}

/* Small and large ones, and those that may wait: an allocation that must not fail is left alone. */
static bool allow_failures(bool all_later)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	static const char *const settings[][2] = {
		{ "ignore-gfp-wait", "N" }, { "task-filter", "Y" }, { "times", "-1" }, { "space", "0" },
		{ "interval", "1" }, { "verbose", "0" },
	};
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char path[64];

		for (size_t n = 0; n < ARRAY_SIZE(settings); n++) {
			snprintf(path, sizeof(path), DEBUG "/%s/%s", kinds[i], settings[n][0]);
			ok = set(path, settings[n][1]) && ok;
		}
		snprintf(path, sizeof(path), DEBUG "/%s/probability", kinds[i]);
		ok = set(path, all_later ? "100" : "0") && ok;
	}
	return set(DEBUG "/fail_page_alloc/min-order", "0") && set(DEBUG "/fail_page_alloc/ignore-gfp-highmem", "N") && ok;
}

/* From a cold cache: also what the filesystem asks for while it looks up the file and its blocks. */
static void drop_caches(void)
{
	int fd = open(ALIGNED, O_RDONLY | O_CLOEXEC);

	sync();
	check(!ioctl(fd, BLKFLSBUF), "BLKFLSBUF: %s", strerror(errno));
	close(fd);
	set("/proc/sys/vm/drop_caches", "3");
}

/* Between arming and disarming there is nothing but the one call. */
static int load_failing(const struct dm_ioctl *request, unsigned int nth, bool *ret_hit)
{
	static int fail_nth = -1, make_it_fail = -1;
	struct dm_ioctl *dm = malloc(request->data_size);
	char text[16], left[16] = "";
	int r;

	if (fail_nth < 0) {
		fail_nth = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
		make_it_fail = open("/proc/self/make-it-fail", O_RDWR | O_CLOEXEC);
	}
	memcpy(dm, request, request->data_size);
	snprintf(text, sizeof(text), "%u", nth);
	check(pwrite(fail_nth, text, strlen(text), 0) > 0 && pwrite(make_it_fail, "1", 1, 0) == 1, "arm: %s", strerror(errno));
	r = dm_call(DM_TABLE_LOAD, dm);
	check(pwrite(make_it_fail, "0", 1, 0) == 1 && pread(fail_nth, left, sizeof(left) - 1, 0) > 0 &&
	      pwrite(fail_nth, "0", 1, 0) == 1, "disarm: %s", strerror(errno));
	*ret_hit = !atoi(left);
	free(dm);
	return r;
}

/* Nothing of a table is there, and the files are as free as before. */
static bool nothing_left(unsigned int nth)
{
	static const char *const files[] = { A, B };
	struct dm_ioctl *dm = dm_request("t", 0);
	bool ok = check(!dm_call(DM_TABLE_CLEAR, dm) && !(dm->flags & (DM_ACTIVE_PRESENT_FLAG | DM_INACTIVE_PRESENT_FLAG)),
			"allocation %u: a table is left", nth);

	free(dm);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd = open(files[i], O_WRONLY | O_CLOEXEC);

		ok = check(fd >= 0, "allocation %u: %s: %s", nth, files[i], strerror(errno)) && ok;
		close(fd);
	}
	return ok;
}

static void load_at_every_point(void)
{
	struct dm_ioctl *request = dm_load_request("t", &row, 1, 0);
	unsigned int nth, failed = 0;
	bool hit = true, ok = true;
	int r;

	request->data_size = request->data_start + ((struct dm_target_spec *)((char *)request + request->data_start))->next;
	for (nth = 0; hit && ok && nth < MOST_POINTS; ) {
		drop_caches();
		r = load_failing(request, ++nth, &hit);
		failed += !!r;
		ok = check(!r || (hit && r == -ENOMEM), "allocation %u: %s", nth, strerror(-r)) && nothing_left(nth);
	}
	check(!hit, "the load goes on allocating after %u", nth);
	check(failed > 20, "only %u loads failed", failed);
	note("%u allocations: %u failed loads, %u that did without", nth - 1, failed, nth - 1 - failed);
	free(request);
}

static void fail_allocations(bool all_later)
{
	struct range r[] = { { A, 3, 500 }, { B, 0, 600 } };
	struct dm_ioctl *dm;

	if (access("/proc/self/fail-nth", F_OK))
		return skip("needs the debug kernel (make check-debug)");
	if (!vfat(ALIGNED, "-F 32 -s 1") || !write_alternating(A, B, 512, UNITS / 2) || !allow_failures(all_later))
		return;
	run("modprobe ukiblk");
	dm = dm_request("t", 0);
	check(!dm_call(DM_DEV_CREATE, dm), "create");
	free(dm);
	load_at_every_point();
	detach();
	if (attach_ranges(r, 2)) {
		compare_ranges(r, 2);
		check(status().extents == 1100, "%u extents", status().extents);
		detach();
	}
	check(!module_remove(), "the module does not unload");
	umount_fs();
}

/* One fails: the constructor fails, or has another way. */
static void once(void)
{
	fail_allocations(false);
}

/* From one on all fail: also the other ways, and what cleans up. */
static void from_then_on(void)
{
	fail_allocations(true);
}

const struct test fault_tests[] = {
	{ "fault-once", "each allocation of a table load fails, one at a time", once },
	{ "fault-all", "each allocation of a table load fails, and all after it", from_then_on },
	{ 0 }
};
