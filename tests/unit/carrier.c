// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

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
	snprintf(text, sizeof text, "%s/a.erofs: Archive \"sample\" is another one: its root hash is abababababababab…", (char *)*state);
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

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(order_of_folders), unit_test_in_folder(other_folders), unit_test_in_folder(other_spellings), unit_test_in_folder(refused_archives),
	unit_test_in_folder(another_archive), unit_test_in_folder(incomplete_archive),
};
RUN(tests)
