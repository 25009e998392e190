// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "keeper/uevent.h"

#define ADD "add@/devices/x/block/sda/sda1\0ACTION=add\0DEVPATH=/devices/x/block/sda/sda1\0SUBSYSTEM=block\0"

static bool parse(const char *message, size_t length, struct uevent *ret)
{
	/* Of its own, so that the sanitizer sees what lies beyond. */
	char *copy = malloc(length);
	bool good;

	memcpy(copy, message, length);
	good = uevent_parse(copy, length, ret);
	free(copy);
	return good;
}

static void partition(void **state)
{
	static const char message[] = ADD "MAJOR=8\0MINOR=1\0DEVNAME=sda1\0DEVTYPE=partition\0SEQNUM=1234";
	struct uevent event;

	(void)state;
	assert_true(parse(message, sizeof message, &event));
	assert_string_equal(event.action, "add");
	assert_string_equal(event.name, "sda1");
	assert_int_equal(event.major, 8);
	assert_int_equal(event.minor, 1);
}

static void new_medium(void **state)
{
	static const char asked[] = ADD "MAJOR=8\0MINOR=0\0DEVNAME=sda", card[] = ADD "DISK_MEDIA_CHANGE=1\0MAJOR=8\0MINOR=0\0DEVNAME=sda";
	struct uevent event;

	(void)state;
	assert_true(parse(asked, sizeof asked, &event));
	assert_false(event.has_new_medium);
	assert_true(parse(card, sizeof card, &event));
	assert_true(event.has_new_medium);
}

static void others(void **state)
{
	static const char usb[] = "add@/devices/usb1\0ACTION=add\0SUBSYSTEM=usb\0MAJOR=189\0MINOR=1\0DEVNAME=bus/usb/001/002";
	static const char no_node[] = ADD "SEQNUM=1", no_minor[] = ADD "MAJOR=8\0DEVNAME=sda1", bad_minor[] = ADD "MAJOR=8\0MINOR=x\0DEVNAME=sda1";
	static const char huge[] = ADD "MAJOR=8\0MINOR=99999999999\0DEVNAME=sda1", no_action[] = "x\0SUBSYSTEM=block\0MAJOR=8\0MINOR=1\0DEVNAME=sda1";
	static const char whole[] = ADD "MAJOR=8\0MINOR=1\0DEVNAME=sda1";
	static const char empty[] = "";
	struct uevent event;

	(void)state;
	assert_false(parse(usb, sizeof usb, &event));
	assert_false(parse(no_node, sizeof no_node, &event));
	assert_false(parse(no_minor, sizeof no_minor, &event));
	assert_false(parse(bad_minor, sizeof bad_minor, &event));
	assert_false(parse(huge, sizeof huge, &event));
	assert_false(parse(no_action, sizeof no_action, &event));
	assert_false(parse(empty, sizeof empty, &event));
	/* Cut off anywhere, it is refused, or it has all that counts. */
	for (size_t length = 1; length < sizeof whole; length++)
		assert_false(parse(whole, length, &event) && strcmp(event.name, "sda1") != 0 && strcmp(event.name, "sda") != 0);
	assert_false(uevent_parse(whole, 0, &event));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(partition), cmocka_unit_test(new_medium), cmocka_unit_test(others),
};
RUN(tests)
