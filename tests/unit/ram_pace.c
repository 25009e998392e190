// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <sys/stat.h>

#include "ram/pace.h"

#define BYTE_SECONDS (1 / 40e6)	/* of a stick */
#define COMMAND_SECONDS 0.001

/* A machine of one stick: its clock, its counters, and who else reads. */
struct machine {
	struct pace pace;
	struct pace_counters counters;
	double now, busy_seconds;	/* busy: the copy had the disk for so long */
	size_t copied;
};

/* As copy.c does it; whether a piece was read. */
static bool turn(struct machine *machine)
{
	double wait = -1, seconds;
	size_t bytes = pace_next(&machine->pace, &machine->counters, machine->now, &wait);

	if (bytes == 0) {
		assert_true(wait >= 0 && wait <= PACE_LONGEST_SECONDS);
		machine->now += wait + 1e-6;
		return false;
	}
	seconds = COMMAND_SECONDS + (double)bytes * BYTE_SECONDS;
	machine->now += seconds;
	machine->busy_seconds += seconds;
	machine->counters.bytes += bytes;
	machine->copied += bytes;
	pace_done(&machine->pace, bytes, machine->now, seconds);
	return true;
}

static struct machine start(void)
{
	struct machine machine = { .now = 100, .counters = { .bytes = 12345678 } };

	pace_begin(&machine.pace, &machine.counters, machine.now);
	return machine;
}

static void alone(void **state)
{
	struct machine machine = start();
	double begin = machine.now, dd = 256 * (COMMAND_SECONDS + PACE_FULL_BYTES * BYTE_SECONDS);

	(void)state;
	while (machine.copied < 256 << 20)
		assert_true(turn(&machine));	/* never waits for anybody */
	assert_true(machine.now - begin < 1.02 * dd);
}

/* Somebody who reads without a pause, a block a millisecond. */
static void beside_one_who_reads(void **state)
{
	struct machine machine = start();
	double begin = machine.now;
	size_t met = 0;

	(void)state;
	while (machine.now < begin + 60) {
		machine.counters.bytes += 4096;
		met += turn(&machine);
	}
	/* At most one of a hundred reads meets a piece, a short one; and the copy goes on all the same. */
	assert_true((double)met * 100 < 60 / COMMAND_SECONDS);
	assert_true(machine.busy_seconds < 60. / PACE_SHARE * 1.1);
	assert_true(machine.copied / met < PACE_FORCED_BYTES * 11 / 10);
	assert_true(machine.copied > 10 * PACE_FULL_BYTES);
}

/* Others who come and go: at once they are given way, and after them it goes slowly at first. */
static void others_come(void **state)
{
	struct machine machine = start();
	double wait;

	(void)state;
	while (machine.now < 102)
		turn(&machine);
	machine.now += 1e-4;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), PACE_FULL_BYTES);
	machine.counters.bytes += 4096;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), 0);
	assert_true(wait > 0.249 && wait <= 0.2501);
	machine.now += 0.249;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), 0);
	machine.now += 0.0011;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), PACE_SHORT_BYTES);
	machine.now += 0.74;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), PACE_SHORT_BYTES);
	machine.now += 0.02;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), PACE_FULL_BYTES);
}

/* A request that is still on its way is somebody else's, but right after a piece it may be the piece itself. */
static void in_flight(void **state)
{
	struct machine machine = start();
	double wait = 0;

	(void)state;
	while (machine.now < 102)
		turn(&machine);
	machine.counters.in_flight = 1;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), 0);
	assert_true(wait == PACE_GLANCE_SECONDS);
	machine.now += wait;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), 0);
	assert_true(wait > 0.249);
	machine = start();
	while (machine.now < 102)
		turn(&machine);
	machine.counters.in_flight = 1;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), 0);
	machine.counters.in_flight = 0;
	machine.now += wait;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), PACE_FULL_BYTES);
}

/* A piece that waited a minute for its disk is no reason to wait a hundred more. */
static void after_a_pull(void **state)
{
	struct machine machine = start();
	double wait;

	(void)state;
	pace_done(&machine.pace, PACE_FULL_BYTES, machine.now += 60, 60);
	machine.counters.bytes += PACE_FULL_BYTES + 4096;
	for (double end = machine.now + PACE_LONGEST_SECONDS; machine.now < end; machine.now += 0.01) {
		machine.counters.bytes += 4096;
		assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now, &wait), 0);
	}
	machine.counters.bytes += 4096;
	assert_int_equal(pace_next(&machine.pace, &machine.counters, machine.now + 0.02, &wait), PACE_FORCED_BYTES);
}

static void without_counters(void **state)
{
	struct pace pace;
	double wait;

	(void)state;
	pace_begin(&pace, NULL, 5);
	for (int i = 0; i < 10; i++)
		assert_int_equal(pace_next(&pace, NULL, 5 + i, &wait), PACE_SHORT_BYTES);
}

static void parse(void **state)
{
	static const char *const bad[] = { "", "1 2 3", "x 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8" };
	struct pace_counters counters = { 7, 7 };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(pace_parse(bad[i], &counters));
		assert_int_equal(counters.bytes, 7);
	}
	/* read: requests merges sectors ms, written: the same, in flight, ... */
	assert_true(pace_parse("   11  12  100  13   14  15  20  16   3   17  18  0 0 0 0\n", &counters));
	assert_int_equal(counters.bytes, 120 * 512);
	assert_int_equal(counters.in_flight, 3);
}

static void read_disk(void **state)
{
	static const char text[] = "1 1 2 1 1 1 0 1 0 1 1\n";
	struct pace_counters counters;
	FILE *file;

	unit_write(unit_path(*state, "stat"), text, strlen(text));
	file = fopen(unit_path(*state, "stat"), "re");
	/* Again and again from its begin, as sysfs gives it. */
	for (int i = 0; i < 3; i++) {
		assert_true(pace_read(fileno(file), &counters));
		assert_int_equal(counters.bytes, 1024);
	}
	fclose(file);
	unit_write(unit_path(*state, "empty"), "", 0);
	file = fopen(unit_path(*state, "empty"), "re");
	assert_false(pace_read(fileno(file), &counters));
	fclose(file);
	assert_int_equal(pace_open_disk(unit_path(*state, "absent")), -ENOENT);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(alone), cmocka_unit_test(beside_one_who_reads), cmocka_unit_test(others_come), cmocka_unit_test(in_flight),
	cmocka_unit_test(after_a_pull), cmocka_unit_test(without_counters), cmocka_unit_test(parse), unit_test_in_folder(read_disk),
};
RUN(tests)
