// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

int unit_make_folder(void **state)
{
	const char *parent = getenv("TMPDIR");
	char *path = NULL;

	if (asprintf(&path, "%s/ukiblk-unit-XXXXXX", parent ? parent : "/tmp") < 0)
		return -1;
	*state = path;
	return path && mkdtemp(path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int unit_remove_folder(void **state)
{
	int r = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return r;
}

const char *unit_path(const char *folder, const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % COUNT(paths)];

	assert_true(snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX);
	return path;
}

void unit_write(const char *path, const void *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

void unit_make_subfolder(const char *folder, const char *name)
{
	assert_int_equal(mkdir(unit_path(folder, name), 0755), 0);
}

bool unit_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

struct identifier unit_identifier(void)
{
	struct identifier id = {
		.name = "sample",
		.chunk_count = 1,
		.chunk_length = SAMPLE_BYTES,
		.total_length = SAMPLE_BYTES,
		.erofs_length = 3 * BLOCK_BYTES,
		.hash_offset = 3 * BLOCK_BYTES,
	};

	memset(id.uuid, 0x11, sizeof id.uuid);
	memset(id.salt, 0x22, sizeof id.salt);
	memset(id.root_hash, 0x33, sizeof id.root_hash);
	return id;
}

struct identifier unit_chunk(uint32_t index)
{
	struct identifier id = unit_identifier();

	id.chunk_index = index;
	id.chunk_count = SAMPLE_CHUNKS;
	id.chunk_offset = index * 2 * BLOCK_BYTES;
	id.chunk_length = (index < 2 ? 2 : 1) * BLOCK_BYTES;
	return id;
}

uint8_t unit_payload_byte(uint64_t i)
{
	return (uint8_t)(i * 7 + i / BLOCK_BYTES);
}

void unit_write_chunk(const char *path, const struct identifier *id, const void *head, size_t head_length)
{
	size_t start = (head_length + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
	size_t length = start + id->chunk_length + IDENTIFIER_BYTES;
	uint8_t *file = calloc(1, length);

	assert_non_null(file);
	if (head_length > 0)
		memcpy(file, head, head_length);
	for (uint64_t i = 0; i < id->chunk_length; i++)
		file[start + i] = unit_payload_byte(id->chunk_offset + i);
	identifier_encode(id, file + start + id->chunk_length);
	unit_write(path, file, length);
	free(file);
}

static void put_le16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static void put_section(uint8_t *header, const char *name, uint32_t offset)
{
	memcpy(header, name, strlen(name));
	put_le32(header + 16, 0x200);
	put_le32(header + 20, offset);
}

void unit_make_pe(uint8_t ret[static PE_BYTES])
{
	memset(ret, 0, PE_BYTES);
	memcpy(ret, "MZ", 2);
	put_le32(ret + 0x3c, PE_COFF);
	memcpy(ret + PE_COFF, "PE\0\0", 4);
	put_le16(ret + PE_COFF + 6, 2);
	put_le16(ret + PE_COFF + 20, 240);
	put_le16(ret + PE_OPTIONAL, 0x20b);
	put_le32(ret + PE_OPTIONAL + 60, 0x400);
	put_le32(ret + PE_OPTIONAL + 108, 16);
	put_section(ret + PE_SECTIONS, ".text", 0x400);
	put_section(ret + PE_SECTIONS + 40, ".eightch", 0x600);
}
