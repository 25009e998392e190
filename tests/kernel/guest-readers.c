// SPDX-License-Identifier: GPL-2.0-only
/* Processes that read the device all the time. What they see is counted in memory they share. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define READERS 5
#define BUFFERED 2	/* so many of them */
#define MOST_BYTES (64 * 1024)

struct reader {
	atomic_ullong right, wrong, failed;
	atomic_int odd_error;	/* an errno that is not EIO */
};

static struct shared {
	atomic_bool stop;
	struct reader readers[READERS];
} *shared;

static pid_t pids[READERS];
static unsigned char *expected;
static size_t size;

static bool read_device(unsigned char *to)
{
	int fd = open(dm_path("t"), O_RDONLY | O_DIRECT | O_CLOEXEC);
	size_t at = 0;
	ssize_t n = -1;

	while (at < size && (n = pread(fd, to + at, size - at < MIB ? size - at : MIB, at)) > 0)
		at += n;
	check(at == size, "read the device: %s", n < 0 ? strerror(errno) : "short");
	close(fd);
	return at == size;
}

static void read_once(struct reader *r, int fd, unsigned char *buffer, bool buffered)
{
	size_t at = random() % (size / SECTOR) * SECTOR, n = (random() % (MOST_BYTES / SECTOR) + 1) * SECTOR;
	ssize_t got;

	if (n > size - at)
		n = size - at;
	if (buffered)
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	got = pread(fd, buffer, n, at);
	if (got == (ssize_t)n && !memcmp(buffer, expected + at, n)) {
		r->right++;
	} else if (got < 0) {
		r->failed++;
		if (errno != EIO)
			r->odd_error = errno;
		sleep_ms(5);
	} else if (got == 0 || memcmp(buffer, expected + at, got)) {
		r->wrong++;
	} else {
		r->right++;	/* a short read: what follows failed */
	}
}

static void reader_run(unsigned int number, const char *path)
{
	static unsigned char buffer[MOST_BYTES] __attribute__((aligned(4096)));
	bool buffered = number < BUFFERED;
	int fd = open(path, O_RDONLY | O_CLOEXEC | (buffered ? 0 : O_DIRECT));

	srandom(number + 1);
	while (!shared->stop)
		read_once(&shared->readers[number], fd, buffer, buffered);
	_exit(0);
}

bool readers_start(void)
{
	uint64_t sectors = 0;
	char text[8192];

	if (!check(!dm_get("t", 't', &sectors, text, sizeof(text)) && sectors, "no device"))
		return false;
	size = sectors * SECTOR;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	expected = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!check(shared != MAP_FAILED && expected != MAP_FAILED, "mmap: %s", strerror(errno)) || !read_device(expected))
		return false;
	for (unsigned int i = 0; i < READERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			reader_run(i, dm_path("t"));
	}
	return true;
}

unsigned long long readers_reads(void)
{
	unsigned long long fewest = shared->readers[0].right;

	for (unsigned int i = 1; i < READERS; i++)
		if (shared->readers[i].right < fewest)
			fewest = shared->readers[i].right;
	return fewest;
}

unsigned long long readers_failed(void)
{
	unsigned long long sum = 0;

	for (unsigned int i = 0; i < READERS; i++)
		sum += shared->readers[i].failed;
	return sum;
}

static unsigned long long readers_ended(void)
{
	unsigned long long sum = readers_failed();

	for (unsigned int i = 0; i < READERS; i++)
		sum += shared->readers[i].right + shared->readers[i].wrong;
	return sum;
}

bool readers_all_wait(unsigned int ms)
{
	unsigned long long before = readers_ended();

	sleep_ms(ms);
	return readers_ended() == before;
}

static bool all_left(void)
{
	bool all = true;

	for (unsigned int i = 0; i < READERS; i++) {
		if (pids[i] > 0 && waitpid(pids[i], NULL, WNOHANG) == pids[i])
			pids[i] = 0;
		all = all && !pids[i];
	}
	return all;
}

void readers_stop(bool may_fail)
{
	shared->stop = true;
	check(wait_for(all_left(), 60), "a reader is stuck");
	for (unsigned int i = 0; i < READERS; i++) {
		const struct reader *r = &shared->readers[i];

		check(!r->wrong, "reader %u: %llu reads saw wrong bytes", i, r->wrong);
		check(may_fail || !r->failed, "reader %u: %llu reads failed", i, r->failed);
		check(!r->odd_error, "reader %u: a read failed with %s", i, strerror(r->odd_error));
		check(r->right, "reader %u never read anything", i);
	}
	munmap(expected, size);
	munmap(shared, sizeof(*shared));
	shared = NULL;
}

void readers_abandon(void)
{
	if (!shared)
		return;
	shared->stop = true;
	for (unsigned int i = 0; i < READERS; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	shared = NULL;
}
