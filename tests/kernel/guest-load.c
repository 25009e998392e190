// SPDX-License-Identifier: GPL-2.0-only
/* Cases: under load, on bad and slow disks, and over and over. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "guest.h"

#define A MNT "/a.efi"
#define B MNT "/b.bin"
#define UNITS 500	/* of 4 KiB in each file, each an extent */
#define TABLE "2 " A " 3 3000 " B " 0 3000"
#define TABLE_SECTORS 6000
#define BASE_SECTORS (100 * MIB / SECTOR)

static const struct row itself = { 0, TABLE_SECTORS, "ukiblk", TABLE };
static const struct row linear = { 0, BASE_SECTORS, "linear", ALIGNED " 2048" };

/* Files on vfat on a device "base", attached, with readers. */
static bool begin(const char *options)
{
	int r = dm_create("base", &linear, 1, WRITABLE);

	if (!check(!r, "dm-linear: %s", strerror(-r)) || !vfat(dm_path("base"), "-F 32 -s 8"))
		return false;
	if (!write_alternating(A, B, 4096, UNITS))
		return false;
	r = attach(TABLE_SECTORS, TABLE "%s", options);
	return check(!r, "attach: %s", strerror(-r)) && readers_start();
}

static void end(void)
{
	detach();
	umount_fs();
	check(!dm_remove("base"), "remove");
}

static bool go_on(void)
{
	unsigned long long before = readers_reads();

	return check(wait_for(readers_reads() > before + 1, 60), "a reader does not go on");
}

/* Up a second, down a second. A read that succeeds is right, and what fails, fails soon. */
static void flakey_disk(const char *options)
{
	static const struct row flakey = { 0, BASE_SECTORS, "flakey", ALIGNED " 2048 1 1" };

	if (!begin(options))
		return;
	run("modprobe dm-flakey");
	check(!dm_reload("base", &flakey, 1, WRITABLE), "dm-flakey");
	sleep_ms(8000);
	check(!dm_reload("base", &linear, 1, WRITABLE), "dm-linear");
	go_on();
	check(readers_failed() && status().errors, "no read failed");
	check(!status().lost && !strcmp(status().state, "live"), "the disk is %s", status().state);
	readers_stop(true);
	end();
}

static void flakey(void)
{
	flakey_disk("");
}

static void flakey_hold(void)
{
	flakey_disk(" 2 hold 600");
}

static void slow(void)
{
	static const struct row delay = { 0, BASE_SECTORS, "delay", ALIGNED " 2048 100" };

	if (!begin(" 2 hold 30"))
		return;
	run("modprobe dm-delay");
	check(!dm_reload("base", &delay, 1, WRITABLE), "dm-delay");
	for (int i = 0; i < 3; i++) {
		go_on();
		check(!dm_suspend("t") && !dm_resume("t"), "suspend");
		check(!dm_swap("t", &itself, 1, 0), "table swap");
	}
	check(!dm_reload("base", &linear, 1, WRITABLE), "dm-linear");
	readers_stop(false);
	check(!status().errors, "%lld errors", status().errors);
	end();
}

static void swap(void)
{
	struct row hold = itself;

	hold.parameters = TABLE " 2 hold 60";
	if (!begin(""))
		return;
	for (int i = 0; i < 20; i++) {
		check(!dm_suspend("t") && !dm_resume("t"), "suspend");
		check(!dm_swap("t", NULL, 0, 0), "suspend without flush");
		check(!dm_reload("t", &hold, 1, 0), "table swap");
		check(!dm_swap("t", i % 2 ? &hold : &itself, 1, 0), "table swap without flush");
		if (!go_on())
			break;
	}
	readers_stop(false);
	check(!status().errors, "%lld errors", status().errors);
	end();
}

/* The pin counts: the file is free when the second mapping is gone. */
static void twice(void)
{
	static const struct row again = { 0, 100, "ukiblk", "1 " A " 7 100" };
	struct range whole = { A, 0, 2048 };
	uint64_t sum;

	if (!vfat(ALIGNED, "-F 32 -s 8"))
		return;
	if (write_file(A, MIB) && attach_ranges(&whole, 1)) {
		check(!dm_create("t2", &again, 1, 0), "a second mapping");
		sum = device_sum(dm_path("t2"));
		compare_ranges(&whole, 1);
		detach();
		check(device_sum(dm_path("t2")) == sum, "the bytes changed");
		check(open(A, O_RDWR | O_CLOEXEC) < 0 && errno == ETXTBSY, "writable while mapped: %s", strerror(errno));
		check(!dm_remove("t2"), "remove");
		check(!truncate(A, 0), "still pinned: %s", strerror(errno));
	}
	umount_fs();
}

static void load_unload(void)
{
	if (!vfat(ALIGNED, "-F 32 -s 8") || !write_file(A, MIB))
		return;
	check(!module_loaded() || !module_remove(), "the module is in use");
	for (int i = 0; i < 50; i++) {
		int r = attach(2048, "1 " A " 0 2048 2 hold 5");

		if (!check(!r, "attach %d: %s", i, strerror(-r)))
			break;
		device_sum(dm_path("t"));
		check(module_remove() == -EAGAIN, "a module in use was removed");
		detach();
		r = module_remove();
		if (!check(!r && !module_loaded(), "unload %d: %s", i, strerror(-r)))
			break;
	}
	umount_fs();
}

const struct test load_tests[] = {
	{ "flakey", "a disk that fails every other second", flakey },
	{ "flakey-hold", "the same with hold: it is not gone", flakey_hold },
	{ "slow", "a slow disk: suspends and table swaps", slow },
	{ "swap", "suspends and table swaps under load", swap },
	{ "twice", "two mappings of one file", twice },
	{ "load-unload", "50 times loaded and unloaded", load_unload },
	{ 0 }
};
