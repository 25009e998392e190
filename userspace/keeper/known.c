// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/known.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"

/* The file: a block of text, the root block, the samples, the identifiers in the order of the files. */
#define TEXT_START "ukiblk-known 1 "
#define FIRST_SAMPLE 2u
#define FIRST_IDENTIFIER (FIRST_SAMPLE + KNOWN_SAMPLES)

static uint8_t block[BLOCK_BYTES] __attribute__((aligned(4096)));	/* for O_DIRECT */
static uint8_t wanted[BLOCK_BYTES];

static uint64_t archive_blocks(const struct keeper_conf *conf)
{
	return conf->sectors * SECTOR_BYTES / BLOCK_BYTES;
}

static off_t place(uint64_t number)
{
	return (off_t)(number * BLOCK_BYTES);
}

uint64_t known_sample(unsigned i, uint64_t blocks)
{
	/* Below 2^52 blocks of 4096 bytes, and 15: no overflow. */
	return (blocks - 1) * i / (KNOWN_SAMPLES - 1);
}

int known_read_fsid(int disk, char ret_text[static FSID_TEXT_BYTES])
{
	uint8_t boot[FSID_BOOT_BYTES], volume[FSID_VOLUME_BYTES];
	int r = io_read_at(disk, boot, sizeof boot, 0);

	if (r < 0)
		return r;
	r = io_read_at(disk, volume, sizeof volume, FSID_VOLUME_OFFSET);
	if (r < 0 && r != -ENODATA)
		return r;
	return fsid_parse(boot, r < 0 ? NULL : volume, ret_text);
}

static uint64_t identifier_offset(const struct keeper_file *file)
{
	return (file->first_sector + file->sectors) * SECTOR_BYTES;
}

static int open_file(int carrier, const struct keeper_file *file, struct error *error)
{
	int fd = openat(carrier, file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return fail(error, -EKEYREJECTED, "Its file %s is missing", file->path);
	return fd < 0 ? fail(error, -errno, "Its file %s cannot be opened: %s", file->path, strerror(errno)) : fd;
}

/* Copies a block of @from to the file of what is known. */
static int keep(int to, uint64_t number, int from, uint64_t offset)
{
	int r = io_read_at(from, block, sizeof block, offset);

	return r < 0 ? r : io_write_at(to, block, sizeof block, number * BLOCK_BYTES);
}

static int keep_text(int to, const char *fsid)
{
	memset(block, 0, sizeof block);
	snprintf((char *)block, sizeof block, TEXT_START "%s", fsid);
	return io_write_at(to, block, sizeof block, 0);
}

static int keep_samples(int to, const struct keeper_conf *conf, int archive)
{
	int r = keep(to, 1, archive, conf->root_block);

	for (unsigned i = 0; r >= 0 && i < KNOWN_SAMPLES; i++)
		r = keep(to, FIRST_SAMPLE + i, archive, known_sample(i, archive_blocks(conf)) * BLOCK_BYTES);
	return r;
}

static int keep_identifiers(int to, const struct keeper_conf *conf, int carrier, struct error *error)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < conf->count; i++) {
		autoclose int fd = open_file(carrier, &conf->files[i], error);

		if (fd < 0)
			return fd;
		r = keep(to, FIRST_IDENTIFIER + i, fd, identifier_offset(&conf->files[i]));
	}
	return r < 0 ? fail(error, r, "An identifier cannot be read: %s", strerror(-r)) : 0;
}

int known_take(const struct keeper_conf *conf, int archive, int carrier, const char *fsid, const char *path, struct error *error)
{
	char new[PATH_MAX];
	autoclose int to = -1;
	int r;

	snprintf(new, sizeof new, "%s.new", path);
	to = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (to < 0)
		return fail(error, -errno, "%s cannot be made: %s", new, strerror(errno));
	r = keep_text(to, fsid);
	if (r >= 0)
		r = keep_samples(to, conf, archive);
	if (r < 0)
		return fail(error, r, "A sample of the archive cannot be taken: %s", strerror(-r));
	r = keep_identifiers(to, conf, carrier, error);
	if (r >= 0 && rename(new, path) < 0)
		r = fail(error, -errno, "%s cannot be made: %s", path, strerror(errno));
	return r;
}

int known_open(const struct keeper_conf *conf, const char *path, struct known *ret)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *fsid;
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = io_read_at(fd, block, sizeof block, 0);
	if (r < 0)
		return r;
	block[sizeof block - 1] = '\0';
	fsid = text_after((const char *)block, TEXT_START);
	if (!fsid || fstat(fd, &st) < 0 || st.st_size != place(FIRST_IDENTIFIER + conf->count) || strlen(fsid) >= sizeof ret->fsid)
		return -EBADMSG;
	snprintf(ret->fsid, sizeof ret->fsid, "%s", fsid);
	ret->fd = take_fd(fd);
	return 0;
}

/* Whether a block of @fd is the one that is known. */
static int compare(const struct known *known, uint64_t number, int fd, uint64_t offset, const struct keeper_file *file,
		   const char *what, struct error *error)
{
	int r = io_read_at(known->fd, wanted, sizeof wanted, number * BLOCK_BYTES);

	if (r >= 0)
		r = io_read_at(fd, block, sizeof block, offset);
	if (r < 0)
		return fail(error, r, "Its file %s cannot be read: %s", file->path, strerror(-r));
	if (memcmp(block, wanted, sizeof block) != 0)
		return fail(error, -EKEYREJECTED, "Its file %s is another one: %s differs", file->path, what);
	return 0;
}

/* A block of the archive, when it lies in this file, which begins at byte @start of the archive. */
static int compare_data(const struct known *known, uint64_t number, int fd, uint64_t start, const struct keeper_file *file,
			uint64_t offset, const char *what, struct error *error)
{
	if (offset < start || offset - start >= file->sectors * SECTOR_BYTES)
		return 0;
	return compare(known, number, fd, file->first_sector * SECTOR_BYTES + (offset - start), file, what, error);
}

static int check_file(const struct known *known, const struct keeper_conf *conf, size_t index, uint64_t start, int carrier,
		      struct error *error)
{
	const struct keeper_file *file = &conf->files[index];
	autoclose int fd = open_file(carrier, file, error);
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != file->bytes)
		return fail(error, -EKEYREJECTED, "Its file %s has another size", file->path);
	/* What is read here is not read on from. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	r = compare(known, FIRST_IDENTIFIER + index, fd, identifier_offset(file), file, "the identifier", error);
	if (r >= 0)
		r = compare_data(known, 1, fd, start, file, conf->root_block, "the root block", error);
	for (unsigned i = 0; r >= 0 && i < KNOWN_SAMPLES; i++)
		r = compare_data(known, FIRST_SAMPLE + i, fd, start, file, known_sample(i, archive_blocks(conf)) * BLOCK_BYTES,
				 "the data", error);
	return r;
}

int known_check(const struct known *known, const struct keeper_conf *conf, int carrier, struct error *error)
{
	uint64_t start = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < conf->count; i++) {
		r = check_file(known, conf, i, start, carrier, error);
		start += conf->files[i].sectors * SECTOR_BYTES;
	}
	return r;
}
