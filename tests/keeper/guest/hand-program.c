// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hand as a program, to be kept in memory:
 *   pull
 *   plug NODE BUS
 *   cycle SECONDS                   pulled for that long
 *   wrong {NODE REASON}...          pulled, and before the right stick comes back each of these, which must be refused with its reason
 *   absent FILE SECONDS             pulled for good: a read of the file must fail after that time
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "hand.h"
#include "wait.h"

#define PATIENCE 60	/* seconds */
#define LATE 10.0	/* seconds that a read may fail later than promised */

static bool plug_right(void)
{
	return hand_plug("stick", getpid() % 2 ? "usb.0" : "usb2.0");
}

static bool is_refused(const char *node, const char *reason)
{
	bool good = hand_plug(node, "usb.0") && wait_for(strstr(status_of("refused"), reason), PATIENCE);

	printf("%s: %s\n", node, status_of("refused"));
	return good && is_state("gone") && hand_pull();
}

static bool run_wrong(char **words)
{
	bool good = hand_pull() && wait_for(is_state("gone"), PATIENCE);

	for (; good && words[0]; words += 2)
		good = is_refused(words[0], words[1]);
	return plug_right() && wait_for(is_state("kept"), PATIENCE) && good;
}

/* A block in the middle, past the cache. */
static ssize_t read_cold(int fd, off_t size)
{
	static char block[4096];
	off_t middle = size / 2 & ~(off_t)4095;

	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	return pread(fd, block, sizeof block, middle);
}

static bool run_absent(const char *path, double seconds)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	double begin;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < 1 << 20 || !hand_pull() || !wait_for(is_state("gone"), PATIENCE))
		return false;
	begin = now();
	n = read_cold(fd, st.st_size);
	printf("the read ended after %.1f s: %s\n", now() - begin, n < 0 ? strerror(errno) : "no error");
	if (n >= 0 || errno != EIO || now() - begin < seconds - 1 || now() - begin > seconds + LATE)
		return false;
	return wait_for(is_state("failed"), 5) && read_cold(fd, st.st_size) < 0 && errno == EIO;
}

int main(int argc, char **argv)
{
	bool good = false;

	mlockall(MCL_CURRENT);
	if (argc < 2 || !hand_open())
		return 2;
	if (strcmp(argv[1], "pull") == 0) {
		good = hand_pull();
	} else if (strcmp(argv[1], "plug") == 0 && argc == 4) {
		good = hand_plug(argv[2], argv[3]);
	} else if (strcmp(argv[1], "cycle") == 0 && argc == 3) {
		good = hand_pull();
		sleep((unsigned)atoi(argv[2]));
		good = good && plug_right();
	} else if (strcmp(argv[1], "wrong") == 0 && argc % 2 == 0) {
		good = run_wrong(argv + 2);
	} else if (strcmp(argv[1], "absent") == 0 && argc == 4) {
		good = run_absent(argv[2], atof(argv[3]));
	}
	hand_close();
	return !good;
}
