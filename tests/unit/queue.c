// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "locate/queue.h"

static struct carrier_queue queue;	/* large: not on the stack */

static int begin(void **state)
{
	(void)state;
	queue = (struct carrier_queue){ .hint_count = 3, .hints = {
		{ "StubDevicePartUUID", { "stub", "/EFI/Linux/rescue.efi" } },
		{ "LoaderDevicePartUUID", { "loader", "" } },
		{ "BootCurrent", { "deadbeef-01", "/EFI/own/uki.efi" } },
	} };
	return 0;
}

static void add(const char *node, const char *partuuid)
{
	struct carrier_device device = { .fstype = "vfat" };

	snprintf(device.node, sizeof device.node, "%s", node);
	snprintf(device.partuuid, sizeof device.partuuid, "%s", partuuid);
	carrier_queue_add(&queue, &device, 1, false);
}

static void assert_next(const char *node, const char *hint, const char *uki_path)
{
	struct candidate candidate;

	assert_true(carrier_queue_take(&queue, &candidate));
	assert_string_equal(candidate.device.node, node);
	if (hint)
		assert_string_equal(candidate.hint, hint);
	else
		assert_null(candidate.hint);
	assert_string_equal(candidate.uki_path, uki_path);
}

static void assert_none(void)
{
	struct candidate candidate;

	assert_false(carrier_queue_take(&queue, &candidate));
}

static void as_they_came(void **state)
{
	(void)state;
	add("/dev/sda1", "");
	add("/dev/sdb1", "other");
	add("/dev/sdc", "");
	assert_next("/dev/sda1", NULL, "");
	assert_next("/dev/sdb1", NULL, "");
	assert_next("/dev/sdc", NULL, "");
	assert_none();
}

static void hints_first(void **state)
{
	(void)state;
	add("/dev/sda1", "other");
	add("/dev/sdb1", "deadbeef-01");
	add("/dev/sdc1", "loader");
	add("/dev/sdd1", "stub");
	add("/dev/sde1", "stub");
	assert_next("/dev/sdd1", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
	/* A copy of the disk bears the same names. */
	assert_next("/dev/sde1", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
	assert_next("/dev/sdc1", "LoaderDevicePartUUID", "");
	assert_next("/dev/sdb1", "BootCurrent", "/EFI/own/uki.efi");
	assert_next("/dev/sda1", NULL, "");
	assert_none();
}

/* What names no device is passed over, whatever it says. */
static void hints_that_lie(void **state)
{
	(void)state;
	add("/dev/sda1", "other");
	add("/dev/sdb1", "deadbeef-01");
	assert_next("/dev/sdb1", "BootCurrent", "/EFI/own/uki.efi");
	assert_next("/dev/sda1", NULL, "");
	/* No partition is no name. */
	queue.hints[0].location.partuuid[0] = '\0';
	add("/dev/sdc", "");
	assert_next("/dev/sdc", NULL, "");
}

static void path_of_a_later_hint(void **state)
{
	(void)state;
	snprintf(queue.hints[2].location.partuuid, EFI_PARTUUID_BYTES, "loader");
	add("/dev/sda1", "loader");
	assert_next("/dev/sda1", "LoaderDevicePartUUID", "/EFI/own/uki.efi");
}

/* The boot partition of a failing disk appears again and again: the others have their turn. */
static void preferred_once(void **state)
{
	(void)state;
	add("/dev/sda1", "stub");
	assert_next("/dev/sda1", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
	add("/dev/sdb1", "other");
	add("/dev/sda1", "stub");
	assert_next("/dev/sdb1", NULL, "");
	assert_next("/dev/sda1", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
}

/* Every partition of a disk that has kept others waiting comes behind the others, also the boot partition. */
static void slow_disk(void **state)
{
	struct carrier_device device = { .disk = "/dev/sda", .fstype = "vfat", .partuuid = "stub" };

	(void)state;
	carrier_queue_note_slow(&queue, "/dev/sda");
	for (int i = 1; i <= 2; i++) {
		snprintf(device.node, sizeof device.node, "/dev/sda%d", i);
		carrier_queue_add(&queue, &device, 1, false);
	}
	add("/dev/sdb1", "");
	assert_next("/dev/sdb1", NULL, "");
	assert_next("/dev/sda1", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
	assert_next("/dev/sda2", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
	assert_none();
}

static void changed_and_gone(void **state)
{
	(void)state;
	add("/dev/sda1", "other");
	add("/dev/sdb1", "");
	add("/dev/sda1", "stub");
	assert_int_equal(queue.count, 2);
	assert_next("/dev/sda1", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
	carrier_queue_remove(&queue, "/dev/sdz");
	carrier_queue_remove(&queue, "/dev/sdb1");
	assert_none();
}

static void too_many(void **state)
{
	char node[32];

	(void)state;
	for (unsigned i = 0; i < QUEUE_MAX_DEVICES + 10; i++) {
		snprintf(node, sizeof node, "/dev/sd%u", i);
		add(node, "");
	}
	assert_int_equal(queue.count, QUEUE_MAX_DEVICES);
	/* The boot partition finds a place all the same. */
	add("/dev/boot", "stub");
	assert_int_equal(queue.count, QUEUE_MAX_DEVICES);
	assert_next("/dev/boot", "StubDevicePartUUID", "/EFI/Linux/rescue.efi");
	assert_next("/dev/sd0", NULL, "");
}

#define queue_test(f) cmocka_unit_test_setup(f, begin)
static const struct CMUnitTest tests[] = {
	queue_test(as_they_came), queue_test(hints_first), queue_test(hints_that_lie), queue_test(path_of_a_later_hint),
	queue_test(preferred_once), queue_test(slow_disk), queue_test(changed_and_gone), queue_test(too_many),
};
RUN(tests)
