// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_failed.h"

#include <signal.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "locate/efivars.h"
#include "locate/secureboot.h"
#include "tool/boot_shell.h"
#include "tool/boot_words.h"
#include "tool/console.h"

#define PAGE_MAX_BYTES 65536u
#define ACTION_SECONDS 30	/* to read the page before rd.emergency= is done */

/* A shell that was asked for may come without a failure (rd.break=): then there is nothing to show. */
static void show_page(const char *cmdline, bool with_shell)
{
	autofree char *page = NULL;
	struct boot_words words;
	struct error error;

	if (io_read_file(BOOT_PAGE_PATH, PAGE_MAX_BYTES, &page, NULL) == 0)
		console_say("%s", page);
	else if (boot_parse_words(cmdline, &words, &error) < 0)
		console_say("\nukiblk: %s.\n", error.text);
	else if (!with_shell)
		console_say("\nukiblk: The system did not start, but not because of its archive.\n");
}

static _Noreturn void end_machine(enum boot_last_action action)
{
	sync();
	reboot(action == BOOT_LAST_POWEROFF ? RB_POWER_OFF : action == BOOT_LAST_HALT ? RB_HALT_SYSTEM : RB_AUTOBOOT);
	for (;;)
		pause();
}

/* systemd would draw over the page for as long as it stands; its signals are in systemd(1). */
static void quiet_systemd(void)
{
	if (access("/run/systemd/system", F_OK) == 0)
		kill(1, SIGRTMIN + 21);
}

static _Noreturn void wait_and_end(enum boot_last_action action)
{
	static const char *const said[] = {
		[BOOT_LAST_NONE] = "Press Enter or Ctrl-Alt-Delete to restart.\n",
		[BOOT_LAST_REBOOT] = "The machine restarts in 30 seconds, or when you press Enter.\n",
		[BOOT_LAST_POWEROFF] = "The machine is switched off in 30 seconds, or when you press Enter.\n",
		[BOOT_LAST_HALT] = "The machine halts in 30 seconds, or when you press Enter.\n",
	};

	/* The kernel's own restart: systemd refuses one while an emergency shell is waiting to start. */
	reboot(RB_ENABLE_CAD);
	console_say("\nNo shell: Secure Boot is on, and the signed command line does not have rd.shell.\n");
	console_wait_for_enter(said[action], action == BOOT_LAST_NONE ? -1 : ACTION_SECONDS);
	end_machine(action);
}

void boot_failed(const char *cmdline)
{
	bool with_shell = boot_asks_for_shell(cmdline) || !secureboot_is_on(EFIVARS_FOLDER, BOOT_PARAMS);

	console_end_splash();
	if (!with_shell)
		quiet_systemd();
	show_page(cmdline, with_shell);
	if (!with_shell)
		wait_and_end(boot_asks_for_action(cmdline));
}
