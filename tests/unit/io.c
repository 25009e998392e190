// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/io.h"

/* The linker sends the code's calls here (Makefile): a file that gives and takes few bytes a time. */
ssize_t __real_pread64(int fd, void *buffer, size_t length, off_t offset);
ssize_t __real_pwrite64(int fd, const void *buffer, size_t length, off_t offset);
ssize_t __wrap_pread64(int fd, void *buffer, size_t length, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *buffer, size_t length, off_t offset);
static size_t most = SIZE_MAX;
static unsigned calls;

ssize_t __wrap_pread64(int fd, void *buffer, size_t length, off_t offset)
{
	calls++;
	return __real_pread64(fd, buffer, length < most ? length : most, offset);
}

ssize_t __wrap_pwrite64(int fd, const void *buffer, size_t length, off_t offset)
{
	calls++;
	return __real_pwrite64(fd, buffer, length < most ? length : most, offset);
}

static int open_new(const char *folder, const char *name)
{
	int fd = open(unit_path(folder, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void short_transfers(void **state)
{
	static const char text[] = "short reads and short writes are gone on with";
	char buffer[sizeof text] = "";
	int fd = open_new(*state, "file");

	most = 7;
	calls = 0;
	assert_int_equal(io_write_at(fd, text, sizeof text, 100), 0);
	assert_int_equal(io_read_at(fd, buffer, sizeof buffer, 100), 0);
	most = SIZE_MAX;
	assert_string_equal(buffer, text);
	assert_int_equal(calls, 2 * ((sizeof text + 6) / 7));
	assert_int_equal(lseek(fd, 0, SEEK_END), 100 + sizeof text);
	close(fd);
}

static void the_end_of_a_file(void **state)
{
	char buffer[8];
	int fd = open_new(*state, "file"), folder;

	assert_int_equal(io_write_at(fd, "12345678", 8, 0), 0);
	assert_int_equal(io_read_at(fd, buffer, 8, 0), 0);
	assert_int_equal(io_read_at(fd, buffer, 8, 1), -ENODATA);
	assert_int_equal(io_read_at(fd, buffer, 1, 8), -ENODATA);
	assert_int_equal(io_read_at(fd, buffer, 0, 8), 0);
	close(fd);
	assert_int_equal(io_read_at(-1, buffer, 8, 0), -EBADF);
	assert_int_equal(io_write_at(-1, buffer, 8, 0), -EBADF);
	folder = open(*state, O_RDONLY | O_CLOEXEC);
	assert_int_equal(io_read_at(folder, buffer, 8, 0), -EISDIR);
	close(folder);
}

static void copies(void **state)
{
	/* Two whole steps and a bit. */
	enum { LENGTH = (2 << 20) + 333 };
	uint8_t *bytes = malloc(LENGTH), *back = malloc(LENGTH);
	int from = open_new(*state, "from"), to = open_new(*state, "to");

	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (uint8_t)(i * 13 + (i >> 12));
	assert_int_equal(io_write_at(from, bytes, LENGTH, 10), 0);
	assert_int_equal(io_copy(from, 10, to, 5, LENGTH), 0);
	assert_int_equal(io_read_at(to, back, LENGTH, 5), 0);
	assert_memory_equal(bytes, back, LENGTH);
	assert_int_equal(lseek(to, 0, SEEK_END), LENGTH + 5);
	assert_int_equal(io_copy(from, 11, to, 0, LENGTH), -ENODATA);
	free(bytes);
	free(back);
	close(from);
	close(to);
}

static void a_copy_that_is_stopped(void **state)
{
	int from = open_new(*state, "from"), to = open_new(*state, "to");

	assert_int_equal(io_write_at(from, "text", 4, 0), 0);
	io_interrupted = 1;
	assert_int_equal(io_copy(from, 0, to, 0, 4), -EINTR);
	io_interrupted = 0;
	assert_int_equal(lseek(to, 0, SEEK_END), 0);
	close(from);
	close(to);
}

static void whole_files(void **state)
{
	const char *path = unit_path(*state, "file");
	char *bytes = NULL;
	size_t length = 77;

	unit_write(path, "ten\0bytes!", 10);
	assert_int_equal(io_read_file(path, 10, &bytes, &length), 0);
	assert_int_equal(length, 10);
	assert_memory_equal(bytes, "ten\0bytes!\0", 11);
	free(bytes);
	bytes = NULL;
	assert_int_equal(io_read_file(path, 9, &bytes, &length), -EFBIG);
	assert_int_equal(io_read_file(unit_path(*state, "none"), 9, &bytes, &length), -ENOENT);
	assert_int_equal(io_read_file(*state, 9, &bytes, &length), -EISDIR);
	assert_null(bytes);
	unit_write(path, "", 0);
	assert_int_equal(io_read_file(path, 0, &bytes, NULL), 0);
	assert_string_equal(bytes, "");
	free(bytes);
	/* A file of /proc says that its size is 0. */
	assert_int_equal(io_read_file("/proc/self/stat", 65536, &bytes, &length), 0);
	assert_true(length > 20);
	free(bytes);
}

static void file_sizes(void **state)
{
	int fd = open_new(*state, "file"), folder = open(*state, O_RDONLY | O_CLOEXEC);
	uint64_t bytes = 77;

	assert_int_equal(io_file_size(folder, &bytes), -EINVAL);
	assert_int_equal(io_file_size(-1, &bytes), -EBADF);
	assert_int_equal(bytes, 77);
	assert_int_equal(ftruncate(fd, INT64_C(5000000000)), 0);
	assert_int_equal(io_file_size(fd, &bytes), 0);
	assert_int_equal(bytes, UINT64_C(5000000000));
	close(fd);
	close(folder);
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(short_transfers), unit_test_in_folder(the_end_of_a_file), unit_test_in_folder(copies),
	unit_test_in_folder(a_copy_that_is_stopped), unit_test_in_folder(whole_files), unit_test_in_folder(file_sizes),
};
RUN(tests)
