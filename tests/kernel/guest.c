// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of the virtual machine: runs the cases, writes TAP to its own virtio port and
 * powers off. "ukiblk_case=NAME" on the kernel command line chooses cases.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

static const struct test *const suites[] = {
	byte_tests, filesystem_tests, xfs_tests, pin_tests, refuse_tests, disk_tests, attach_tests, load_tests, pull_tests,
	suspend_tests, example_tests, fault_tests,
};
#define LEAKS DEBUG "/kmemleak"	/* the debug kernel's */
#define LEAK "unreferenced object"

static FILE *tap;
static bool failed;
static const char *skipped;

bool check_at(const char *where, bool ok, const char *what, ...)
{
	va_list ap;

	if (ok)
		return true;
	failed = true;
	fprintf(tap, "# %s: ", where);
	va_start(ap, what);
	vfprintf(tap, what, ap);
	va_end(ap);
	fputc('\n', tap);
	return false;
}

void note(const char *what, ...)
{
	va_list ap;

	fputs("# ", tap);
	va_start(ap, what);
	vfprintf(tap, what, ap);
	va_end(ap);
	fputc('\n', tap);
}

void skip(const char *why)
{
	skipped = why;
}

static void run_child(char *words)
{
	char *argv[32] = { NULL }, *save = NULL;
	unsigned int argc = 0;
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	for (char *w = strtok_r(words, " ", &save); w && argc < 31; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	execvp(argv[0], argv);
	_exit(127);
}

int run(const char *command, ...)
{
	char words[1024];
	va_list ap;
	pid_t pid;
	int st;

	va_start(ap, command);
	vsnprintf(words, sizeof(words), command, ap);
	va_end(ap);
	pid = fork();
	if (!pid)
		run_child(words);
	waitpid(pid, &st, 0);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

bool have_program(const char *path)
{
	return access(path, X_OK) == 0;
}

bool tool_says(const char *text)
{
	static char said[65536];
	size_t have = 0;
	int ends[2];
	ssize_t n;
	pid_t pid;

	if (!have_program("/usr/sbin/ukiblk")) {
		note("the tool is not built: make stage");
		return true;
	}
	if (pipe(ends))
		return false;
	pid = fork();
	if (!pid) {
		dup2(ends[1], 1);
		execl("/usr/sbin/ukiblk", "ukiblk", "status", "--errors", "--json", NULL);
		_exit(127);
	}
	close(ends[1]);
	while (have < sizeof(said) - 1 && (n = read(ends[0], said + have, sizeof(said) - 1 - have)) > 0)
		have += n;
	said[have] = '\0';
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return strstr(said, text);
}

int module_remove(void)
{
	return syscall(SYS_delete_module, "ukiblk", O_NONBLOCK) ? -errno : 0;
}

bool module_loaded(void)
{
	return access("/sys/module/ukiblk", F_OK) == 0;
}

void sleep_ms(unsigned int ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
}

static bool port_is(const char *path, const char *name)
{
	char line[64] = "";
	FILE *f = fopen(path, "r");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, name);
}

FILE *open_port(const char *name, const char *mode)
{
	FILE *port = NULL;
	char path[64];
	glob_t found;

	for (int i = 0; i < 500 && !port; i++, sleep_ms(20)) {
		if (glob("/sys/class/virtio-ports/vport*/name", 0, NULL, &found))
			continue;
		for (size_t n = 0; n < found.gl_pathc && !port; n++) {
			if (!port_is(found.gl_pathv[n], name))
				continue;
			snprintf(path, sizeof(path), "/dev/%s", strstr(found.gl_pathv[n], "vport"));
			*strrchr(path, '/') = '\0';
			port = fopen(path, mode);
		}
		globfree(&found);
	}
	return port;
}

static void write_word(const char *path, const char *word)
{
	FILE *f = fopen(path, "w");

	if (f) {
		fputs(word, f);
		fclose(f);
	}
}

static void open_tap(void)
{
	tap = open_port("ukiblk.tap", "we");
	if (!tap)
		tap = stderr;
	setvbuf(tap, NULL, _IOLBF, 0);
}

static void prepare(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 0755);
	mkdir("/run", 0755);
	mkdir(MNT, 0755);
	mkdir(MNT2, 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("debug", DEBUG, "debugfs", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	mount("run", "/run", "tmpfs", 0, NULL);
	setenv("PATH", "/usr/sbin:/usr/bin", 1);
	run("modprobe -a virtio_pci virtio_blk virtio_console dm_mod nls_cp437 nls_ascii nls_utf8 xhci-pci usb-storage sd_mod");
	open_tap();
	make_partitions();
}

/* What a failed case left must not fail the next ones. */
static void clean_up(void)
{
	readers_abandon();
	dm_remove("t");
	dm_remove("t2");
	dm_remove("oracle");
	umount2(MNT, MNT_DETACH);
	umount2(MNT2, MNT_DETACH);
	dm_remove("base");
}

static void run_test(const struct test *t, unsigned int number)
{
	time_t begin = time(NULL);
	char line[64];

	snprintf(line, sizeof(line), "ukiblk-test: %s\n", t->name);
	write_word("/dev/kmsg", line);
	failed = false;
	skipped = NULL;
	t->run();
	clean_up();
	fprintf(tap, "%sok %u - %s: %s%s%s\n", failed ? "not " : "", number, t->name, t->what,
		skipped ? " # SKIP " : "", skipped ? skipped : "");
	if (time(NULL) - begin >= 5)
		fprintf(tap, "# %s took %ld s\n", t->name, (long)(time(NULL) - begin));
}

const char *boot_word(const char *key)
{
	static char line[4096];
	FILE *f = fopen("/proc/cmdline", "r");
	char *value = NULL;

	if (f && fgets(line, sizeof(line), f))
		value = strstr(line, key);
	if (f)
		fclose(f);
	if (!value)
		return NULL;
	value += strlen(key);
	value[strcspn(value, " \n")] = '\0';
	return value;
}

/* All for NULL; else the cases named, and those a name is the first words of. */
static bool is_chosen(const char *name, const char *chosen)
{
	size_t n;

	for (const char *at = chosen; at; at = at[n] ? at + n + 1 : NULL) {
		n = strcspn(at, ",");
		if (!strncmp(name, at, n) && (!name[n] || name[n] == '-'))
			return true;
	}
	return !chosen;
}

/* Runs what matches, or only counts it. */
static unsigned int each_test(const char *name, bool count_only)
{
	unsigned int number = 0;

	for (size_t i = 0; i < ARRAY_SIZE(suites); i++)
		for (const struct test *t = suites[i]; t->name; t++)
			if (is_chosen(t->name, name)) {
				number++;
				if (!count_only)
					run_test(t, number);
			}
	return number;
}

static void print_lines(char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		fprintf(tap, "# %s\n", line);
}

/*
 * What is lost counts as a complaint of the kernel, but for what it loses itself where it has no memory:
 * the name of a slab cache that device-mapper wanted (sysfs_slab_add()).
 */
static void judge_leaks(char *report)
{
	unsigned int leaks = 0, known = 0;

	for (char *at = strstr(report, LEAK), *next; at; at = next) {
		next = strstr(at + 1, LEAK);
		if (next)
			next[-1] = '\0';
		if (strstr(at, "sysfs_slab_add"))
			known++;
		else if (leaks++ < 3)
			print_lines(at);
	}
	fprintf(tap, "# %u leaks, and %u names of slab caches\n", leaks, known);
	if (leaks)
		write_word("/dev/kmsg", "WARNING: memory is lost\n");
}

static void look_for_leaks(void)
{
	static char report[1 << 20];
	FILE *f;

	if (access(LEAKS, F_OK))
		return;
	module_remove();
	/* What is younger than five seconds is not looked at, and nothing is told that the scan before did not see the same. */
	sleep_ms(6000);
	write_word(LEAKS, "scan");
	write_word(LEAKS, "scan");
	f = fopen(LEAKS, "r");
	if (f && fread(report, 1, sizeof(report) - 1, f) > 0)
		judge_leaks(report);
	if (f)
		fclose(f);
}

int main(void)
{
	const char *name;

	prepare();
	name = boot_word("ukiblk_case=");
	name = name ? strdup(name) : NULL;
	fprintf(tap, "1..%u\n", each_test(name, true));
	write_word(LEAKS, "clear");
	each_test(name, false);
	look_for_leaks();
	fprintf(tap, "# end of the run\n");
	fflush(tap);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
