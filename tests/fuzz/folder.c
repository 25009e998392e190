// SPDX-License-Identifier: GPL-2.0-only
/*
 * A folder of up to 16 files of all kinds, searched as a carrier is. Each is a byte for its kind, one for
 * its name and what the kind needs. Every archive that is offered must be whole and readable.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "fuzz.h"
#include "locate/carrier.h"

#define MAX_FILES 16u
/* Files are sparse; what a filesystem in memory takes. */
#define FILE_MAX_BYTES (INT64_MAX - (INT64_C(1) << 20))

static char folder[PATH_MAX];

static const char *const names[] = {
	"a.erofs", "a.erofs.001", "a.erofs.002", "a.erofs.003", "b.erofs", "b.erofs.001", "C.EROFS", "c.erofs.999",
	"d.efi", "e.EFI", ".erofs", "x.erofs.1", "README", "a b%.erofs", "f.erofs.000", "g.efi",
};

static const char *path_of(unsigned name)
{
	static char path[PATH_MAX + 32];

	snprintf(path, sizeof path, "%s/%s", folder, names[name]);
	return path;
}

static void write_chunk(struct input *input, const char *path, bool is_cut)
{
	uint8_t block[IDENTIFIER_BYTES];
	struct identifier id;
	int fd;

	if (!take_identifier(input, &id) || id.chunk_length > FILE_MAX_BYTES)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	PROMISE(fd >= 0);
	identifier_encode(&id, block);
	PROMISE(io_write_at(fd, block, sizeof block, id.chunk_length - (is_cut ? BLOCK_BYTES : 0)) == 0);
	close(fd);
}

static void write_bytes(struct input *input, const char *path)
{
	size_t length = take_byte(input) * 4u;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	PROMISE(fd >= 0);
	if (length > input->left)
		length = input->left;
	PROMISE(io_write_at(fd, input->bytes, length, 0) == 0);
	input->bytes += length;
	input->left -= length;
	PROMISE(ftruncate(fd, (off_t)(take_number(input, 2) * 64)) == 0);
	close(fd);
}

static void make_file(struct input *input)
{
	const unsigned kind = take_byte(input) % 8, name = take_byte(input) % COUNT(names);
	const char *path = path_of(name);
	struct stat st;

	if (lstat(path, &st) == 0)
		return;
	switch (kind) {
	case 0:
		write_bytes(input, path);
		break;
	case 1:
		PROMISE(mkfifo(path, 0600) == 0);
		break;
	case 2:
		PROMISE(mkdir(path, 0700) == 0);
		break;
	case 3:
		PROMISE(symlink(names[take_byte(input) % COUNT(names)], path) == 0);
		break;
	default:
		write_chunk(input, path, kind == 4);
	}
}

struct search {
	unsigned found, notes;
	uint8_t taken;	/* after as many refusals */
};

static int on_found(void *context, const struct found_archive *archive)
{
	struct search *search = context;
	uint64_t offset = 0;
	struct error error;
	uint8_t byte;

	for (size_t i = 0; i < archive->count; i++) {
		const struct identifier *id = &archive->files[i].id;

		PROMISE(id->chunk_index == i && id->chunk_offset == offset && id->root_hash[0] == 0);
		PROMISE(is_consistent(id));
		offset += id->chunk_length;
		PROMISE(archive_read_at(archive, &byte, 1, offset - 1, &error) == 0);
	}
	PROMISE(archive->count == archive->files[0].id.chunk_count && offset == archive->files[0].id.total_length);
	return search->found++ < search->taken ? -EKEYREJECTED : 0;
}

static void on_note(void *context, const char *path, int code, const char *sentence)
{
	struct search *search = context;

	PROMISE(code < 0 && *sentence && strncmp(path, folder, strlen(folder)) == 0);
	search->notes++;
}

static void remove_folder(void)
{
	rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t wanted[HASH_BYTES];
	struct input input = { bytes, length };
	struct search search = { .taken = take_byte(&input) };
	const char *parent = getenv("TMPDIR");

	if (!*folder) {
		snprintf(folder, sizeof folder, "%s/ukiblk-fuzz-XXXXXX", parent ? parent : "/tmp");
		PROMISE(mkdtemp(folder) && atexit(remove_folder) == 0);
	}
	for (unsigned i = 0; i < MAX_FILES && input.left > 0; i++)
		make_file(&input);
	PROMISE(carrier_search(folder, "", wanted, on_found, on_note, &search) == (search.found > search.taken ? 0 : -ENOENT));
	/* Each file begins at most one attempt, which is an archive or a note. */
	PROMISE(search.found + search.notes <= 2 * MAX_FILES);
	for (unsigned i = 0; i < COUNT(names); i++)
		remove(path_of(i));
	return 0;
}
