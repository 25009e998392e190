// SPDX-License-Identifier: GPL-2.0-only
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "checks.h"
#include "hand.h"
#include "wait.h"

#define LEAVE_KIB 30000	/* of the memory that is available, under pressure */

static unsigned cycle;	/* for the ports in turn */

static void expect(bool good, const char *name, const char *what)
{
	char text[256];

	snprintf(text, sizeof text, "%s: %s", name, what);
	check(good, text);
}

static void write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, word, strlen(word)) < 0)
		checks_note("a word could not be written");
	close(fd);
}

void watch_for_hung_tasks(void)
{
	static const char path[] = "/proc/sys/kernel/hung_task_timeout_secs";
	char word[8] = "";
	int fd;

	write_word(path, "10");
	write_word("/proc/sys/kernel/hung_task_check_interval_secs", "1");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && read(fd, word, sizeof word - 1) > 0 && strcmp(word, "10\n") == 0, "the kernel looks for hung tasks");
	close(fd);
}

void drop_caches(void)
{
	write_word("/proc/sys/vm/drop_caches", "3");
}

bool reading_fails(void)
{
	drop_caches();
	/* dm-verity compares what comes from the disk; that all is right up to here is hashed a few times at the end of a group. */
	return checks_count_bad_files("/manifest", NULL, false) != 0;
}

static int open_log(void)
{
	static int log = -1;

	if (log < 0)
		log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return log;
}

bool log_has_already(const char *text)
{
	int log = open_log();
	char record[8192];
	bool found = false;
	ssize_t n;

	while ((n = read(log, record, sizeof record - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		record[n > 0 ? n : 0] = '\0';
		found |= strstr(record, text) != NULL;
	}
	return found;
}

bool log_has(const char *text)
{
	return wait_for(log_has_already(text), 12);
}

void forget_log(void)
{
	log_has_already("");
}

void repeat_event(const char *disk, const char *action)
{
	char path[128];

	snprintf(path, sizeof path, "/sys/class/block/%s/uevent", disk);
	write_word(path, action);
}

/* A process that reads everything until it is told to stop by SIGTERM, and then ends its round. 0: all was right. */
static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static pid_t start_reader(enum during during)
{
	pid_t child = during == IDLE ? -1 : fork();
	int bad = 0;

	if (child != 0)
		return child;
	signal(SIGTERM, on_term);
	do {
		bad |= reading_fails();
	} while (!bad && !stop);
	_exit(bad);
}

static bool end_reader(pid_t child)
{
	int status = 0;

	if (child < 0)
		return !reading_fails();
	kill(child, SIGTERM);
	for (int i = 0; i < 6000; i++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return status == 0;
		usleep(20000);
	}
	return false;
}

static long available_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[256];
	long kib = 0;

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

/* Takes all memory but a little, and goes on touching it. */
static pid_t start_pressure(enum during during)
{
	pid_t child = during == PRESSED ? fork() : -1;
	unsigned char *all;
	size_t used = 0, size = (size_t)1 << 30, step = 1 << 20;
	char text[96];

	if (child > 0) {
		bool full = wait_for(available_kib() <= LEAVE_KIB + 8192, 60);

		snprintf(text, sizeof text, "%ld KiB of memory are available", available_kib());
		checks_note(text);
		check(full, "memory is full");
	}
	if (child != 0)
		return child;
	write_word("/proc/self/oom_score_adj", "1000");
	all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	for (;;) {
		while (available_kib() > LEAVE_KIB && used + step <= size)
			memset(all + used, 1, step), used += step;
		for (size_t i = 0; i < used; i += 4096)
			all[i]++;
		usleep(20000);
	}
}

/* The carrier's mounts are the device that the keeper names, and nothing else is left of the old one. */
static bool carrier_is_mounted(void)
{
	struct stat carrier, efi, node;
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4096], name[128];
	unsigned m, n, others = 0;

	snprintf(name, sizeof name, "%s", status_of("carrier"));
	if (stat(name, &node) < 0 || stat("/run/ukiblk/carrier", &carrier) < 0 || stat("/efi", &efi) < 0 || carrier.st_dev != node.st_rdev ||
	    efi.st_dev != node.st_rdev) {
		if (file)
			fclose(file);
		return false;
	}
	while (file && fgets(line, sizeof line, file))
		others += sscanf(line, "%*u %*u %u:%u", &m, &n) == 2 && strstr(line, " - vfat ") && makedev(m, n) != node.st_rdev;
	if (file)
		fclose(file);
	return others == 0;
}

static void note_times(const char *name)
{
	char text[256];
	int n = snprintf(text, sizeof text, "%s: from the event on %ld ms,", name, status_number("last-total-ms"));

	n += snprintf(text + n, sizeof text - (size_t)n, " mounted in %ld,", status_number("last-mount-ms"));
	n += snprintf(text + n, sizeof text - (size_t)n, " checked in %ld,", status_number("last-check-ms"));
	snprintf(text + n, sizeof text - (size_t)n, " table changed in %ld", status_number("last-reload-ms"));
	checks_note(text);
}

/* Without the disk everything after it would wait in vain. */
static void plug_or_end(const char *name, const char *what, const char *node)
{
	bool good = hand_plug(node, cycle++ % 2 ? "usb.0" : "usb2.0") && wait_for(is_state("kept"), 40);

	expect(good, name, what);
	if (good)
		return;
	checks_note(ask("status"));
	checks_end();
}

void pull_and_return(const char *name, const char *node, unsigned seconds, enum during during)
{
	long pulls = status_number("pulls");
	pid_t pressure = start_pressure(during), reader = start_reader(during);
	double begin;

	usleep(100000 + random() % 400000);
	forget_log();
	if (during >= COLD)
		drop_caches();
	expect(hand_pull(), name, "pulled");
	begin = now();
	expect(wait_for(is_state("gone"), 10), name, "the keeper knows");
	expect(log_has(") is gone. Plug it in again: what needs it waits for up to 40 s."), name, "and says so");
	expect(status_number("pulls") == pulls + 1, name, "it counts");
	if (during != IDLE)
		expect(wait_for(status_number("waiting") > 0, 20), name, "reads wait");
	while (now() - begin < seconds)
		usleep(20000);
	plug_or_end(name, "it is back", node);
	note_times(name);
	expect(log_has("The disk of the system is back as /dev/"), name, "which is said");
	expect(wait_for(carrier_is_mounted(), 20), name, "the carrier is mounted where it was");
	expect(end_reader(reader), name, "every file can be read");
	if (pressure > 0) {
		kill(pressure, SIGKILL);
		waitpid(pressure, NULL, 0);
	}
}

void plug_wrong(const char *node, const char *reason, const char *what)
{
	expect(hand_plug(node, "usb.0") && wait_for(strstr(status_of("refused"), reason), 30), what, "it is refused with its reason");
	if (!strstr(status_of("refused"), reason))
		checks_note(status_of("refused"));
	expect(is_state("gone"), what, "the right one is still waited for");
	expect(log_has(" is not the disk of the system. "), what, "which is said");
	expect(hand_pull(), what, "it is taken away");
}

void plug_right(const char *name)
{
	plug_or_end(name, "the right one is taken", "stick");
	expect(!reading_fails(), name, "every file can be read");
	expect(wait_for(carrier_is_mounted(), 20), name, "the carrier is mounted where it was");
}

void run_cycles(void)
{
	const char *word = checks_word("test_cycles=");
	int count = word ? atoi(word) : 3;
	char name[64];

	pull_and_return("idle", "stick", 2, IDLE);
	for (int i = 1; i <= count; i++) {
		snprintf(name, sizeof name, "cycle %d", i);
		pull_and_return(name, "stick", 1 + random() % 3, i % 2 ? READ : COLD);
	}
	pull_and_return("little memory", "stick", 3, PRESSED);
	drop_caches();
	check_files("/manifest", NULL);
}

const char *find_partition(void)
{
	static char path[32];

	for (char letter = 'a'; letter <= 'z'; letter++) {
		snprintf(path, sizeof path, "/sys/block/sd%c/sd%c1", letter, letter);
		if (access(path, F_OK) == 0) {
			snprintf(path, sizeof path, "/dev/sd%c1", letter);
			return path;
		}
	}
	return "";
}

void mounted_by_others(void)
{
	pid_t keeper = (pid_t)status_number("pid");
	struct statvfs st;

	check(keeper > 1 && hand_pull() && wait_for(is_state("gone"), 20) && kill(keeper, SIGSTOP) == 0, "others: pulled, and the keeper sleeps");
	check(hand_plug("stick", "usb.0") && wait_for(*find_partition(), 20), "others: plugged in");
	mkdir("/run/others", 0700);
	check(wait_for(mount(find_partition(), "/run/others", "vfat", 0, NULL) == 0, 20), "others: somebody is quicker, and mounts it for writing");
	check(kill(keeper, SIGCONT) == 0 && wait_for(is_state("kept"), 20), "others: the keeper shares it");
	check(!reading_fails(), "others: every file can be read");
	check(wait_for(carrier_is_mounted(), 20) && statvfs("/run/ukiblk/carrier", &st) == 0 && (st.f_flag & ST_RDONLY),
	      "others: the carrier is mounted where it was, read-only");
	check(umount("/run/others") == 0, "others: they let go");
}

/* From the archive's device to the ramdisk, past all caches. */
static bool copy_archive(void)
{
	static char block[1 << 16] __attribute__((aligned(4096)));
	int from = open("/dev/mapper/ukiblk-root", O_RDONLY | O_DIRECT | O_CLOEXEC), to = open("/dev/ram0", O_WRONLY | O_DIRECT | O_CLOEXEC);
	ssize_t n = -1;

	while (from >= 0 && to >= 0 && (n = read(from, block, sizeof block)) > 0)
		if (write(to, block, (size_t)n) != n)
			return false;
	close(from);
	close(to);
	return n == 0;
}

static bool has_carrier_mount(void)
{
	struct stat at, above;

	return stat("/run/ukiblk/carrier", &at) == 0 && stat("/run/ukiblk", &above) == 0 && at.st_dev != above.st_dev;
}

static void check_busy_carrier(void)
{
	static const char wanted[] = "error 16 /dev/sda1 cannot be taken. It is in use by another program, which must let go of it first\n";
	int fd = open("/dev/sda1", O_RDONLY | O_EXCL | O_CLOEXEC);
	const char *answer = ask("carrier");

	check(fd >= 0 && strncmp(answer, wanted, strlen(wanted)) == 0, "ram: a disk that somebody has for himself is not taken, with the reason");
	if (strncmp(answer, wanted, strlen(wanted)) != 0)
		checks_note(answer);
	check(is_state("ram"), "ram: nothing has changed by that");
	close(fd);
}

static bool write_and_remove(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, "x", 1) == 1;

	return fd >= 0 && close(fd) == 0 && unlink(path) == 0 && good;
}

void to_ram_and_back(void)
{
	check(copy_archive(), "ram: the archive is copied to a ramdisk");
	check(strncmp(ask("ram 1:0"), "ok\n", 3) == 0 && is_state("ram"), "ram: the keeper changes over");
	check(wait_for(!has_carrier_mount(), 10), "ram: the carrier is let go of");
	check(hand_pull() && !reading_fails() && is_state("ram"), "ram: pulled without effect");
	check(strncmp(ask("carrier"), "error 19 The disk of the system is not there\n", 45) == 0, "ram: without the disk there is no way back");
	check(hand_plug("stick", "usb.0") && wait_for(access("/dev/sda1", F_OK) == 0, 30), "ram: plugged in again");
	check_busy_carrier();
	check(mkdir("/run/mnt", 0700) == 0 && mount("/dev/sda1", "/run/mnt", "vfat", 0, NULL) == 0, "ram: somebody mounts it read-write");
	check(strncmp(ask("carrier"), "ok\n", 3) == 0 && is_state("kept"), "ram: and back to the disk all the same");
	check(wait_for(carrier_is_mounted(), 20) && !reading_fails(), "ram: which is mounted and read again");
	check(write_and_remove("/run/mnt/file"), "ram: that other mount can be written to");
	check(!write_and_remove("/run/ukiblk/carrier/file") && errno == EROFS, "ram: and the carrier's cannot");
	check(umount("/run/mnt") == 0, "ram: and be taken away");
	pull_and_return("after ram", "stick", 1, READ);
}

/* Its words go to the host. */
static bool run_tool(const char *option, const char *wanted)
{
	char line[4096];
	int ends[2], status;
	bool found = false;
	pid_t child;
	FILE *out;

	if (pipe(ends) < 0)
		return false;
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/usr/bin/ukiblk", "ukiblk", "status", "root", option, NULL);
		_exit(127);
	}
	close(ends[1]);
	out = fdopen(ends[0], "r");
	while (out && fgets(line, sizeof line, out)) {
		line[strcspn(line, "\n")] = '\0';
		found |= strstr(line, wanted) != NULL;
		checks_note(line);
	}
	if (out)
		fclose(out);
	return waitpid(child, &status, 0) == child && status == 0 && found;
}

void check_tool(void)
{
	check(run_tool(NULL, "  keeper: watches over /dev/sd"), "ukiblk status shows the keeper");
	check(run_tool("--json", "\"state\":\"kept\"") || run_tool("--json", "\"state\": \"kept\""), "and as JSON");
}
