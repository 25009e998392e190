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
#include "tool/json.h"
#include "tool/verb.h"

#define BAR_CELLS 60

struct view {
	const char *path;
	struct found_archive archive;
	struct pe_layout pe;	/* section_count 0 unless the file is a PE file */
	bool is_pe;
	uint64_t bytes;	/* of the file */
	uint64_t offset;	/* of the archive's chunk in it */
	uint64_t length;
};

static int read_pe(const char *path, struct view *view, struct error *error)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct error reason;
	int r;

	if (fd < 0)
		return fail(error, -errno, "Cannot open %s: %s", path, strerror(errno));
	r = chunkfile_read_pe(fd, view->bytes, &view->pe, &reason);
	return r < 0 ? fail(error, r, "%s: %s", path, reason.text) : 0;
}

static int read_view(const char *path, struct view *view, struct error *error)
{
	struct chunkfile file;
	struct error reason;
	int r = chunkfile_read(AT_FDCWD, path, path, &file, &reason);

	if (r < 0)
		return fail(error, r, "%s carries no usable archive: %s", path, reason.text);
	*view = (struct view){ .path = path, .is_pe = file.is_pe, .bytes = file.file_bytes, .offset = file.offset,
			       .length = file.id.chunk_length };
	chunkfile_release(&file);
	if (view->is_pe) {
		r = read_pe(path, view, error);
		if (r < 0)
			return r;
	}
	return archive_open_file(path, &view->archive, error);
}

/* What lies at a byte of the file: program, archive, identifier, signature, or padding. */
static char kind_at(const struct view *view, uint64_t byte)
{
	if (view->is_pe && byte < view->pe.data_end)
		return 'p';
	if (byte >= view->offset && byte - view->offset < view->length) {
		uint64_t inside = byte - view->offset + view->archive.files[0].id.chunk_offset;

		const struct identifier *id = &view->archive.files[0].id;

		if (inside < id->hash_offset || view->archive.count > 1)
			return '#';
		return id->fec_offset && inside >= id->fec_offset ? 'f' : 'h';
	}
	if (view->pe.certificate_offset && byte >= view->pe.certificate_offset)
		return 's';
	return byte >= view->offset + view->length ? 'i' : '.';
}

static void print_bar(const struct view *view)
{
	printf("layout: [");
	for (unsigned cell = 0; cell < BAR_CELLS; cell++)
		putchar(kind_at(view, view->bytes / BAR_CELLS * cell + view->bytes / BAR_CELLS / 2));
	printf("]\n         %s# archive%s%s  1 cell = %" PRIu64 " KiB\n", view->is_pe ? "p program  " : "", view->archive.count > 1 ? "" : "  h hash tree",
	       view->archive.count == 1 && view->archive.files[0].id.fec_offset ? "  f parity" : "", view->bytes / BAR_CELLS / 1024);
}

static void print_sections(const struct pe_layout *pe)
{
	printf("sections: %u, %" PRIu64 " bytes with the headers\n", pe->section_count, pe->data_end);
	for (unsigned i = 0; i < pe->section_count; i++)
		printf("  %-8s  at %10" PRIu64 "  %10" PRIu64 " bytes\n", pe->sections[i].name, pe->sections[i].offset, pe->sections[i].length);
	if (pe->certificate_offset)
		printf("signature: certificate table at %" PRIu64 ", %" PRIu64 " bytes\n", pe->certificate_offset, pe->certificate_length);
	else
		printf("signature: none\n");
}

static void print_text(const struct view *view)
{
	const struct identifier *id = &view->archive.files[0].id;
	char hash[2 * HASH_BYTES + 1], salt[2 * HASH_BYTES + 1], uuid[UUID_TEXT_BYTES];

	text_format_hex(id->root_hash, HASH_BYTES, hash);
	text_format_hex(id->salt, HASH_BYTES, salt);
	text_format_uuid(id->uuid, uuid);
	printf("file: %s\n", view->path);
	if (view->is_pe)
		print_sections(&view->pe);
	printf("archive: %s\nuuid: %s\nroot-hash: %s\nsalt: %s\n", id->name, uuid, hash, salt);
	printf("size: %" PRIu64 "\nerofs: %" PRIu64 "\nhash-offset: %" PRIu64 "\n", id->total_length, id->erofs_length, id->hash_offset);
	if (id->fec_offset)
		printf("fec-offset: %" PRIu64 "\nfec-roots: %u\n", id->fec_offset, id->fec_roots);
	printf("chunks: %u\n", id->chunk_count);
	for (size_t i = 0; i < view->archive.count; i++)
		printf("  %zu  %s  at %" PRIu64 "  %" PRIu64 " bytes\n", i + 1, view->archive.files[i].path, view->archive.files[i].offset,
		       view->archive.files[i].id.chunk_length);
	print_bar(view);
}

static json_object *sections_json(const struct pe_layout *pe)
{
	json_object *list = json_object_new_array();

	for (unsigned i = 0; i < pe->section_count; i++) {
		json_object *section = json_object_new_object();

		json_add_string(section, "name", pe->sections[i].name);
		json_add_number(section, "offset", pe->sections[i].offset);
		json_add_number(section, "size", pe->sections[i].length);
		json_append(list, section);
	}
	return list;
}

static int print_json(const struct view *view, struct error *error)
{
	json_object *object = json_object_new_object();

	json_add_string(object, "file", view->path);
	json_add_number(object, "file-size", view->bytes);
	if (view->is_pe) {
		json_add(object, "sections", sections_json(&view->pe));
		json_add_boolean(object, "signed", view->pe.certificate_offset != 0);
	}
	json_add(object, "archive", json_of_archive(&view->archive));
	return json_print(object, error);
}

static int inspect(const char *path, bool as_json, struct error *error)
{
	struct view view = { 0 };
	int r = read_view(path, &view, error);

	if (r < 0)
		return r;
	if (as_json)
		r = print_json(&view, error);
	else
		print_text(&view);
	archive_release(&view.archive);
	return r < 0 ? r : 0;
}

static int run(const struct verb_call *call)
{
	struct error error;
	int worst = EXIT_DONE;

	for (unsigned i = 0; i < call->count; i++) {
		int code = verb_report(inspect(call->arguments[i], verb_flag(call, "json"), &error), &error);

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
	.options = { { "json", NULL, "print JSON, one object a file" } },
};
