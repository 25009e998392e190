// SPDX-License-Identifier: GPL-2.0-only
#include "ram/pace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define SECTOR_BYTES 512u	/* the unit of these counters, whatever the disk's own */
#define STAT_MAX_BYTES 512

bool pace_parse(const char *stat, struct pace_counters *ret)
{
	uint64_t read, written;
	unsigned in_flight;

	if (sscanf(stat, "%*u %*u %" SCNu64 " %*u %*u %*u %" SCNu64 " %*u %u", &read, &written, &in_flight) != 3)
		return false;
	*ret = (struct pace_counters){ (read + written) * SECTOR_BYTES, in_flight };
	return true;
}

void pace_begin(struct pace *pace, const struct pace_counters *counters, double now)
{
	/* Nothing is known of what was before: full speed after 250 ms in which nobody else was seen. */
	*pace = (struct pace){ .expected = counters ? counters->bytes : 0, .busy = now - PACE_LONG_SECONDS + PACE_QUIET_SECONDS,
			       .forced = now + PACE_QUIET_SECONDS };
}

size_t pace_next(struct pace *pace, const struct pace_counters *counters, double now, double *ret_wait)
{
	bool own = pace->own;
	double quiet_at, next;

	if (!counters)
		return PACE_SHORT_BYTES;
	pace->own = false;
	if (own && counters->bytes == pace->expected && counters->in_flight > 0) {
		*ret_wait = PACE_GLANCE_SECONDS;
		return 0;
	}
	if (counters->bytes != pace->expected || counters->in_flight > 0)
		pace->busy = now;
	pace->expected = counters->bytes;
	if (now - pace->busy >= PACE_LONG_SECONDS)
		return PACE_FULL_BYTES;
	if (now - pace->busy >= PACE_QUIET_SECONDS)
		return PACE_SHORT_BYTES;
	if (now >= pace->forced)
		return PACE_FORCED_BYTES;
	quiet_at = pace->busy + PACE_QUIET_SECONDS;
	next = quiet_at < pace->forced ? quiet_at : pace->forced;
	*ret_wait = next - now;
	return 0;
}

void pace_done(struct pace *pace, size_t bytes, double now, double seconds)
{
	double pause = seconds * PACE_SHARE;

	pace->expected += bytes;
	pace->forced = now + (pause < PACE_LONGEST_SECONDS ? pause : PACE_LONGEST_SECONDS);
	pace->own = true;
}

int pace_open_disk(const char *mount)
{
	char path[64], partition[80];
	struct stat st;
	int fd;

	if (stat(mount, &st) < 0)
		return -errno;
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	snprintf(partition, sizeof partition, "%s/partition", path);
	/* A partition's folder lies in its disk's. */
	snprintf(partition, sizeof partition, "%s%s/stat", path, access(partition, F_OK) == 0 ? "/.." : "");
	fd = open(partition, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool pace_read(int fd, struct pace_counters *ret)
{
	char text[STAT_MAX_BYTES + 1];
	ssize_t n = pread(fd, text, STAT_MAX_BYTES, 0);

	text[n < 0 ? 0 : n] = '\0';
	return n > 0 && pace_parse(text, ret);
}
