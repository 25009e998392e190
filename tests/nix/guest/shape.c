// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the stage 2 of the NixOS-shaped root execs in the place of systemd: asserts that it was started
 * from the store, by init= and after the activation, and then what every test root asserts.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../boot/guest/checks.h"

#define SYSTEM "/run/current-system"

static bool leads_to(const char *path, const char *prefix)
{
	char real[PATH_MAX];

	return realpath(path, real) && strncmp(real, prefix, strlen(prefix)) == 0;
}

static bool has_line(const char *path, const char *wanted)
{
	FILE *file = fopen(path, "re");
	char line[4096];
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strcmp(line, wanted) == 0;
	}
	if (file)
		fclose(file);
	return found;
}

/* The tree as it was packed holds /nix and nothing else. */
static bool only_nix(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int others = 0, nix = 0;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, "nix") == 0)
			nix++;
		else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			others++;
	if (dir)
		closedir(dir);
	return nix == 1 && others == 0;
}

static bool runs_init_of_cmdline(void)
{
	FILE *file = fopen("/proc/cmdline", "re");
	char line[4096] = "", init[512] = "", system[PATH_MAX];
	const char *word;

	if (!file)
		return false;
	word = fgets(line, sizeof line, file) ? strstr(line, " init=/nix/store/") : NULL;
	fclose(file);
	if (!word || sscanf(word, " init=%511s", init) != 1 || !realpath(SYSTEM, system))
		return false;
	return strncmp(init, system, strlen(system)) == 0 && strcmp(init + strlen(system), "/init") == 0;
}

static void check_shape(void)
{
	struct stat st;

	check(getpid() == 1 && leads_to("/proc/self/exe", "/nix/store/"), "process 1 is a program of the store");
	check(only_nix("/run/ukiblk/lower"), "the packed tree is /nix and nothing else");
	check(runs_init_of_cmdline(), "the init= of the command line is that of " SYSTEM);
	check(has_line("/run/os-release-before", "ID=shaped") && has_line("/run/os-release-before", "BUILD_ID=of-the-uki"),
	      "for the switch of the root there was the os-release of the UKI");
	check(leads_to("/etc/os-release", "/nix/store/") && has_line("/etc/os-release", "BUILD_ID=of-the-store"),
	      "which the activation replaced with its own");
	check(leads_to("/bin/sh", "/nix/store/") && leads_to("/usr/bin/env", "/nix/store/"), "the activation made /bin/sh and /usr/bin/env");
	check(stat("/nix/store", &st) == 0 && (st.st_mode & 07777) == 01775, "/nix/store kept its mode");
	check(lstat(SYSTEM "/init", &st) == 0 && st.st_mtime == 1, "its files kept their time, the first second");
	check(system("exec /bin/sh -c 'test \"$(readlink /etc/static)\" = \"$(readlink -f " SYSTEM ")/etc\"'") == 0,
	      "a shell of the store runs");
}

int main(void)
{
	checks_begin();
	check_shape();
	check_stack();
	check_writable();
	check_files(SYSTEM "/manifest", NULL);
	check_carrier();
	checks_end();
}
