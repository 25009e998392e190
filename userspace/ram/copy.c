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
#include "ram/ahead.h"
#include "ram/memory.h"
#include "ram/pace.h"

#define ALIGN_BYTES 4096u
#define LOOK_AT_MEMORY_BYTES (8u << 20)
#define MEMINFO_MAX_BYTES 65536u

struct work {
	const struct ram_copy *copy;
	struct pace pace;
	int counters;	/* of the disk; negative: not to be had */
	struct ahead ahead;
	uint8_t *buffers[2];	/* one is being read into while the other, what was read before, goes to memory */
	unsigned next;	/* to read into */
	size_t held;	/* bytes in the other, not yet written; they end at @done */
	uint64_t done, looked;	/* read; looked: where memory was looked at last */
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

/* A read that failed is asked for again, as long as that makes sense. */
static int await_piece(struct work *work, size_t bytes, struct error *error)
{
	const struct ram_copy *copy = work->copy;
	int r;

	while ((r = ahead_wait(&work->ahead)) < 0) {
		r = io_interrupted ? fail(error, -EINTR, "Stopped") : copy->read_failed(copy->context, work->done, r, error);
		if (r < 0)
			return r;
		ahead_start(&work->ahead, work->buffers[work->next], bytes, work->done);
	}
	return 0;
}

/* Ramdisks say -EIO when there is no page for them. */
static int write_held(struct work *work, struct error *error)
{
	size_t bytes = work->held;
	int r = ramdisk_write(work->copy->disk, work->buffers[!work->next], bytes, work->done - bytes);

	if (r < 0)
		return fail(error, r == -EIO || r == -ENOSPC ? -ENOMEM : r, "The copy cannot be written to memory: %s", strerror(-r));
	work->held = 0;
	progress_advance(bytes);
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
	ahead_start(&work->ahead, work->buffers[work->next], bytes, work->done);
	r = write_held(work, error);
	if (r >= 0)
		r = await_piece(work, bytes, error);
	if (r < 0)
		return r;
	end = clock_seconds(CLOCK_MONOTONIC);
	pace_done(&work->pace, bytes, end, end - begin);
	work->done += bytes;
	work->held = bytes;
	work->next = !work->next;
	return 0;
}

static int copy_all(struct work *work, struct error *error)
{
	int r = 0;

	progress_begin("copying", work->copy->disk->bytes);
	while (r >= 0 && work->done < work->copy->disk->bytes) {
		r = check_memory(work, error);
		if (r >= 0)
			r = copy_piece(work, error);
	}
	if (r >= 0)
		r = write_held(work, error);
	progress_end();
	work->times.end = clock_seconds(CLOCK_BOOTTIME);
	return r;
}

int ram_copy(const struct ram_copy *copy, struct ram_copied *ret, struct error *error)
{
	autofree uint8_t *buffer = aligned_alloc(ALIGN_BYTES, 2 * PACE_FULL_BYTES);
	struct work work = { .copy = copy, .counters = -1, .buffers = { buffer, buffer + PACE_FULL_BYTES } };
	int r;

	if (!buffer)
		return fail(error, -ENOMEM, "Out of memory");
	ahead_begin(&work.ahead, copy->source);
	r = copy_all(&work, error);
	if (!ahead_end(&work.ahead))
		take_pointer(buffer);	/* the kernel's */
	if (work.counters >= 0)
		close(work.counters);
	if (r >= 0)
		*ret = work.times;
	return r;
}
