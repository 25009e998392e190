// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/progress.h"
#include "ram/copy.h"

#define BYTES ((3u << 20) + 4096)

static uint64_t heard, total;
static void begin(const char *what, uint64_t bytes) { assert_string_equal(what, "copying"); total = bytes; heard = 0; }
static void advance(uint64_t bytes) { heard += bytes; }
static void end(void) { }
static const struct progress_listener listener = { begin, advance, end };

static struct ramdisk new_disk(uint64_t bytes)
{
	struct ramdisk disk = { .kind = RAMDISK_LOOP, .fd = memfd_create("test", MFD_CLOEXEC), .loop = -1, .bytes = bytes };

	assert_true(disk.fd >= 0);
	return disk;
}

static unsigned asked;
static int give_up(void *context, uint64_t offset, int code, struct error *error)
{
	(void)context;
	asked++;
	return fail(error, code, "refused at %llu", (unsigned long long)offset);
}

/* What is missing comes after the third question. */
static int third_time(void *context, uint64_t offset, int code, struct error *error)
{
	static const char rest[65536];

	(void)error;
	assert_int_equal(code, -ENODATA);
	assert_int_equal(offset % (64 << 10), 0);
	if (++asked == 3)
		for (unsigned at = 2 << 20; at < BYTES; at += sizeof rest)
			assert_int_equal(io_write_at(*(int *)context, rest, BYTES - at < sizeof rest ? BYTES - at : sizeof rest, at), 0);
	return 0;
}

static int make_source(void **state, size_t bytes)
{
	uint8_t *content = malloc(bytes);
	int fd;

	for (size_t i = 0; i < bytes; i++)
		content[i] = (uint8_t)(i * 2654435761u >> 13);
	unit_write(unit_path(*state, "source"), content, bytes);
	free(content);
	fd = open(unit_path(*state, "source"), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void assert_same(int a, int b, size_t bytes)
{
	uint8_t *x = malloc(bytes), *y = malloc(bytes);

	assert_int_equal(io_read_at(a, x, bytes, 0), 0);
	assert_int_equal(io_read_at(b, y, bytes, 0), 0);
	assert_memory_equal(x, y, bytes);
	free(x);
	free(y);
}

static void whole(void **state)
{
	struct ramdisk disk = new_disk(BYTES);
	struct ram_copy copy = { .source = make_source(state, BYTES), .disk = &disk, .carrier = *state, .read_failed = give_up };
	struct ram_copied times;
	struct error error;

	progress_listen(&listener);
	assert_int_equal(ram_copy(&copy, &times, &error), 0);
	progress_listen(NULL);
	assert_int_equal(total, BYTES);
	assert_int_equal(heard, BYTES);
	assert_true(times.begin > 0 && times.end >= times.begin);
	assert_same(copy.source, disk.fd, BYTES);
	ramdisk_let_go(&disk);
	assert_int_equal(disk.fd, -1);
	/* The same without giving way. */
	disk = new_disk(BYTES);
	copy.carrier = NULL;
	assert_int_equal(ram_copy(&copy, &times, &error), 0);
	assert_same(copy.source, disk.fd, BYTES);
	close(copy.source);
	ramdisk_let_go(&disk);
}

static void failing(void **state)
{
	struct ramdisk disk = new_disk(BYTES);
	struct ram_copy copy = { .source = make_source(state, 2 << 20), .disk = &disk, .carrier = *state, .read_failed = give_up };
	struct ram_copied times;
	struct error error;

	asked = 0;
	assert_int_equal(ram_copy(&copy, &times, &error), -ENODATA);
	assert_int_equal(asked, 1);
	assert_int_equal(strncmp(error.text, "refused at ", 11), 0);
	asked = 0;
	copy.read_failed = third_time;
	copy.context = &copy.source;
	assert_int_equal(ram_copy(&copy, &times, &error), 0);
	assert_int_equal(asked, 3);
	assert_same(copy.source, disk.fd, BYTES);
	close(copy.source);
	ramdisk_let_go(&disk);
}

static void short_of_memory(void **state)
{
	struct ramdisk disk = new_disk(BYTES);
	struct ram_copy copy = { .source = make_source(state, BYTES), .disk = &disk, .carrier = *state, .reserve = UINT64_MAX / 2,
				 .read_failed = give_up };
	struct ram_copied times;
	struct error error;

	assert_int_equal(ram_copy(&copy, &times, &error), -ENOMEM);
	assert_non_null(strstr(error.text, " MB are available and 3 MB are yet to be copied. The copy was given up, and the system stays on its disk"));
	assert_int_equal(strncmp(error.text, "Memory has become short: ", 25), 0);
	close(copy.source);
	ramdisk_let_go(&disk);
}

static void stopped(void **state)
{
	struct ramdisk disk = new_disk(BYTES);
	struct ram_copy copy = { .source = make_source(state, BYTES), .disk = &disk, .carrier = *state, .read_failed = give_up };
	struct ram_copied times;
	struct error error;

	io_interrupted = 1;
	assert_refused(ram_copy(&copy, &times, &error), -EINTR, error, "Stopped");
	io_interrupted = 0;
	close(copy.source);
	ramdisk_let_go(&disk);
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(whole), unit_test_in_folder(failing), unit_test_in_folder(short_of_memory), unit_test_in_folder(stopped),
};
RUN(tests)
