// SPDX-License-Identifier: GPL-2.0-only
/* Chunk files and archives in scratch folders: locate/chunkfile.c and locate/archive.c. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#define CUT_OFF "The file is named like an archive but does not end with an identifier: it is cut off. Copy it again"
#define NO_FILE "It is not a regular file"

struct notes {
	unsigned count;
	char path[8][64];	/* the last part */
	int code[8];
	char sentence[8][256];
};

static void note(void *context, const char *path, int code, const char *sentence)
{
	struct notes *notes = context;
	unsigned i = notes->count++;

	assert_true(i < COUNT(notes->code));
	snprintf(notes->path[i], sizeof notes->path[i], "%s", strrchr(path, '/') + 1);
	snprintf(notes->sentence[i], sizeof notes->sentence[i], "%s", sentence);
	notes->code[i] = code;
}

static void assert_noted(const struct notes *notes, const char *name, int code, const char *sentence)
{
	for (unsigned i = 0; i < notes->count; i++)
		if (strcmp(notes->path[i], name) == 0) {
			assert_int_equal(notes->code[i], code);
			assert_string_equal(notes->sentence[i], sentence);
			return;
		}
	fail_msg("nothing was noted of %s", name);
}

static void write_chunk(const char *folder, const char *name, uint32_t index)
{
	const struct identifier id = unit_chunk(index);

	unit_write_chunk(unit_path(folder, name), &id, NULL, 0);
}

static void write_three(const char *folder)
{
	/* The names say nothing of the order. */
	write_chunk(folder, "x.erofs", 1);
	write_chunk(folder, "a.erofs.007", 2);
	write_chunk(folder, "Z.EROFS", 0);
}

static const struct chunkfile *find_file(const struct chunkfile *files, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(strrchr(files[i].path, '/') + 1, name) == 0)
			return &files[i];
	return NULL;
}

static void what_is_scanned(void **state)
{
	static const char *const ignored[] = { "README", "x.erofs.1", "x.erofs.0001", "x.erofs.abc", "x.erofs.01a", "x.erofs.001.bak", "001", ".001",
					       "x.img", "x.eroFs.01", "efi", "erofs" };
	static const char *const taken[] = { "a.erofs", "b.erofs.001", "c.erofs.999", "d.EROFS", "e.ERoFS.000", ".erofs", "f.efi", "G.EFI" };
	const struct identifier id = unit_identifier();
	struct chunkfile *files;
	struct notes notes = { 0 };
	struct error error;
	size_t count;

	for (size_t i = 0; i < COUNT(ignored); i++)
		unit_write_chunk(unit_path(*state, ignored[i]), &id, NULL, 0);
	for (size_t i = 0; i < COUNT(taken); i++)
		unit_write_chunk(unit_path(*state, taken[i]), &id, NULL, 0);
	assert_int_equal(archive_scan_folder(*state, &files, &count, note, &notes, &error), 0);
	assert_int_equal(count, COUNT(taken));
	for (size_t i = 0; i < COUNT(taken); i++) {
		const struct chunkfile *file = find_file(files, count, taken[i]);

		assert_non_null(file);
		assert_string_equal(file->path, unit_path(*state, taken[i]));
		assert_int_equal(file->offset, 0);
		assert_int_equal(file->file_bytes, SAMPLE_BYTES + IDENTIFIER_BYTES);
		assert_false(file->is_pe);
	}
	assert_int_equal(notes.count, 0);
	archive_release_files(files, count);
}

static void what_is_noted(void **state)
{
	struct identifier id = unit_identifier();
	struct chunkfile *files;
	struct notes notes = { 0 };
	struct error error;
	size_t count;
	uint8_t pe[PE_BYTES], block[IDENTIFIER_BYTES];

	unit_make_pe(pe);
	unit_write(unit_path(*state, "plain.efi"), pe, sizeof pe);	/* a program without archive: no word */
	unit_write(unit_path(*state, "text.efi"), "text", 4);
	unit_write(unit_path(*state, "short.erofs"), "text", 4);
	unit_write(unit_path(*state, "empty.erofs.001"), "", 0);
	unit_write_chunk(unit_path(*state, "cut.erofs"), &id, NULL, 0);
	assert_int_equal(truncate(unit_path(*state, "cut.erofs"), SAMPLE_BYTES + IDENTIFIER_BYTES - 1), 0);
	identifier_encode(&id, block);
	unit_write(unit_path(*state, "begin.erofs"), block, sizeof block);	/* the begin of the file is gone */
	block[100] ^= 1;
	unit_write(unit_path(*state, "bad.efi"), block, sizeof block);
	unit_make_subfolder(*state, "folder.erofs");
	assert_int_equal(mkfifo(unit_path(*state, "fifo.erofs"), 0600), 0);	/* must not be waited for */
	assert_int_equal(symlink("/nowhere/at/all", unit_path(*state, "link.erofs")), 0);

	assert_int_equal(archive_scan_folder(*state, &files, &count, note, &notes, &error), 0);
	assert_int_equal(count, 0);
	assert_int_equal(notes.count, 8);
	assert_noted(&notes, "short.erofs", -ENOENT, CUT_OFF);
	assert_noted(&notes, "empty.erofs.001", -ENOENT, CUT_OFF);
	assert_noted(&notes, "cut.erofs", -ENOENT, CUT_OFF);
	assert_noted(&notes, "begin.erofs", -EBADMSG,
		     "The file is shorter than the chunk its identifier describes. Copy it again");
	assert_noted(&notes, "bad.efi", -EBADMSG, "The identifier is damaged: its checksum is wrong. Copy the file again");
	assert_noted(&notes, "folder.erofs", -EINVAL, NO_FILE);
	assert_noted(&notes, "fifo.erofs", -EINVAL, NO_FILE);
	assert_noted(&notes, "link.erofs", -ENOENT, CUT_OFF);
	archive_release_files(files, count);
	/* Without anyone to tell it to. */
	assert_int_equal(archive_scan_folder(*state, &files, &count, NULL, NULL, &error), 0);
	assert_int_equal(count, 0);
	archive_release_files(files, count);
}

static void write_empty(const char *folder, const char *pattern, unsigned count)
{
	char path[PATH_MAX];

	for (unsigned i = 0; i < count; i++) {
		int length = snprintf(path, sizeof path, "%s/", folder);

		snprintf(path + length, sizeof path - (size_t)length, pattern, i);
		assert_int_equal(mknod(path, S_IFREG | 0600, 0), 0);
	}
}

/* What other programs keep in a folder does not hide an archive; and there is an end to it. */
static void many_files(void **state)
{
	static const char said[] = "The folder holds too many files; the rest of them was not looked at";
	struct chunkfile *files;
	struct notes notes = { 0 };
	struct error error;
	size_t count;
	const char *photos = unit_path(*state, "photos"), *programs = unit_path(*state, "programs");

	unit_make_subfolder(*state, "photos");
	write_empty(photos, "%u.jpg", 20000);
	write_chunk(photos, "a.erofs", 0);
	assert_int_equal(archive_scan_folder(photos, &files, &count, note, &notes, &error), 0);
	assert_int_equal(count, 1);
	assert_int_equal(notes.count, 0);
	archive_release_files(files, count);

	write_empty(photos, "%u.jpeg", FOLDER_MAX_ENTRIES - 20000);
	assert_int_equal(archive_scan_folder(photos, &files, &count, note, &notes, &error), 0);
	assert_int_equal(notes.count, 1);
	assert_noted(&notes, "photos", -E2BIG, said);
	archive_release_files(files, count);

	unit_make_subfolder(*state, "programs");
	write_empty(programs, "%u.efi", FOLDER_MAX_FILES);
	notes.count = 0;
	assert_int_equal(archive_scan_folder(programs, &files, &count, note, &notes, &error), 0);
	assert_int_equal(notes.count, 0);
	write_empty(programs, "one-more-%u.EFI", 1);
	assert_int_equal(archive_scan_folder(programs, &files, &count, note, &notes, &error), 0);
	assert_int_equal(notes.count, 1);
	assert_noted(&notes, "programs", -E2BIG, said);
}

static void no_folder(void **state)
{
	struct chunkfile *files;
	struct error error;
	char sentence[256];
	size_t count;

	snprintf(sentence, sizeof sentence, "Cannot read the folder %s/none: No such file or directory", (char *)*state);
	assert_refused(archive_scan_folder(unit_path(*state, "none"), &files, &count, NULL, NULL, &error), -ENOENT, error, sentence);
}

static void collected(void **state)
{
	struct identifier other = unit_identifier();
	struct found_archive archive;
	struct chunkfile *files;
	struct error error;
	size_t count, of;

	write_three(*state);
	other.uuid[0]++;
	unit_write_chunk(unit_path(*state, "other.erofs"), &other, NULL, 0);
	assert_int_equal(archive_scan_folder(*state, &files, &count, NULL, NULL, &error), 0);
	assert_int_equal(count, 4);
	of = (size_t)(find_file(files, count, "a.erofs.007") - files);
	assert_int_equal(archive_collect(files, count, of, &archive, &error), 0);
	assert_int_equal(archive.count, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(archive.files[i].id.chunk_index, i);
	archive_release(&archive);
	/* Its entries are marked; the other archive is still to be had. */
	for (of = 0; files[of].is_used; of++)
		;
	assert_int_equal(archive_collect(files, count, of, &archive, &error), 0);
	assert_string_equal(archive.files[0].path, unit_path(*state, "other.erofs"));
	archive_release(&archive);
	for (size_t i = 0; i < count; i++)
		assert_true(files[i].is_used);
	archive_release_files(files, count);
}

static void opened_by_any_chunk(void **state)
{
	static const char *const names[] = { "Z.EROFS", "x.erofs", "a.erofs.007" };

	write_three(*state);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct found_archive archive;
		struct error error;

		assert_int_equal(archive_open_file(unit_path(*state, names[i]), &archive, &error), 0);
		assert_int_equal(archive.count, 3);
		for (size_t k = 0; k < 3; k++)
			assert_string_equal(strrchr(archive.files[k].path, '/') + 1, names[k]);
		archive_release(&archive);
	}
}

static void the_named_copy_is_taken(void **state)
{
	struct found_archive archive;
	struct error error;

	write_three(*state);
	write_chunk(*state, "copy.erofs", 1);
	write_chunk(*state, "another.erofs", 1);
	for (unsigned i = 0; i < 2; i++) {
		const char *path = unit_path(*state, i ? "copy.erofs" : "another.erofs");

		assert_int_equal(archive_open_file(path, &archive, &error), 0);
		assert_string_equal(archive.files[1].path, path);
		archive_release(&archive);
	}
}

static void incomplete(void **state)
{
	struct found_archive archive;
	struct error error;
	char sentence[256];

	write_three(*state);
	assert_int_equal(unlink(unit_path(*state, "x.erofs")), 0);
	assert_refused(archive_open_file(unit_path(*state, "Z.EROFS"), &archive, &error), -ENODATA, error,
		       "Archive \"sample\" lacks chunk 2 of 3. Copy all its chunks to the same folder");
	snprintf(sentence, sizeof sentence, "%s/x.erofs carries no usable archive. Cannot open it: No such file or directory", (char *)*state);
	assert_refused(archive_open_file(unit_path(*state, "x.erofs"), &archive, &error), -ENOENT, error, sentence);
}

/* The sample behind a PE file of @lead bytes; signed: a certificate table behind all. */
static void write_embedded(const char *path, size_t lead, bool is_signed)
{
	const struct identifier id = unit_identifier();
	uint8_t *pe = calloc(1, lead);
	size_t end = (lead + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES + SAMPLE_BYTES + IDENTIFIER_BYTES;

	unit_make_pe(pe);
	if (is_signed) {
		put_le32(pe + PE_CERTIFICATE_ENTRY, (uint32_t)end);
		put_le32(pe + PE_CERTIFICATE_ENTRY + 4, 100);
	}
	unit_write_chunk(path, &id, pe, lead);
	if (is_signed)
		assert_int_equal(truncate(path, (off_t)end + 104), 0);
	free(pe);
}

static void embedded(void **state)
{
	static const struct { size_t lead; bool is_signed; uint64_t offset; } rows[] = {
		{ PE_BYTES, false, 4096 }, { PE_BYTES, true, 4096 }, { 4096, true, 4096 }, { 4097, false, 8192 },
		{ 3 * 65536, true, 3 * 65536 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *path = unit_path(*state, "uki.efi");
		struct found_archive archive;
		struct error error;
		uint8_t byte;

		write_embedded(path, rows[i].lead, rows[i].is_signed);
		assert_int_equal(archive_open_file(path, &archive, &error), 0);
		assert_int_equal(archive.count, 1);
		assert_true(archive.files[0].is_pe);
		assert_int_equal(archive.files[0].offset, rows[i].offset);
		assert_int_equal(archive_read_at(&archive, &byte, 1, 5000, &error), 0);
		assert_int_equal(byte, unit_payload_byte(5000));
		archive_release(&archive);
	}
}

/* An identifier that claims bytes of the program itself. */
static void a_payload_inside_the_program(void **state)
{
	struct identifier id = unit_identifier();
	const char *path = unit_path(*state, "uki.efi");
	struct found_archive archive;
	struct error error;
	uint8_t file[5 * BLOCK_BYTES] = { 0 };
	char sentence[300];

	unit_make_pe(file);
	/* It fits before the identifier, but begins with the program's headers. */
	id.total_length = id.chunk_length = 4 * BLOCK_BYTES;
	id.erofs_length = id.hash_offset = 2 * BLOCK_BYTES;
	identifier_encode(&id, file + 4 * BLOCK_BYTES);
	unit_write(path, file, sizeof file);
	snprintf(sentence, sizeof sentence,
		 "%s carries no usable archive. The file is shorter than the chunk its identifier describes. Copy it again", path);
	assert_refused(archive_open_file(path, &archive, &error), -EBADMSG, error, sentence);
	/* The program's data reaches into the identifier's block: whatever is there, it is none. */
	put_le32(file + PE_SECTIONS + 16, 4 * BLOCK_BYTES + 1 - 0x400);
	unit_write(path, file, sizeof file);
	snprintf(sentence, sizeof sentence, "%s carries no usable archive. No identifier at its end", path);
	assert_refused(archive_open_file(path, &archive, &error), -ENOENT, error, sentence);
}

static void reads_across_chunks(void **state)
{
	static const struct { uint64_t offset; size_t length; } rows[] = {
		{ 0, SAMPLE_BYTES }, { 0, 1 }, { 8191, 2 }, { 8192, 1 }, { 8191, 8194 }, { 16383, 4097 }, { SAMPLE_BYTES - 1, 1 }, { 8192, 8192 },
		{ SAMPLE_BYTES, 0 },
	};
	uint8_t *buffer = malloc(SAMPLE_BYTES);
	struct found_archive archive;
	struct error error;

	write_three(*state);
	assert_int_equal(archive_open_file(unit_path(*state, "x.erofs"), &archive, &error), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(buffer, 0, SAMPLE_BYTES);
		assert_int_equal(archive_read_at(&archive, buffer, rows[i].length, rows[i].offset, &error), 0);
		for (size_t k = 0; k < rows[i].length; k++)
			assert_int_equal(buffer[k], unit_payload_byte(rows[i].offset + k));
	}
	assert_refused(archive_read_at(&archive, buffer, 2, SAMPLE_BYTES - 1, &error), -EINVAL, error, "The range lies outside the archive");
	assert_refused(archive_read_at(&archive, buffer, 1, UINT64_MAX, &error), -EINVAL, error, "The range lies outside the archive");
	assert_refused(archive_read_at(&archive, buffer, SAMPLE_BYTES + 1, 0, &error), -EINVAL, error, "The range lies outside the archive");
	archive_release(&archive);
	free(buffer);
}

static void files_that_change(void **state)
{
	struct found_archive archive;
	struct error error;
	char sentence[256];
	uint8_t byte;

	write_three(*state);
	assert_int_equal(archive_open_file(unit_path(*state, "x.erofs"), &archive, &error), 0);
	assert_int_equal(truncate(unit_path(*state, "x.erofs"), 100), 0);
	assert_int_equal(unlink(unit_path(*state, "a.erofs.007")), 0);
	assert_int_equal(archive_read_at(&archive, &byte, 1, 8292 - 1, &error), 0);
	snprintf(sentence, sizeof sentence, "Cannot read %s/x.erofs: No data available", (char *)*state);
	assert_refused(archive_read_at(&archive, &byte, 1, 8292, &error), -ENODATA, error, sentence);
	snprintf(sentence, sizeof sentence, "Cannot open %s/a.erofs.007: No such file or directory", (char *)*state);
	assert_refused(archive_read_at(&archive, &byte, 1, 16384, &error), -ENOENT, error, sentence);
	archive_release(&archive);
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(what_is_scanned), unit_test_in_folder(what_is_noted), unit_test_in_folder(many_files), unit_test_in_folder(no_folder),
	unit_test_in_folder(collected), unit_test_in_folder(opened_by_any_chunk), unit_test_in_folder(the_named_copy_is_taken),
	unit_test_in_folder(incomplete), unit_test_in_folder(embedded), unit_test_in_folder(a_payload_inside_the_program),
	unit_test_in_folder(reads_across_chunks), unit_test_in_folder(files_that_change),
};
RUN(tests)
