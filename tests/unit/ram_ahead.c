// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "ram/ahead.h"

#define BYTES 10000
#define PIECE 4096

static int make_file(void **state, uint8_t *content)
{
	int fd;

	for (size_t i = 0; i < BYTES; i++)
		content[i] = (uint8_t)(i * 2654435761u >> 13);
	unit_write(unit_path(*state, "file"), content, BYTES);
	fd = open(unit_path(*state, "file"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void read_all(struct ahead *ahead, const uint8_t *content)
{
	uint8_t buffer[PIECE];

	ahead_start(ahead, buffer, PIECE, 4096);
	assert_int_equal(ahead_wait(ahead), 0);
	assert_memory_equal(buffer, content + 4096, PIECE);
	/* The file ends in the middle of it. */
	ahead_start(ahead, buffer, PIECE, 8192);
	assert_int_equal(ahead_wait(ahead), -ENODATA);
	/* And after a failure it goes on. */
	ahead_start(ahead, buffer, BYTES - 8192, 8192);
	assert_int_equal(ahead_wait(ahead), 0);
	assert_memory_equal(buffer, content + 8192, BYTES - 8192);
	assert_true(ahead_end(ahead));
}

static void with_and_without(void **state)
{
	uint8_t content[BYTES];
	struct ahead ahead;
	int fd = make_file(state, content);

	ahead_begin(&ahead, fd);
	assert_true(ahead.context != 0);
	read_all(&ahead, content);
	/* A kernel without AIO. */
	ahead = (struct ahead){ .fd = fd };
	read_all(&ahead, content);
	close(fd);
}

static void wrong(void **state)
{
	uint8_t buffer[PIECE];
	struct ahead ahead;

	(void)state;
	for (int without = 0; without < 2; without++) {
		ahead_begin(&ahead, -1);
		if (without) {
			assert_true(ahead_end(&ahead));
			ahead.context = 0;
		}
		ahead_start(&ahead, buffer, PIECE, 0);
		assert_int_equal(ahead_wait(&ahead), -EBADF);
		assert_true(ahead_end(&ahead));
	}
}

static const struct CMUnitTest tests[] = { unit_test_in_folder(with_and_without), cmocka_unit_test(wrong) };
RUN(tests)
