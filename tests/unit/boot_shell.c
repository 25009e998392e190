// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "tool/boot_shell.h"

static void shell(void **state)
{
	static const char *const asking[] = {
		"rd.shell", "quiet rd.shell\n", "rd.shell=1", "rd.shell=yes", "rd.shell=0 rd.shell", "rd.break", "rd.break=pre-mount",
		"rd.shell=0 rd.break", "\trd.shell ",
	};
	static const char *const silent[] = {
		"", " \n", "quiet", "rd.shell=0", "rd.shell=no", "rd.shell=off", "rd.shell rd.shell=0", "rd.shells", "rd.shel", "xrd.shell",
		"rd.breaks", "rd.shell.x=1", "init=rd.shell", "rd.emergency=reboot",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(asking); i++)
		if (!boot_asks_for_shell(asking[i]))
			fail_msg("\"%s\" does not ask for a shell", asking[i]);
	for (size_t i = 0; i < COUNT(silent); i++)
		if (boot_asks_for_shell(silent[i]))
			fail_msg("\"%s\" asks for a shell", silent[i]);
}

static void action(void **state)
{
	(void)state;
	assert_int_equal(boot_asks_for_action(""), BOOT_LAST_NONE);
	assert_int_equal(boot_asks_for_action("rd.emergency=reboot"), BOOT_LAST_REBOOT);
	assert_int_equal(boot_asks_for_action("quiet rd.emergency=poweroff rw\n"), BOOT_LAST_POWEROFF);
	assert_int_equal(boot_asks_for_action("rd.emergency=reboot rd.emergency=halt"), BOOT_LAST_HALT);
	assert_int_equal(boot_asks_for_action("rd.emergency=rebooting rd.emergency"), BOOT_LAST_NONE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(shell),
	cmocka_unit_test(action),
};

RUN(tests)
