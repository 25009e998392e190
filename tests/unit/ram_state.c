// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "tool/ram_state.h"

static const struct ram_state sample = {
	.phase = RAM_MEMORY, .bytes = 4096000, .disk = "brd", .device = "/dev/ram0", .switched = 12.5, .first_read = 12.75, .removable = 20.25,
	.copy_seconds = 5.5, .verify_seconds = 1.25, .swap_seconds = 0.0625,
};

static void there_and_back(void **state)
{
	struct ram_state read;

	ram_state_write(&sample, unit_path(*state, "ram.json"));
	assert_false(unit_exists(unit_path(*state, "ram.json.new")));
	ram_state_read(unit_path(*state, "ram.json"), &read);
	assert_int_equal(read.phase, sample.phase);
	assert_int_equal(read.bytes, sample.bytes);
	assert_string_equal(read.disk, sample.disk);
	assert_string_equal(read.device, sample.device);
	assert_true(read.switched == sample.switched && read.first_read == sample.first_read && read.removable == sample.removable);
	assert_true(read.copy_seconds == sample.copy_seconds && read.verify_seconds == sample.verify_seconds && read.swap_seconds == sample.swap_seconds);
	assert_int_equal(read.exit_code, 0);
	assert_string_equal(read.sentence, "");
}

static void written(void **state)
{
	static const char wanted[] = "{\n  \"version\": 1,\n  \"state\": \"failed\",\n  \"percent\": null,\n  \"size\": 10,\n  \"disk\": \"\",\n  \"device\": \"\",\n"
		"  \"switched\": null,\n  \"first-read\": null,\n  \"removable\": null,\n  \"copy-seconds\": null,\n  \"verify-seconds\": null,\n"
		"  \"swap-seconds\": null,\n  \"exit-code\": 4,\n  \"sentence\": \"A \\\"b\\\"\"\n}\n";
	const struct ram_state failed = { .phase = RAM_FAILED, .bytes = 10, .exit_code = 4, .sentence = "A \"b\"" };
	autofree char *text = NULL;

	ram_state_write(&failed, unit_path(*state, "ram.json"));
	assert_int_equal(io_read_file(unit_path(*state, "ram.json"), 4096, &text, NULL), 0);
	for (char *from = text, *to = text; (*to = *from) != '\0'; from++)
		to += !(from[0] == ' ' && from[-1] == ':' && from[1] == ' ');	/* json-c's own taste in blanks */
	assert_string_equal(text, wanted);
}

static void percent(void **state)
{
	struct ram_state copying = { .phase = RAM_COPYING, .bytes = 1000, .done = 437 }, read;

	assert_int_equal(ram_state_percent(&copying), 43);
	ram_state_write(&copying, unit_path(*state, "ram.json"));
	ram_state_read(unit_path(*state, "ram.json"), &read);
	assert_int_equal(ram_state_percent(&read), 43);
	copying.done = 2000;
	assert_int_equal(ram_state_percent(&copying), 100);
	copying.bytes = 0;
	assert_int_equal(ram_state_percent(&copying), -1);
	copying = (struct ram_state){ .phase = RAM_WAITING, .bytes = 1000 };
	assert_int_equal(ram_state_percent(&copying), -1);
}

static void not_there(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "1", "{ \"state\": 5 }", "{ \"state\": \"unknown\" }" };
	struct ram_state read = sample;

	ram_state_read(unit_path(*state, "ram.json"), &read);
	assert_int_equal(read.phase, RAM_NONE);
	for (size_t i = 0; i < COUNT(bad); i++) {
		unit_write(unit_path(*state, "ram.json"), bad[i], strlen(bad[i]));
		ram_state_read(unit_path(*state, "ram.json"), &read);
		assert_int_equal(read.phase, RAM_NONE);
	}
}

static void one_at_work(void **state)
{
	const char *path = unit_path(*state, "lock");
	char sentence[200], byte;
	struct error error = { "" };
	int ends[2], status;
	pid_t child;

	assert_int_equal(ram_state_owner(path), 0);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ram_state_lock(path, &error) < 0 || write(ends[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(ram_state_owner(path), child);
	snprintf(sentence, sizeof sentence, "The archive is already being copied to memory, by process %d. See \"ukiblk ram status\"", (int)child);
	assert_refused(ram_state_lock(path, &error), -EBUSY, error, sentence);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	/* However it ended. */
	assert_int_equal(ram_state_owner(path), 0);
	assert_true(ram_state_lock(path, &error) >= 0);
	close(ends[0]);
	close(ends[1]);
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(there_and_back), unit_test_in_folder(written), unit_test_in_folder(percent), unit_test_in_folder(not_there),
	unit_test_in_folder(one_at_work),
};
RUN(tests)
