// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/machine.h"

#include <fcntl.h>
#include <linux/reboot.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define REBOOT_PARAMETER "systemd/reboot-param"	/* reboot-argument of systemctl(1) */

static const struct {
	const char *name;
	unsigned command;
} kinds[] = {
	{ "poweroff", LINUX_REBOOT_CMD_POWER_OFF },
	{ "reboot", LINUX_REBOOT_CMD_RESTART },
	{ "halt", LINUX_REBOOT_CMD_HALT },
	{ "kexec", LINUX_REBOOT_CMD_KEXEC },
};

bool machine_knows(const char *kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kind, kinds[i].name) == 0)
			return true;
	return false;
}

static void command(unsigned number, const char *parameter)
{
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, number, parameter);
}

static void reboot_with_parameter(int run)
{
	autoclose int fd = openat(run, REBOOT_PARAMETER, O_RDONLY | O_CLOEXEC);
	char parameter[256];
	ssize_t n = fd >= 0 ? read(fd, parameter, sizeof parameter - 1) : -1;

	if (n <= 0)
		return;
	parameter[n] = '\0';
	parameter[strcspn(parameter, "\n")] = '\0';
	command(LINUX_REBOOT_CMD_RESTART2, parameter);
}

void machine_end(const char *kind, int run)
{
	if (strcmp(kind, "reboot") == 0)
		reboot_with_parameter(run);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kind, kinds[i].name) == 0)
			command(kinds[i].command, NULL);
	/* No other kernel to start, or no way to power off. */
	command(LINUX_REBOOT_CMD_RESTART, NULL);
}
