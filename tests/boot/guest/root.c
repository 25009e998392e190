// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sbin/init of the tiny test root: asserts from inside that it runs from where it should, and powers
 * the machine off.
 */
#include "checks.h"

int main(void)
{
	checks_begin();
	check_stack();
	check_writable();
	check_files("/manifest");
	check_seams();
	check_carrier();
	check_lockdown();
	checks_end();
}
