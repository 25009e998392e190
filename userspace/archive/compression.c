// SPDX-License-Identifier: GPL-2.0-only
#include "archive/compression.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "archive/kernelconfig.h"
#include "base/error.h"
#include "base/text.h"

/* Levels as erofs-utils 1.8 has them; the kernel's options are in fs/erofs/Kconfig. */
static const struct algorithm {
	const char *name;
	unsigned lowest, highest, usual;	/* levels; highest 0: it has none */
	const char *config;
} algorithms[] = {
	/* zstd,9: 2 % larger than level 15, nine times as quick (a 121 MB rescue tree) */
	{ "zstd", 1, 22, 9, "CONFIG_EROFS_FS_ZIP_ZSTD" },
	{ "lzma", 0, 9, 6, "CONFIG_EROFS_FS_ZIP_LZMA" },
	{ "lz4hc", 1, 12, 12, "CONFIG_EROFS_FS_ZIP" },
	{ "lz4", 0, 0, 0, "CONFIG_EROFS_FS_ZIP" },
	{ "deflate", 1, 9, 9, "CONFIG_EROFS_FS_ZIP_DEFLATE" },
	{ "none", 0, 0, 0, NULL },
};

static const struct algorithm *find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (strlen(algorithms[i].name) == length && strncmp(algorithms[i].name, name, length) == 0)
			return &algorithms[i];
	return NULL;
}

static int parse_level(const struct algorithm *algorithm, const char *text, uint64_t *ret_level, struct error *error)
{
	if (algorithm->highest == 0)
		return fail(error, -EINVAL, "The compression %s has no levels", algorithm->name);
	if (strcmp(text, "max") == 0)
		*ret_level = algorithm->highest;
	else if (!text_parse_number(text, algorithm->lowest, algorithm->highest, ret_level))
		return fail(error, -EINVAL, "The level \"%s\" of %s is neither a number from %u to %u nor max", text, algorithm->name,
			    algorithm->lowest, algorithm->highest);
	return 0;
}

int compression_parse(const char *text, struct compression *ret, struct error *error)
{
	size_t length = strcspn(text, ",");
	const struct algorithm *algorithm = find(text, length);
	uint64_t level;
	int r;

	if (!algorithm)
		return fail(error, -EINVAL, "There is no compression \"%.*s\": choose zstd, lzma, lz4hc, lz4, deflate or none", (int)length, text);
	level = algorithm->usual;
	if (text[length] == ',') {
		r = parse_level(algorithm, text + length + 1, &level, error);
		if (r < 0)
			return r;
	}
	*ret = (struct compression){ .name = algorithm->name, .config = algorithm->config };
	if (algorithm->highest)
		snprintf(ret->mkfs_option, sizeof ret->mkfs_option, "-z%s,level=%u", algorithm->name, (unsigned)level);
	else if (algorithm->config)
		snprintf(ret->mkfs_option, sizeof ret->mkfs_option, "-z%s", algorithm->name);
	return 0;
}

int compression_check(const struct compression *compression, const char *config, struct error *error)
{
	if (!compression->config || kernel_config_has(config, compression->config))
		return 0;
	return fail(error, -EOPNOTSUPP, "The kernel cannot read %s archives (%s is not set). Use --compression %s", compression->name,
		    compression->config, kernel_config_has(config, "CONFIG_EROFS_FS_ZIP") ? "lz4hc" : "none");
}
