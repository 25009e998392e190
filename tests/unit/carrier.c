// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <time.h>
#include <unistd.h>

#include "locate/carrier.h"

struct visit {
	unsigned found, refusals;	/* calls; how many of them to answer with a failure */
	char path[512];	/* of the archive taken last */
	unsigned notes;
	char note[1024];	/* "path: sentence" of the last one */
	int code;
};

static int on_found(void *context, const struct found_archive *archive)
{
	struct visit *visit = context;

	visit->found++;
	snprintf(visit->path, sizeof visit->path, "%s", archive->files[0].path);
	return visit->found <= visit->refusals ? -EKEYREJECTED : 0;
}

static void on_note(void *context, const char *path, int code, const char *sentence)
{
	struct visit *visit = context;

	visit->notes++;
	visit->code = code;
	snprintf(visit->note, sizeof visit->note, "%s: %s", path, sentence);
}

static const uint8_t wanted[HASH_BYTES] = { [0 ... HASH_BYTES - 1] = 0x33 };

static int visit_carrier(const char *mount, const char *uki, struct visit *visit)
{
	return carrier_search(mount, uki, wanted, on_found, on_note, visit);
}

static void put(const char *folder, const char *name)
{
	const struct identifier id = unit_identifier();

	unit_write_chunk(unit_path(folder, name), &id, NULL, 0);
}

static void make_folders(const char *folder)
{
	static const char *const names[] = { "EFI", "EFI/Linux", "EFI/BOOT", "ukiblk", "own", "deep", "deep/er" };

	for (size_t i = 0; i < COUNT(names); i++)
		unit_make_subfolder(folder, names[i]);
}

/* From the last folder to the first: each new file is found before the others. */
static void order_of_folders(void **state)
{
	static const char *const files[] = { "ukiblk/a.erofs", "EFI/BOOT/a.erofs", "EFI/Linux/a.erofs", "a.erofs", "deep/er/a.erofs" };

	make_folders(*state);
	for (size_t i = 0; i < COUNT(files); i++) {
		struct visit visit = { 0 };

		put(*state, files[i]);
		assert_int_equal(visit_carrier(*state, "/deep/er/uki.efi", &visit), 0);
		assert_string_equal(visit.path, unit_path(*state, files[i]));
		assert_int_equal(visit.found, 1);
	}
}

static void other_folders(void **state)
{
	struct visit visit = { 0 };

	make_folders(*state);
	put(*state, "own/a.erofs");
	assert_int_equal(visit_carrier(*state, "", &visit), -ENOENT);
	assert_int_equal(visit_carrier(*state, "uki.efi", &visit), -ENOENT);
	/* A variable's path does not lead out of the carrier. */
	assert_int_equal(visit_carrier(unit_path(*state, "deep"), "/../own/uki.efi", &visit), -ENOENT);
	assert_int_equal(visit.found, 0);
	assert_int_equal(visit_carrier(*state, "/own/uki.efi", &visit), 0);
	assert_int_equal(visit.found, 1);
}

/* FAT has no case: under another spelling it is a usual folder, which has its turn. */
static void other_spellings(void **state)
{
	struct visit visit = { 0 };

	unit_make_subfolder(*state, "efi");
	unit_make_subfolder(*state, "efi/Boot");
	put(*state, "efi/Boot/a.erofs");
	assert_int_equal(visit_carrier(*state, "/efi/Boot/uki.efi", &visit), -ENOENT);
	assert_int_equal(visit.found, 0);
}

static void refused_archives(void **state)
{
	struct visit visit = { .refusals = 2 };

	make_folders(*state);
	put(*state, "a.erofs");
	put(*state, "EFI/Linux/a.erofs");
	put(*state, "EFI/BOOT/a.erofs");
	put(*state, "ukiblk/a.erofs");
	assert_int_equal(visit_carrier(*state, "/EFI/Boot/uki.efi", &visit), 0);
	assert_int_equal(visit.found, 3);
	assert_string_equal(visit.path, unit_path(*state, "EFI/BOOT/a.erofs"));
	visit = (struct visit){ .refusals = 9 };
	assert_int_equal(visit_carrier(*state, "", &visit), -ENOENT);
	assert_int_equal(visit.found, 4);
}

static void another_archive(void **state)
{
	struct identifier id = unit_chunk(0);
	struct visit visit = { 0 };
	char text[512];

	memset(id.root_hash, 0xab, sizeof id.root_hash);
	unit_write_chunk(unit_path(*state, "a.erofs"), &id, NULL, 0);
	/* Said once for an archive, not for each chunk. */
	id.chunk_index = 1;
	id.chunk_offset = 2 * BLOCK_BYTES;
	unit_write_chunk(unit_path(*state, "a.erofs.001"), &id, NULL, 0);
	assert_int_equal(visit_carrier(*state, "", &visit), -ENOENT);
	assert_int_equal(visit.found, 0);
	assert_int_equal(visit.notes, 1);
	assert_int_equal(visit.code, -ENOENT);
	snprintf(text, sizeof text, "%s/a.erofs: Archive \"sample\" is another one: its root hash is abababababababab...", (char *)*state);
	assert_string_equal(visit.note, text);
}

static void incomplete_archive(void **state)
{
	struct identifier id = unit_chunk(0);
	struct visit visit = { 0 };

	unit_write_chunk(unit_path(*state, "a.erofs"), &id, NULL, 0);
	id = unit_chunk(2);
	unit_write_chunk(unit_path(*state, "a.erofs.002"), &id, NULL, 0);
	assert_int_equal(visit_carrier(*state, "", &visit), -ENOENT);
	assert_int_equal(visit.found, 0);
	assert_int_equal(visit.notes, 1);
	assert_int_equal(visit.code, -ENODATA);
	assert_non_null(strstr(visit.note, ": Archive \"sample\" lacks chunk 2 of 3. Copy all its chunks to the same folder"));
}

static void put_chunk(const char *folder, const char *name, uint32_t index, const struct identifier *like)
{
	struct identifier id = *like;
	const struct identifier place = unit_chunk(index);

	id.chunk_index = index;
	id.chunk_offset = place.chunk_offset;
	id.chunk_length = place.chunk_length;
	unit_write_chunk(unit_path(folder, name), &id, NULL, 0);
}

/* A file that names the wanted root hash and the archive's UUID, but a chunk that is nowhere: it stands alone. */
static void a_false_relative(void **state)
{
	struct identifier lie = unit_chunk(0);

	put(*state, "right.erofs");
	for (unsigned i = 0; i < 8; i++) {
		struct visit visit = { 0 };
		char name[16];

		snprintf(name, sizeof name, "%u.erofs", i);	/* before it and behind it, as the folder has it */
		unit_write_chunk(unit_path(*state, name), &lie, NULL, 0);
		assert_int_equal(visit_carrier(*state, "", &visit), 0);
		assert_string_equal(visit.path, unit_path(*state, "right.erofs"));
	}
}

static int refuse_copies(void *context, const struct found_archive *archive)
{
	struct visit *visit = context;

	visit->found++;
	for (size_t i = 0; i < archive->count; i++)
		if (strstr(archive->files[i].path, "copy"))
			return -EKEYREJECTED;
	snprintf(visit->path, sizeof visit->path, "%s", archive->files[0].path);
	return 0;
}

/* One file of the three has a copy with the same identifier and other bytes, then each of them. */
static void false_copies(void **state)
{
	const struct identifier id = unit_chunk(0);
	char name[32];

	for (uint32_t i = 0; i < SAMPLE_CHUNKS; i++) {
		snprintf(name, sizeof name, "right.erofs.%03u", i);
		put_chunk(*state, name, i, &id);
	}
	for (uint32_t i = 0; i < SAMPLE_CHUNKS; i++) {
		struct visit visit = { 0 };

		snprintf(name, sizeof name, "copy.erofs.%03u", i);
		put_chunk(*state, name, i, &id);
		assert_int_equal(carrier_search(*state, "", wanted, refuse_copies, on_note, &visit), 0);
		assert_string_equal(visit.path, unit_path(*state, "right.erofs.000"));
		assert_true(visit.found <= 2);
		assert_int_equal(unlink(unit_path(*state, name)), 0);
	}
}

static int refuse_all_but_right(void *context, const struct found_archive *archive)
{
	struct visit *visit = context;

	visit->found++;
	return strstr(archive->files[0].path, "/right.erofs") ? 0 : -EKEYREJECTED;
}

static struct identifier liar(uint32_t i)
{
	struct identifier id = unit_identifier();

	id.erofs_length = id.hash_offset = 2 * BLOCK_BYTES;
	id.chunk_length = BLOCK_BYTES;
	id.total_length = (uint64_t)ARCHIVE_MAX_CHUNKS * BLOCK_BYTES;
	id.chunk_count = ARCHIVE_MAX_CHUNKS;
	switch (i % 3) {
	case 0:	/* thousands of copies of two chunks */
		id.chunk_count = 2;
		id.chunk_index = i & 1;
		id.total_length = 4 * BLOCK_BYTES;
		id.chunk_length = 2 * BLOCK_BYTES;
		id.chunk_offset = id.chunk_index * 2 * BLOCK_BYTES;
		return id;
	case 1:	/* thousands of archives that lack thousands of chunks */
		put_le32(id.uuid, i);
		return id;
	default:	/* thousands of chunks of one archive that do not follow one another */
		id.uuid[15]++;
		id.chunk_index = i / 3 + 1;
		id.chunk_offset = (uint64_t)(i / 3 * 7 % 4000 + 1) * BLOCK_BYTES;
		return id;
	}
}

/* As many as are read at all, and all name the wanted root hash: each is tried once, and the right one is found. */
static void many_liars(void **state)
{
	struct visit visit = { 0 };
	struct timespec start, end;
	char name[32];

	for (uint32_t i = 0; i < FOLDER_MAX_FILES - 1; i++) {
		const struct identifier id = liar(i);

		snprintf(name, sizeof name, "%u.erofs", i);
		unit_write_chunk(unit_path(*state, name), &id, NULL, 0);
	}
	put(*state, "right.erofs");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	assert_int_equal(carrier_search(*state, "", wanted, refuse_all_but_right, on_note, &visit), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	assert_true(visit.found < FOLDER_MAX_FILES / 3);
	assert_in_range(end.tv_sec - start.tv_sec, 0, 10);
	print_message("# %u of %u files tried, %u notes, %ld ms\n", visit.found, FOLDER_MAX_FILES, visit.notes,
		      (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000);
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(order_of_folders), unit_test_in_folder(other_folders), unit_test_in_folder(other_spellings), unit_test_in_folder(refused_archives),
	unit_test_in_folder(another_archive), unit_test_in_folder(incomplete_archive),
	unit_test_in_folder(a_false_relative), unit_test_in_folder(false_copies), unit_test_in_folder(many_liars),
};
RUN(tests)
