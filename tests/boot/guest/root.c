// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sbin/init of the tiny test root: asserts from inside that it runs from where it should, and powers
 * the machine off.
 */
#include "checks.h"
#include "damage.h"
#include "keeper.h"

#include <stddef.h>

int main(void)
{
	const char *damaged;

	checks_begin();
	damaged = damage_file();
	check_stack();
	check_writable();
	if (damaged)
		check_damage(damaged);
	if (checks_asked("test_errors"))
		check_errors();
	else
		check_files("/manifest", damaged);
	check_report();
	if (!damaged)
		check_seams();
	check_hashing();
	check_repairs();
	check_carrier();
	check_carrier_disk();
	check_lockdown();
	check_keeper();
	checks_boot_current();
	check_entry();
	checks_linger();
	checks_show_report();
	checks_end();
}
