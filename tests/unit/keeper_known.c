// SPDX-License-Identifier: GPL-2.0-only
/* The archive of a folder is known again, and everything else is not. */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "keeper/known.h"

#define FIRST_BLOCKS 40u
#define SECOND_BLOCKS 10u
#define BLOCKS (FIRST_BLOCKS + SECOND_BLOCKS)
#define LEAD_BLOCKS 2u	/* of a program before the second chunk */
#define ROOT_BLOCK 45u	/* in the second chunk */

static char first[] = "a.erofs", second[] = "b.efi";
static struct keeper_file files[] = {
	{ 0, FIRST_BLOCKS * 8, (FIRST_BLOCKS + 1) * BLOCK_BYTES, first },
	{ LEAD_BLOCKS * 8, SECOND_BLOCKS * 8, (LEAD_BLOCKS + SECOND_BLOCKS + 2) * BLOCK_BYTES, second },
};
static const struct keeper_conf conf = {
	.root_block = ROOT_BLOCK * BLOCK_BYTES, .sectors = BLOCKS * 8, .files = files, .count = COUNT(files),
};

/* Block @i of the archive; those from 1000 on belong to the files alone. */
static void fill(uint8_t *block, unsigned i)
{
	for (unsigned k = 0; k < BLOCK_BYTES; k++)
		block[k] = (uint8_t)(i * 31 + k * 7 + k / 256);
}

static void write_blocks(const char *path, const unsigned *numbers, size_t count)
{
	uint8_t *bytes = malloc(count * BLOCK_BYTES);

	for (size_t i = 0; i < count; i++)
		fill(bytes + i * BLOCK_BYTES, numbers[i]);
	unit_write(path, bytes, count * BLOCK_BYTES);
	free(bytes);
}

static void write_all(const char *folder)
{
	unsigned archive[BLOCKS], a[FIRST_BLOCKS + 1], b[LEAD_BLOCKS + SECOND_BLOCKS + 2];

	for (unsigned i = 0; i < BLOCKS; i++)
		archive[i] = i;
	memcpy(a, archive, sizeof a);
	a[FIRST_BLOCKS] = 1000;
	b[0] = b[1] = 1100;
	memcpy(b + LEAD_BLOCKS, archive + FIRST_BLOCKS, SECOND_BLOCKS * sizeof *b);
	b[LEAD_BLOCKS + SECOND_BLOCKS] = 1001;
	b[LEAD_BLOCKS + SECOND_BLOCKS + 1] = 1200;
	write_blocks(unit_path(folder, "archive"), archive, BLOCKS);
	write_blocks(unit_path(folder, first), a, COUNT(a));
	write_blocks(unit_path(folder, second), b, COUNT(b));
}

static int open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static struct known take(const char *folder)
{
	int archive = open(unit_path(folder, "archive"), O_RDONLY | O_CLOEXEC), carrier = open_folder(folder);
	struct error error = { "" };
	struct known known;

	assert_int_equal(known_take(&conf, archive, carrier, "vfat 1234-5678", unit_path(folder, "known"), &error), 0);
	assert_int_equal(known_open(&conf, unit_path(folder, "known"), &known), 0);
	assert_false(unit_exists(unit_path(folder, "known.new")));
	close(archive);
	close(carrier);
	return known;
}

static int check(const struct known *known, const char *folder, struct error *error)
{
	int carrier = open_folder(folder), r = known_check(known, &conf, carrier, error);

	close(carrier);
	return r;
}

/* A byte of a file is another one. */
static void spoil(const char *folder, const char *file, uint64_t offset)
{
	int fd = open(unit_path(folder, file), O_RDWR | O_CLOEXEC);
	uint8_t byte;

	assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
	close(fd);
}

static void the_same(void **state)
{
	struct known known;
	struct error error;

	write_all(*state);
	known = take(*state);
	assert_string_equal(known.fsid, "vfat 1234-5678");
	assert_int_equal(check(&known, *state, &error), 0);
	/* What lies outside of the archive is nobody's concern. */
	spoil(*state, second, 10);
	spoil(*state, second, (LEAD_BLOCKS + SECOND_BLOCKS + 1) * BLOCK_BYTES + 10);
	assert_int_equal(check(&known, *state, &error), 0);
	close(known.fd);
}

static void differences(void **state)
{
	static const struct { const char *file; uint64_t offset; const char *sentence; } cases[] = {
		{ "a.erofs", 0, "Its file a.erofs is another one: the data differs" },
		{ "a.erofs", FIRST_BLOCKS * BLOCK_BYTES + 4095, "Its file a.erofs is another one: the identifier differs" },
		{ "b.efi", (LEAD_BLOCKS + SECOND_BLOCKS) * BLOCK_BYTES, "Its file b.efi is another one: the identifier differs" },
		{ "b.efi", (LEAD_BLOCKS + ROOT_BLOCK - FIRST_BLOCKS) * BLOCK_BYTES + 7, "Its file b.efi is another one: the root block differs" },
		{ "b.efi", (LEAD_BLOCKS + SECOND_BLOCKS - 1) * BLOCK_BYTES, "Its file b.efi is another one: the data differs" },
	};
	struct known known;
	struct error error;

	write_all(*state);
	known = take(*state);
	for (size_t i = 0; i < COUNT(cases); i++) {
		spoil(*state, cases[i].file, cases[i].offset);
		assert_refused(check(&known, *state, &error), -EKEYREJECTED, error, cases[i].sentence);
		spoil(*state, cases[i].file, cases[i].offset);
	}
	assert_int_equal(check(&known, *state, &error), 0);
	assert_int_equal(truncate(unit_path(*state, first), (FIRST_BLOCKS + 2) * BLOCK_BYTES), 0);
	assert_refused(check(&known, *state, &error), -EKEYREJECTED, error, "Its file a.erofs has another size");
	assert_int_equal(unlink(unit_path(*state, first)), 0);
	assert_refused(check(&known, *state, &error), -EKEYREJECTED, error, "Its file a.erofs is missing");
	unit_make_subfolder(*state, first);
	assert_refused(check(&known, *state, &error), -EKEYREJECTED, error, "Its file a.erofs has another size");
	close(known.fd);
}

/* All sixteen samples are looked at: one difference is enough. */
static void every_sample(void **state)
{
	struct known known;
	struct error error;

	write_all(*state);
	known = take(*state);
	for (unsigned i = 0; i < KNOWN_SAMPLES; i++) {
		uint64_t number = known_sample(i, BLOCKS);
		bool in_first = number < FIRST_BLOCKS;
		uint64_t offset = (in_first ? number : number - FIRST_BLOCKS + LEAD_BLOCKS) * BLOCK_BYTES + 100;

		spoil(*state, in_first ? first : second, offset);
		assert_int_equal(check(&known, *state, &error), -EKEYREJECTED);
		spoil(*state, in_first ? first : second, offset);
	}
	close(known.fd);
}

static void samples(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 15, 16, 17, 1000, UINT64_C(1) << 51 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(known_sample(0, sizes[i]), 0);
		assert_int_equal(known_sample(KNOWN_SAMPLES - 1, sizes[i]), sizes[i] - 1);
		for (unsigned k = 1; k < KNOWN_SAMPLES; k++)
			assert_true(known_sample(k, sizes[i]) >= known_sample(k - 1, sizes[i]));
	}
}

static void damaged_memory(void **state)
{
	struct known known;

	assert_int_equal(known_open(&conf, unit_path(*state, "none"), &known), -ENOENT);
	write_all(*state);
	close(take(*state).fd);
	spoil(*state, "known", 3);
	assert_int_equal(known_open(&conf, unit_path(*state, "known"), &known), -EBADMSG);
	spoil(*state, "known", 3);
	assert_int_equal(truncate(unit_path(*state, "known"), 5 * BLOCK_BYTES), 0);
	assert_int_equal(known_open(&conf, unit_path(*state, "known"), &known), -EBADMSG);
}

static void disks(void **state)
{
	uint8_t sector[FSID_BOOT_BYTES] = { [12] = 2, [13] = 8, [14] = 32, [16] = 2, [22] = 1, [39] = 1, [510] = 0x55, [511] = 0xaa };
	char text[FSID_TEXT_BYTES];
	int fd;

	unit_write(unit_path(*state, "disk"), sector, sizeof sector);
	fd = open(unit_path(*state, "disk"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(known_read_fsid(fd, text), 0);
	assert_string_equal(text, "vfat 0000-0001");
	close(fd);
	unit_write(unit_path(*state, "short"), sector, 100);
	fd = open(unit_path(*state, "short"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(known_read_fsid(fd, text), -ENODATA);
	close(fd);
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(the_same), unit_test_in_folder(differences), unit_test_in_folder(every_sample),
	cmocka_unit_test(samples), unit_test_in_folder(damaged_memory), unit_test_in_folder(disks),
};
RUN(tests)
