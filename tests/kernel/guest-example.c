// SPDX-License-Identifier: GPL-2.0-only
/* Case: the example of kmod/README.md, line by line, with what it says is printed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define EXAMPLE "/example"		/* the section of the README */
#define FILE_NAME MNT "/my system.erofs"
#define FILE_BYTES (4 * MIB)
#define READERS 3			/* as many reads wait in the example */
#define ROOM 512

struct reading {
	_Atomic bool stop;
	_Atomic unsigned int right[READERS], wrong;
};

static struct reading *reading;
static char disks[2][64];	/* what the example calls /dev/sda1 and /dev/sdb1 */

static void read_on(unsigned int number)
{
	static unsigned char ours[4096] __attribute__((aligned(4096))), theirs[4096] __attribute__((aligned(4096)));
	int fd = open("/dev/mapper/t", O_RDONLY | O_DIRECT | O_CLOEXEC);
	off_t at = number * 4096L;

	if (pread(fd, theirs, sizeof(theirs), at) != sizeof(theirs))
		reading->wrong++;
	while (!reading->stop) {
		if (pread(fd, ours, sizeof(ours), at) == sizeof(ours) && !memcmp(ours, theirs, sizeof(ours)))
			reading->right[number]++;
		else
			reading->wrong++;
		sleep_ms(20);
	}
	_exit(0);
}

static void start_reading(void)
{
	for (unsigned int i = 0; i < READERS; i++)
		if (!fork())
			read_on(i);
}

static unsigned int fewest_reads(void)
{
	unsigned int fewest = reading->right[0];

	for (unsigned int i = 1; i < READERS; i++)
		fewest = reading->right[i] < fewest ? reading->right[i] : fewest;
	return fewest;
}

static void stop_reading(void)
{
	unsigned int before = fewest_reads();

	check(wait_for(fewest_reads() > before + 1, 20), "a reader does not go on");
	reading->stop = true;
	while (wait(NULL) > 0)
		;
	check(!reading->wrong, "%u reads failed, or saw wrong bytes", reading->wrong);
}

static void replace(char *line, const char *word, const char *by)
{
	char *at = strstr(line, word), rest[ROOM];

	if (!at)
		return;
	strcpy(rest, at + strlen(word));
	sprintf(at, "%s%s", by, rest);
}

/* A remark in brackets stands behind the command; the disks have other names here. */
static void prepare_command(char *line)
{
	char *remark = strstr(line, "  (");

	if (remark)
		*remark = '\0';
	replace(line, "/dev/sda1", disks[0]);
	replace(line, "/dev/sdb1", disks[1]);
}

/* What happens around the commands: files, hands, readers. */
static void before(const char *command)
{
	const char *disk;

	if (!strncmp(command, "dmsetup wait", 12)) {
		start_reading();
		check(wait_for(fewest_reads(), 20), "the readers do not read");
	} else if (!strcmp(command, "dmsetup status t") && reading->right[0]) {
		check(wait_for(status().waiting == READERS, 20), "%u reads wait", status().waiting);
	} else if (!strncmp(command, "mkdir", 5)) {
		disk = stick_plug("usb");
		snprintf(disks[1], sizeof(disks[1]), "%s", disk ? disk : "");
	}
}

static void run_line(const char *command, char *ret_said)
{
	int ends[2], st = 0;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(ends))
		return;
	pid = fork();
	if (!pid) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execl("/usr/sbin/dash", "dash", "-c", command, NULL);	/* busybox would take its own "cp" */
		_exit(127);
	}
	close(ends[1]);
	if (!strncmp(command, "dmsetup wait", 12)) {
		sleep_ms(500);
		check(!waitpid(pid, &st, WNOHANG), "there is an event before the disk is pulled");
		stick_pull();
	}
	while (have < ROOM - 1 && (n = read(ends[0], ret_said + have, ROOM - 1 - have)) > 0)
		have += n;
	ret_said[have] = '\0';
	close(ends[0]);
	waitpid(pid, &st, 0);
	check(!st || have, "\"%s\" fails: %#x", command, st);
}

static void play(FILE *example)
{
	char line[ROOM], command[2 * ROOM] = "", said[ROOM] = "", expected[ROOM] = "";
	unsigned int commands = 0;
	bool more = true;

	while (more) {
		more = fgets(line, sizeof(line), example);
		if (more && !strncmp(line, "    ", 4) && line[4] != '#') {
			strncat(expected, line + 4, sizeof(expected) - strlen(expected) - 1);
			continue;
		}
		if (*command)
			check(!strcmp(said, expected), "\"%s\" says \"%s\", not \"%s\"", command, said, expected);
		*command = *expected = '\0';
		if (!more || strncmp(line, "    # ", 6))
			continue;
		line[strcspn(line, "\n")] = '\0';
		strcpy(command, line + 6);
		before(command);
		prepare_command(command);
		run_line(command, said);
		commands++;
	}
	check(commands > 15, "the example has only %u commands", commands);
}

static bool make_stick(void)
{
	const char *disk = stick_plug("usb");

	if (!disk)
		return false;
	snprintf(disks[0], sizeof(disks[0]), "%s", disk);
	if (!vfat(disk, "-F 32 -s 8"))
		return false;
	write_file(FILE_NAME, FILE_BYTES);
	umount_fs();
	return write_file("other.erofs", 4096);
}

static void example(void)
{
	FILE *text = fopen(EXAMPLE, "r");

	reading = mmap(NULL, sizeof(*reading), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	setenv("DM_DISABLE_UDEV", "1", 1);
	check(!rmdir(MNT2) && !chdir("/tmp"), "%s", strerror(errno));
	if (check(text, "no " EXAMPLE) && make_stick()) {
		play(text);
		stop_reading();
		check(!run("dmsetup remove t"), "remove");
		check(!run("umount " MNT2), "umount");
		stick_pull();
	}
	if (text)
		fclose(text);
	unsetenv("DM_DISABLE_UDEV");
	unlink("/tmp/other.erofs");
	check(!chdir("/"), "%s", strerror(errno));
	mkdir(MNT2, 0755);
}

const struct test example_tests[] = {
	{ "example", "the example of kmod/README.md does what it says", example },
	{ 0 }
};
