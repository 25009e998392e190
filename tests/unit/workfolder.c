// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>

#include "archive/workfolder.h"
#include "base/io.h"

/* Whatever the output folder holds, as "a b c" in alphabetical order. */
static const char *list(const char *folder)
{
	static char text[1024];
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);

	assert_true(count >= 2);
	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? " " : "", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return text;
}

static void assert_content(const char *folder, const char *name, const char *wanted)
{
	char *bytes;

	assert_int_equal(io_read_file(unit_path(folder, name), 4096, &bytes, NULL), 0);
	assert_string_equal(bytes, wanted);
	free(bytes);
}

static void put(const struct work_folder *folder, const char *name, const char *text)
{
	char path[PATH_MAX];

	assert_true(work_folder_path(folder, name, path));
	unit_write(path, text, strlen(text));
}

static struct work_folder open_folder(const char *output)
{
	struct work_folder folder;
	struct error error;

	assert_int_equal(work_folder_open(output, &folder, &error), 0);
	assert_true(unit_exists(folder.path));
	return folder;
}

static void published(void **state)
{
	struct work_folder folder = open_folder(*state);
	struct error error;

	assert_int_equal(strncmp(list(*state), ".ukiblk-", 8), 0);
	put(&folder, "a.efi", "efi");
	put(&folder, "a.erofs", "zero");
	put(&folder, "a.erofs.001", "one");
	put(&folder, "initrd", "for the time of the work only");
	put(&folder, "a.erofs.1", "no result either");
	assert_int_equal(work_folder_publish(&folder, "a", false, &error), 0);
	work_folder_close(&folder);
	assert_string_equal(list(*state), "a.efi a.erofs a.erofs.001");
	assert_content(*state, "a.efi", "efi");
	assert_content(*state, "a.erofs.001", "one");
	/* A second close, and one of a folder that never was. */
	work_folder_close(&folder);
	folder = (struct work_folder){ 0 };
	work_folder_close(&folder);
}

static void refused(void **state)
{
	static const char *const names[] = { "a.efi", "a.erofs", "a.erofs.007" };
	struct error error;
	char sentence[256];

	for (size_t i = 0; i < COUNT(names); i++) {
		struct work_folder folder = open_folder(*state);

		unit_write(unit_path(*state, names[i]), "old", 3);
		put(&folder, "a.erofs", "new");
		put(&folder, "a.efi", "new");
		snprintf(sentence, sizeof sentence, "%s/%s exists already. Use --force to replace it", (char *)*state, names[i]);
		assert_refused(work_folder_publish(&folder, "a", false, &error), -EEXIST, error, sentence);
		work_folder_close(&folder);
		assert_string_equal(list(*state), names[i]);
		assert_content(*state, names[i], "old");
		assert_int_equal(remove(unit_path(*state, names[i])), 0);
	}
}

static void forced(void **state)
{
	/* Results of another name, and files that only look like ours, stay. */
	static const char *const kept[] = { "a.erofs.0001", "a.erofs.001x", "a.erofs.01x", "a.erofs~", "a.txt", "ab.efi", "ab.erofs", "b.erofs.001" };
	struct work_folder folder = open_folder(*state);
	struct error error;

	for (size_t i = 0; i < COUNT(kept); i++)
		unit_write(unit_path(*state, kept[i]), "old", 3);
	unit_write(unit_path(*state, "a.efi"), "old", 3);
	unit_write(unit_path(*state, "a.erofs"), "old", 3);
	unit_write(unit_path(*state, "a.erofs.001"), "old", 3);
	unit_write(unit_path(*state, "a.erofs.002"), "old", 3);
	put(&folder, "a.erofs", "new");
	put(&folder, "a.erofs.001", "new");
	assert_int_equal(work_folder_publish(&folder, "a", true, &error), 0);
	work_folder_close(&folder);
	assert_string_equal(list(*state), "a.erofs a.erofs.0001 a.erofs.001 a.erofs.001x a.erofs.01x a.erofs~ a.txt ab.efi ab.erofs b.erofs.001");
	assert_content(*state, "a.erofs", "new");
	assert_content(*state, "a.erofs.001", "new");
	assert_content(*state, "ab.efi", "old");
}

static void a_single_file(void **state)
{
	struct work_folder folder = open_folder(*state);
	struct error error;
	char sentence[256];

	unit_write(unit_path(*state, "a.efi"), "old", 3);
	unit_write(unit_path(*state, "a.erofs"), "old", 3);
	put(&folder, "a.efi", "new");
	snprintf(sentence, sizeof sentence, "%s/a.efi exists already. Use --force to replace it", (char *)*state);
	assert_refused(work_folder_publish_file(&folder, "a.efi", false, &error), -EEXIST, error, sentence);
	assert_content(*state, "a.efi", "old");
	assert_int_equal(work_folder_publish_file(&folder, "a.efi", true, &error), 0);
	work_folder_close(&folder);
	assert_content(*state, "a.efi", "new");
	/* Only the file itself: the archive beside it is not its business. */
	assert_string_equal(list(*state), "a.efi a.erofs");
}

static void no_output_folder(void **state)
{
	struct work_folder folder = { .path = "untouched" };
	char sentence[PATH_MAX], path[PATH_MAX + 1];
	struct error error;

	snprintf(sentence, sizeof sentence, "Cannot write to the output folder %s/none: No such file or directory", (char *)*state);
	assert_refused(work_folder_open(unit_path(*state, "none"), &folder, &error), -ENOENT, error, sentence);
	unit_write(unit_path(*state, "file"), "", 0);
	snprintf(sentence, sizeof sentence, "Cannot write to the output folder %s/file: Not a directory", (char *)*state);
	assert_refused(work_folder_open(unit_path(*state, "file"), &folder, &error), -ENOTDIR, error, sentence);
	memset(path, 'x', PATH_MAX);
	path[PATH_MAX] = '\0';
	assert_refused(work_folder_open(path, &folder, &error), -ENAMETOOLONG, error, "The path of the output folder is too long");
	path[PATH_MAX - 5] = '\0';
	assert_refused(work_folder_open(path, &folder, &error), -ENAMETOOLONG, error, "The path of the output folder is too long");
	assert_string_equal(folder.path, "untouched");
}

/* A folder where a result should go is not replaced, with force neither. */
static void a_folder_in_the_way(void **state)
{
	struct work_folder folder = open_folder(*state);
	struct error error;
	char sentence[256];

	unit_make_subfolder(*state, "a.erofs");
	put(&folder, "a.erofs", "new");
	snprintf(sentence, sizeof sentence, "Cannot remove the old %s/a.erofs: Is a directory", (char *)*state);
	assert_refused(work_folder_publish(&folder, "a", true, &error), -EISDIR, error, sentence);
	work_folder_close(&folder);
	assert_string_equal(list(*state), "a.erofs");
}

static const struct CMUnitTest tests[] = {
	unit_test_in_folder(published), unit_test_in_folder(refused), unit_test_in_folder(forced), unit_test_in_folder(a_single_file),
	unit_test_in_folder(no_output_folder), unit_test_in_folder(a_folder_in_the_way),
};
RUN(tests)
