// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/text.h"
#include "locate/archive.h"
#include "tool/verb.h"

static int print_pe(const char *path, struct error *error)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct pe_layout layout;
	struct error reason;
	uint64_t bytes;
	int r;

	if (fd < 0)
		return fail(error, -errno, "Cannot open %s: %s", path, strerror(errno));
	r = io_file_size(fd, &bytes);
	if (r < 0)
		return fail(error, r, "%s is not a regular file", path);
	r = chunkfile_read_pe(fd, bytes, &layout, &reason);
	if (r < 0)
		return fail(error, r, "%s: %s", path, reason.text);
	printf("sections: %u, %" PRIu64 " bytes with the headers\n", layout.section_count, layout.data_end);
	for (unsigned i = 0; i < layout.section_count; i++)
		printf("  %-8s  at %10" PRIu64 "  %10" PRIu64 " bytes\n", layout.sections[i].name, layout.sections[i].offset,
		       layout.sections[i].length);
	if (layout.certificate_offset)
		printf("signature: certificate table at %" PRIu64 ", %" PRIu64 " bytes\n", layout.certificate_offset,
		       layout.certificate_length);
	else
		printf("signature: none\n");
	return 0;
}

static void print_archive(const struct found_archive *archive)
{
	const struct identifier *id = &archive->files[0].id;
	char hash[2 * HASH_BYTES + 1], salt[2 * HASH_BYTES + 1], uuid[UUID_TEXT_BYTES];

	text_format_hex(id->root_hash, HASH_BYTES, hash);
	text_format_hex(id->salt, HASH_BYTES, salt);
	text_format_uuid(id->uuid, uuid);
	printf("archive: %s\nuuid: %s\nroot-hash: %s\nsalt: %s\n", id->name, uuid, hash, salt);
	printf("size: %" PRIu64 "\nerofs: %" PRIu64 "\nhash-offset: %" PRIu64 "\nchunks: %u\n", id->total_length, id->erofs_length,
	       id->hash_offset, id->chunk_count);
	for (size_t i = 0; i < archive->count; i++)
		printf("  %zu  %s  at %" PRIu64 "  %" PRIu64 " bytes\n", i + 1, archive->files[i].path, archive->files[i].offset,
		       archive->files[i].id.chunk_length);
}

static int inspect(const char *path, struct error *error)
{
	struct found_archive archive;
	struct chunkfile file;
	struct error reason;
	int r = chunkfile_read(AT_FDCWD, path, path, &file, &reason);
	bool is_pe;

	if (r < 0)
		return fail(error, r, "%s carries no usable archive: %s", path, reason.text);
	is_pe = file.is_pe;
	chunkfile_release(&file);
	r = archive_open_file(path, &archive, error);
	if (r < 0)
		return r;
	printf("file: %s\n", path);
	if (is_pe)
		r = print_pe(path, error);
	if (r >= 0)
		print_archive(&archive);
	archive_release(&archive);
	return r;
}

static int run(const struct verb_call *call)
{
	struct error error;
	int worst = EXIT_DONE;

	for (unsigned i = 0; i < call->count; i++) {
		int code = verb_report(inspect(call->arguments[i], &error), &error);

		if (code > worst)
			worst = code;
	}
	return worst;
}

const struct verb verb_inspect = {
	.name = "inspect",
	.arguments = "FILE...",
	.summary = "Tell what archive a .efi or .erofs file carries",
	.min_arguments = 1,
	.max_arguments = 1024,
	.run = run,
};
