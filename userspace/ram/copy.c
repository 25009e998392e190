// SPDX-License-Identifier: GPL-2.0-only
#include "ram/copy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/progress.h"
#include "ram/memory.h"
#include "ram/pace.h"

#define ALIGN_BYTES 4096u
#define LOOK_AT_MEMORY_BYTES (8u << 20)
#define MEMINFO_MAX_BYTES 65536u

struct work {
	const struct ram_copy *copy;
	struct pace pace;
	int counters;	/* of the disk; negative: not to be had */
	uint8_t *buffer;
	uint64_t done, looked;	/* looked: where memory was looked at last */
	struct ram_copied times;
};

int ram_read_available(uint64_t *ret_bytes, struct error *error)
{
	autofree char *text = NULL;
	int r = io_read_file("/proc/meminfo", MEMINFO_MAX_BYTES, &text, NULL);

	if (r >= 0)
		r = memory_parse(text, ret_bytes);
	return r < 0 ? fail(error, r, "The kernel does not tell how much memory is available") : 0;
}

/* After a disk was pulled the counters are those of another one, which came in its place. */
static bool read_counters(struct work *work, struct pace_counters *ret)
{
	if (work->counters >= 0 && pace_read(work->counters, ret))
		return true;
	if (work->counters >= 0)
		close(work->counters);
	work->counters = pace_open_disk(work->copy->carrier);
	if (work->counters < 0 || !pace_read(work->counters, ret))
		return false;
	pace_begin(&work->pace, ret, clock_seconds(CLOCK_MONOTONIC));
	return true;
}

/* Waits for the moment; the bytes to read, or 0 when it was told to stop. */
static size_t wait_for_turn(struct work *work)
{
	uint64_t rest = work->copy->disk->bytes - work->done;

	while (!io_interrupted) {
		struct pace_counters counters;
		double wait = 0;
		bool known = work->copy->carrier && read_counters(work, &counters);
		size_t bytes = !work->copy->carrier ? PACE_FULL_BYTES : pace_next(&work->pace, known ? &counters : NULL, clock_seconds(CLOCK_MONOTONIC), &wait);

		if (bytes > 0)
			return bytes < rest ? bytes : (size_t)rest;
		usleep((useconds_t)(wait * 1e6) + 1);
	}
	return 0;
}

static int read_piece(struct work *work, size_t bytes, struct error *error)
{
	const struct ram_copy *copy = work->copy;
	int r;

	while ((r = io_read_at(copy->source, work->buffer, bytes, work->done)) < 0) {
		r = io_interrupted ? fail(error, -EINTR, "Stopped") : copy->read_failed(copy->context, work->done, r, error);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_memory(struct work *work, struct error *error)
{
	uint64_t available, rest = work->copy->disk->bytes - work->done;
	int r;

	if (work->done > 0 && work->done - work->looked < LOOK_AT_MEMORY_BYTES)
		return 0;
	work->looked = work->done;
	r = ram_read_available(&available, error);
	if (r < 0 || memory_lasts(rest, available, work->copy->reserve))
		return r;
	return fail(error, -ENOMEM, "Memory has become short: %" PRIu64 " MB are available and %" PRIu64
		    " MB are yet to be copied. The copy was given up, and the system stays on its disk", available / 1000000, rest / 1000000);
}

static int copy_piece(struct work *work, struct error *error)
{
	size_t bytes = wait_for_turn(work);
	double begin = clock_seconds(CLOCK_MONOTONIC), end;
	int r;

	if (bytes == 0)
		return fail(error, -EINTR, "Stopped");
	if (work->done == 0)
		work->times.begin = clock_seconds(CLOCK_BOOTTIME);
	r = read_piece(work, bytes, error);
	if (r < 0)
		return r;
	end = clock_seconds(CLOCK_MONOTONIC);
	pace_done(&work->pace, bytes, end, end - begin);
	r = ramdisk_write(work->copy->disk, work->buffer, bytes, work->done);
	if (r < 0)
		return fail(error, r == -EIO ? -ENOMEM : r, "The copy cannot be written to memory: %s", strerror(-r));
	work->done += bytes;
	progress_advance(bytes);
	return 0;
}

int ram_copy(const struct ram_copy *copy, struct ram_copied *ret, struct error *error)
{
	autofree uint8_t *buffer = aligned_alloc(ALIGN_BYTES, PACE_FULL_BYTES);
	struct work work = { .copy = copy, .counters = -1, .buffer = buffer };
	int r = 0;

	if (!buffer)
		return fail(error, -ENOMEM, "Out of memory");
	progress_begin("copying", copy->disk->bytes);
	while (r >= 0 && work.done < copy->disk->bytes) {
		r = check_memory(&work, error);
		if (r >= 0)
			r = copy_piece(&work, error);
	}
	progress_end();
	if (work.counters >= 0)
		close(work.counters);
	work.times.end = clock_seconds(CLOCK_BOOTTIME);
	if (r >= 0)
		*ret = work.times;
	return r;
}
