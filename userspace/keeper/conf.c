// SPDX-License-Identifier: GPL-2.0-only
#include "keeper/conf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/text.h"

#define MAX_SECTORS (INT64_MAX / SECTOR_BYTES)

struct parser {
	struct keeper_conf *conf;
	unsigned seen;	/* a bit for each key of the table below */
};

static bool copy_word(const char *value, char *ret, size_t size)
{
	return *value && strlen(value) < size && strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/!:+#@") == strlen(value) &&
	       snprintf(ret, size, "%s", value) > 0;
}

static bool parse_version(const char *value, struct keeper_conf *conf)
{
	uint64_t version;

	(void)conf;
	return text_parse_number(value, KEEPER_CONF_VERSION, KEEPER_CONF_VERSION, &version);
}

static bool parse_device(const char *value, struct keeper_conf *conf)
{
	return copy_word(value, conf->device, sizeof conf->device);
}

static bool parse_verity(const char *value, struct keeper_conf *conf)
{
	return copy_word(value, conf->verity, sizeof conf->verity);
}

static bool parse_filesystem(const char *value, struct keeper_conf *conf)
{
	return (strcmp(value, "vfat") == 0 || strcmp(value, "exfat") == 0 || strcmp(value, "iso9660") == 0) &&
	       copy_word(value, conf->filesystem, sizeof conf->filesystem);
}

static bool parse_carrier(const char *value, struct keeper_conf *conf)
{
	return text_after(value, "/dev/") && copy_word(value, conf->carrier, sizeof conf->carrier);
}

static bool parse_hold(const char *value, struct keeper_conf *conf)
{
	uint64_t seconds;

	if (!text_parse_number(value, 0, KEEPER_MAX_HOLD_SECONDS, &seconds))
		return false;
	conf->hold_seconds = (unsigned)seconds;
	return true;
}

static bool parse_uuid(const char *value, struct keeper_conf *conf)
{
	uint8_t uuid[16];

	return text_parse_uuid(value, uuid) && copy_word(value, conf->uuid, sizeof conf->uuid);
}

static bool parse_root_hash(const char *value, struct keeper_conf *conf)
{
	uint8_t hash[HASH_BYTES];

	return text_parse_hex(value, hash, sizeof hash) && copy_word(value, conf->root_hash, sizeof conf->root_hash);
}

static bool parse_root_block(const char *value, struct keeper_conf *conf)
{
	return text_parse_number(value, 0, INT64_MAX, &conf->root_block) && is_block_aligned(conf->root_block);
}

static bool parse_sectors(const char *value, struct keeper_conf *conf)
{
	return text_parse_number(value, 1, MAX_SECTORS, &conf->sectors);
}

/* Relative, and without a way upwards. */
static bool is_path_below(const char *path)
{
	if (!*path || *path == '/')
		return false;
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
			return false;
	}
	return true;
}

/* The next word of *@rest as a number. */
static bool take_number(char **rest, uint64_t minimum, uint64_t maximum, uint64_t *ret)
{
	char *word = strsep(rest, " ");

	return word && *rest && text_parse_number(word, minimum, maximum, ret);
}

/* "<first sector> <sectors> <bytes> <path>" */
static bool parse_file(const char *value, struct keeper_conf *conf)
{
	autofree char *copy = strdup(value), *path = malloc(PATH_MAX);
	struct keeper_file file = { 0 }, *grown;
	char *rest = copy;

	if (!copy || !path || conf->count >= KEEPER_MAX_FILES || !take_number(&rest, 0, MAX_SECTORS, &file.first_sector) ||
	    !take_number(&rest, 1, MAX_SECTORS, &file.sectors) || !take_number(&rest, 1, INT64_MAX, &file.bytes) ||
	    !unescape_path(rest, strlen(rest), path, PATH_MAX) || !is_path_below(path))
		return false;
	/* Blocks, the identifier's behind them among these, lie within the file. */
	if (!is_block_aligned(file.sectors * SECTOR_BYTES) || (file.first_sector + file.sectors) * SECTOR_BYTES + BLOCK_BYTES > file.bytes)
		return false;
	grown = reallocarray(conf->files, conf->count + 1, sizeof *grown);
	if (!grown)
		return false;
	conf->files = grown;
	file.path = strdup(path);
	if (!file.path)
		return false;
	conf->files[conf->count++] = file;
	return true;
}

static const struct key {
	const char *start;
	bool (*parse)(const char *value, struct keeper_conf *conf);
	bool repeated;
} keys[] = {
	{ "version=", parse_version, false }, { "device=", parse_device, false }, { "verity=", parse_verity, false },
	{ "filesystem=", parse_filesystem, false }, { "carrier=", parse_carrier, false }, { "hold=", parse_hold, false },
	{ "uuid=", parse_uuid, false }, { "root-hash=", parse_root_hash, false }, { "root-block=", parse_root_block, false },
	{ "sectors=", parse_sectors, false }, { "file=", parse_file, true },
};
#define KEYS (sizeof keys / sizeof *keys)

static bool parse_line(const char *line, struct parser *parser)
{
	for (size_t i = 0; i < KEYS; i++) {
		const char *value = text_after(line, keys[i].start);

		if (!value)
			continue;
		if (parser->seen >> i & 1 && !keys[i].repeated)
			return false;
		parser->seen |= 1u << i;
		return keys[i].parse(value, parser->conf);
	}
	return false;
}

static int check_whole(const struct parser *parser, struct error *error)
{
	const struct keeper_conf *conf = parser->conf;
	uint64_t sum = 0;

	for (size_t i = 0; i < KEYS; i++)
		if (!(parser->seen >> i & 1))
			return fail(error, -EBADMSG, "The line \"%s\" is missing", keys[i].start);
	for (size_t i = 0; i < conf->count; i++)
		if (!add_u64(sum, conf->files[i].sectors, &sum))
			return fail(error, -EBADMSG, "The files are too large");
	if (sum != conf->sectors)
		return fail(error, -EBADMSG, "The files have %" PRIu64 " sectors, not %" PRIu64, sum, conf->sectors);
	if (conf->root_block / SECTOR_BYTES + BLOCK_BYTES / SECTOR_BYTES > conf->sectors)
		return fail(error, -EBADMSG, "The root block lies outside the archive");
	return 0;
}

int keeper_conf_parse(char *text, struct keeper_conf *ret, struct error *error)
{
	struct keeper_conf conf = { 0 };
	struct parser parser = { .conf = &conf };
	char *rest = text, *line;
	int r = 0;

	while (r >= 0 && (line = strsep(&rest, "\n")))
		if ((*line || rest) && !parse_line(line, &parser))
			r = fail(error, -EBADMSG, "The line \"%.80s\" is not understood", line);
	if (r >= 0)
		r = check_whole(&parser, error);
	if (r < 0)
		keeper_conf_release(&conf);
	else
		*ret = conf;
	return r;
}

void keeper_conf_release(struct keeper_conf *conf)
{
	for (size_t i = 0; i < conf->count; i++)
		free(conf->files[i].path);
	free(conf->files);
	*conf = (struct keeper_conf){ 0 };
}

static bool print_path(FILE *out, const char *path)
{
	autofree char *escaped = malloc(ESCAPED_PATH_BYTES);

	return escaped && escape_path(path, escaped, ESCAPED_PATH_BYTES) && fputs(escaped, out) >= 0;
}

/* Closing moves the text: it is where it stays only after that. */
static char *finish(FILE *out, char **text, bool good)
{
	if (fclose(out) == 0 && good)
		return *text;
	free(*text);
	return NULL;
}

char *keeper_conf_format(const struct keeper_conf *conf)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool good = true;

	if (!out)
		return NULL;
	fprintf(out, "version=%u\ndevice=%s\nverity=%s\nfilesystem=%s\ncarrier=%s\nhold=%u\nuuid=%s\nroot-hash=%s\n", KEEPER_CONF_VERSION,
		conf->device, conf->verity, conf->filesystem, conf->carrier, conf->hold_seconds, conf->uuid, conf->root_hash);
	fprintf(out, "root-block=%" PRIu64 "\nsectors=%" PRIu64 "\n", conf->root_block, conf->sectors);
	for (size_t i = 0; i < conf->count; i++) {
		const struct keeper_file *file = &conf->files[i];

		fprintf(out, "file=%" PRIu64 " %" PRIu64 " %" PRIu64 " ", file->first_sector, file->sectors, file->bytes);
		good &= print_path(out, file->path);
		fputc('\n', out);
	}
	return finish(out, &text, good && !ferror(out));
}

char *keeper_conf_table(const struct keeper_conf *conf, const char *carrier, unsigned hold_seconds)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool good = true;

	if (!out)
		return NULL;
	fprintf(out, "%zu", conf->count);
	for (size_t i = 0; i < conf->count; i++) {
		fprintf(out, " %s/", carrier);
		good &= print_path(out, conf->files[i].path);
		fprintf(out, " %" PRIu64 " %" PRIu64, conf->files[i].first_sector, conf->files[i].sectors);
	}
	if (hold_seconds)
		fprintf(out, " 2 hold %u", hold_seconds);
	return finish(out, &text, good && !ferror(out));
}
