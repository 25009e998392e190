// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sbin/init of the tiny root of tests/ram: what rd.ukiblk.ram= did, seen from inside. The command line says which:
 *   test_ram=memory    the system comes to run from memory; then the stick goes, and everything can be read
 *   test_ram=before    the same, and it is so at the start
 *   test_ram=pull      the stick is pulled during the copy, and comes back
 *   test_ram=lost      it does not come back
 *   test_ram=stays     it stays on its disk, and the copy's memory is given back
 *   test_ram=verbs     the root has the tool, and uses it
 *   test_ram=gone      the same while the stick is pulled
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../boot/guest/checks.h"

#define CARRIER "/run/ukiblk/carrier"
#define STATE "/run/ukiblk/ram.json"
#define SECONDS 150
#define LINE 2048

static char state[8192];
static char disk[64];	/* of the carrier: /sys/dev/block/M:m */

static const char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");

	state[file ? fread(state, 1, sizeof state - 1, file) : 0] = '\0';
	if (file)
		fclose(file);
	return state;
}

/* The text or number behind "key": in a JSON file, without quotes; "" when there is none. One buffer. */
static const char *value_in(const char *path, const char *key)
{
	static char text[LINE];
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	at = strstr(read_text(path), quoted);
	at = at ? at + strlen(quoted) + strspn(at + strlen(quoted), " ") : "";
	if (*at == '"')
		snprintf(text, sizeof text, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
	else
		snprintf(text, sizeof text, "%.*s", (int)strcspn(at, ",\n"), at);
	return text;
}

static double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *value(const char *key) { return value_in(STATE, key); }
static bool is_state(const char *name) { return strcmp(value("state"), name) == 0; }
static double number(const char *key) { return strtod(value(key), NULL); }

static bool waits_for(bool (*condition)(void))
{
	for (int i = 0; i < SECONDS * 20 && !condition(); i++)
		usleep(50000);
	return condition();
}

static bool has_ended(void) { return is_state("memory") || is_state("failed") || is_state("stopped"); }
static bool is_copying(void) { return is_state("copying") && number("percent") > 0; }
static bool is_disk_gone(void) { return access(disk, F_OK) < 0; }

static void note_state(void)
{
	char *line, *rest;

	read_text(STATE);
	rest = state;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			checks_note(line);
}

static void note_disk(void)
{
	struct stat st, run;
	dev_t device = 0;

	if (stat(CARRIER, &st) == 0 && stat("/run/ukiblk", &run) == 0 && st.st_dev != run.st_dev)
		device = st.st_dev;
	else if (stat(value_in("/run/ukiblk/boot.json", "carrier"), &st) == 0)
		device = st.st_rdev;	/* let go of before the start */
	snprintf(disk, sizeof disk, "/sys/dev/block/%u:%u", major(device), minor(device));
}

static bool brd_is_loaded(void) { return access("/sys/module/brd", F_OK) == 0; }

/* What the initrd noted right before it switched: the time, and what was read of the archive until then. */
static double time_of_switch(void)
{
	const char *text = read_text("/run/before-switch");

	return strtod(text, NULL);
}

static void check_order(void)
{
	double before = time_of_switch(), first = number("first-read");
	char line[128];

	snprintf(line, sizeof line, "switch of the root after %.3f s, first read of the copy %.3f s", before, first);
	checks_note(line);
	check(before > 0 && first > before, "the first read of the copy comes after the switch of the root");
	check(number("switched") > before && first >= number("switched"), "and after the tool has seen it");
}

static bool same_text(const char *name, const char *wanted)
{
	char text[64];

	snprintf(text, sizeof text, "%s", value(name));
	return strcmp(text, wanted) == 0;
}

static void check_in_memory(void)
{
	struct stat carrier, run;
	char path[80];

	note_state();
	check(is_state("memory"), "the system runs from memory");
	check(number("copy-seconds") > 0 && number("verify-seconds") > 0 && number("swap-seconds") > 0, "the times are told");
	snprintf(path, sizeof path, "%s", checks_word("module_blacklist=brd") ? "loop" : "brd");
	check(same_text("disk", path), "on the ramdisk that was to be expected");
	check_memory_table(value("device"));
	check(stat(CARRIER, &carrier) < 0 || (stat("/run/ukiblk", &run) == 0 && carrier.st_dev == run.st_dev), "the carrier is no longer mounted");
	check(umount2("/efi", UMOUNT_NOFOLLOW) < 0, "nor offered at /efi");
	check_disk_is_free(disk);
}

/* The test pulls the stick when it reads this on the console. */
static void say(const char *text)
{
	int fd = open("/dev/ttyS0", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) > 0)
		close(fd);
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	check(fd >= 0 && write(fd, "3", 1) == 1, "the caches are dropped");
	close(fd);
}

static void without_the_stick(void)
{
	say("\ntest: pull the stick\n");
	check(waits_for(is_disk_gone), "the stick is gone");
	drop_caches();
	check_files("/manifest", NULL);
}

static void case_memory(void)
{
	check(waits_for(has_ended), "the copy came to its end");
	check_order();
	check_in_memory();
	without_the_stick();
}

static bool is_disk_back(void)
{
	note_disk();
	return !is_disk_gone();
}

static void pull_in_the_middle(void)
{
	char line[64];

	check(waits_for(is_copying), "a copy is under way");
	say("\ntest: pull it for a while\n");
	check(waits_for(is_disk_gone), "the stick is gone");
	snprintf(line, sizeof line, "at %.0f %%", number("percent"));
	checks_note(line);
	check(is_state("copying"), "in the middle of the copy");
}

static void case_pull(void)
{
	pull_in_the_middle();
	check(waits_for(is_disk_back), "the stick is back");
	check(is_state("copying"), "the copy goes on");
	check(waits_for(has_ended), "it came to its end");
	check_in_memory();
	without_the_stick();
}

static void case_lost(void)
{
	pull_in_the_middle();
	check(waits_for(has_ended), "the copy came to its end");
	note_state();
	check(is_state("failed"), "without success");
	check(!brd_is_loaded(), "the ramdisk was given back");
}

static void case_before(void)
{
	check(has_ended(), "the copy came to its end before the system started");
	check(number("removable") < time_of_switch(), "before the switch of the root");
	check_in_memory();
	without_the_stick();
}

static void case_stays(void)
{
	check(waits_for(has_ended), "the copy came to its end");
	note_state();
	check(is_state("failed"), "the system stays on its disk");
	check_stack();
	check(!brd_is_loaded(), "the ramdisk was given back");
	check(access(CARRIER "/tiny.erofs", R_OK) == 0, "the carrier is there");
	check_files("/manifest", checks_word("test_damaged=") ? "/usr/share/data/marked" : NULL);
}

/* Runs the tool; its exit code, and what it said. */
struct result { int code; char text[LINE]; };

static pid_t start_tool(const char *action, const char *option, int *ret_out)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execl("/usr/bin/ukiblk", "ukiblk", "ram", action, option, NULL);
		_exit(127);
	}
	close(ends[1]);
	*ret_out = ends[0];
	return child;
}

static struct result end_tool(pid_t child, int out)
{
	struct result result = { .code = -1 };
	size_t used = 0;
	ssize_t n;
	int status;

	while ((n = read(out, result.text + used, sizeof result.text - 1 - used)) > 0)
		used += (size_t)n;
	close(out);
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status))
		result.code = WEXITSTATUS(status);
	checks_note(result.text);
	return result;
}

static struct result tool(const char *action, const char *option)
{
	int out = -1;
	pid_t child = start_tool(action, option, &out);

	return end_tool(child, out);
}

static void check_result(struct result result, int code, const char *text, const char *what)
{
	errno = 0;
	check(result.code == code && strstr(result.text, text), what);
}

static void stop_in_the_middle(void)
{
	struct result result;
	char sentence[128];
	int out = -1;
	pid_t child = start_tool("start", NULL, &out);

	check(waits_for(is_copying), "a copy is under way");
	snprintf(sentence, sizeof sentence, "ukiblk: The archive is already being copied to memory, by process %d. See \"ukiblk ram status\".\n", (int)child);
	check_result(tool("start", NULL), 5, sentence, "a second start says so, exit code 5");
	check_result(tool("status", NULL), 0, "state: copying\npercent: ", "status tells how far it is");
	check_result(tool("stop", NULL), 0, "", "stop ends it");
	result = end_tool(child, out);
	check_result(result, 1, "ukiblk: Stopped.\n", "the first one says so");
	check_result(tool("status", NULL), 0, "state: stopped\n", "and so does status");
	check(!brd_is_loaded(), "its memory is given back");
	check_stack();
}

static void case_verbs(void)
{
	check_result(tool("status", NULL), 0, "state: none\n", "status: nobody has asked for it");
	check_result(tool("stop", NULL), 1, "ukiblk: The system does not run from memory, and nothing is being copied.\n", "nothing can be stopped");
	stop_in_the_middle();
	check_result(tool("start", NULL), 0, "ukiblk: the system runs from memory: you may remove the disk it was started from (", "start");
	check_in_memory();
	check_result(tool("start", NULL), 0, "ukiblk: The system runs from memory already.\n", "start again: it is so already");
	check_result(tool("status", "--json"), 0, "\"state\": \"memory\"", "status as JSON");
	check_result(tool("stop", NULL), 0, "", "stop: back to the disk");
	check(!brd_is_loaded(), "the memory is given back");
	check_stack();
	check(access(CARRIER "/tiny.erofs", R_OK) == 0, "the carrier is there again");
	drop_caches();
	check_files("/manifest", NULL);
	check_result(tool("start", NULL), 0, "you may remove the disk", "and once more to memory");
	without_the_stick();
	check_result(tool("stop", NULL), 1, "ukiblk: The system stays in memory. ", "without the disk there is no way back");
	check_files("/manifest", NULL);
}

static int read_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	static char buffer[65536];
	int fd = type == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	(void)st;
	(void)walk;
	while (fd >= 0 && read(fd, buffer, sizeof buffer) > 0)
		;
	if (fd >= 0)
		close(fd);
	return 0;
}

/* What is asked of the tool must not wait for its own pages, or its libraries'. */
static void keep_in_memory(void)
{
	check(nftw("/usr", read_one, 16, FTW_PHYS) == 0, "every file is in memory");
}

static void case_gone(void)
{
	struct result result;
	int out = -1;
	double begin;
	pid_t child;

	check_files("/manifest", NULL);
	keep_in_memory();
	child = start_tool("start", NULL, &out);
	pull_in_the_middle();
	check_result(tool("status", NULL), 0, "state: copying\npercent: ", "status: it is being copied");
	check_result(tool("status", NULL), 0, "The disk is gone: the copy goes on when it is back.\n", "and waits for the disk");
	begin = clock_now();
	check_result(tool("stop", NULL), 0, "", "stop ends it");
	check(clock_now() - begin < 5, "at once");
	check(!brd_is_loaded(), "its memory is given back");
	check_result(tool("status", NULL), 0, "state: stopped\n", "and so says status");
	check(is_disk_gone(), "all that without the disk");
	check(waits_for(is_disk_back), "the stick is back");
	result = end_tool(child, out);
	check_result(result, 1, "ukiblk: Stopped.\n", "the one who copied says so");
	check_stack();
	check_result(tool("start", NULL), 0, "you may remove the disk", "another start is another copy");
	check_in_memory();
	without_the_stick();
}

int main(void)
{
	static const struct { const char *word; void (*run)(void); } cases[] = {
		{ "test_ram=memory", case_memory }, { "test_ram=before", case_before }, { "test_ram=stays", case_stays },
		{ "test_ram=pull", case_pull }, { "test_ram=lost", case_lost }, { "test_ram=verbs", case_verbs },
		{ "test_ram=gone", case_gone },
	};

	checks_begin();
	mlockall(MCL_CURRENT);	/* it must run without its disk */
	note_disk();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (checks_asked(cases[i].word))
			cases[i].run();
	checks_end();
}
