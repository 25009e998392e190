// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "keeper/conf.h"
#include "map/device.h"
#include "map/table.h"
#include "tool/boot_outlive.h"

/* The path below the carrier's mount, which the table has in full. */
static const char *below_carrier(const char *path, const char *carrier)
{
	const char *rest = text_after(path, carrier);

	return rest && *rest == '/' ? rest + 1 : NULL;
}

static int add_file(struct keeper_conf *conf, const char *table, unsigned index, const char *carrier, struct error *error)
{
	struct keeper_file *file = &conf->files[index];
	char path[PATH_MAX];
	uint64_t first, length;
	const char *name;
	struct stat st;

	if (!map_table_file(table, index, path, sizeof path, &first, &length) || !(name = below_carrier(path, carrier)))
		return fail(error, -EBADMSG, "The archive's table is not understood");
	if (stat(path, &st) < 0)
		return fail(error, -errno, "Cannot look at %s: %s", path, strerror(errno));
	*file = (struct keeper_file){ .first_sector = first / SECTOR_BYTES, .sectors = length / SECTOR_BYTES, .bytes = (uint64_t)st.st_size,
				      .path = strdup(name) };
	conf->count++;
	return file->path ? 0 : fail(error, -ENOMEM, "Out of memory");
}

static int add_files(struct keeper_conf *conf, const char *table, const char *carrier, struct error *error)
{
	unsigned files = 0;
	int r = 0;

	if (sscanf(table, "%u ", &files) != 1 || files == 0 || files > KEEPER_MAX_FILES)
		return fail(error, -EBADMSG, "The archive's table is not understood");
	conf->files = calloc(files, sizeof *conf->files);
	if (!conf->files)
		return fail(error, -ENOMEM, "Out of memory");
	for (unsigned i = 0; r >= 0 && i < files; i++)
		r = add_file(conf, table, i, carrier, error);
	return r;
}

/* Of the first chunk, which has what is said of the whole archive as all have. */
static int add_archive(struct keeper_conf *conf, const char *table, struct error *error)
{
	struct chunkfile file;
	char path[PATH_MAX];
	uint64_t first, length;
	int r;

	if (!map_table_file(table, 0, path, sizeof path, &first, &length))
		return fail(error, -EBADMSG, "The archive's table is not understood");
	r = chunkfile_read(AT_FDCWD, path, path, &file, error);
	if (r < 0)
		return r;
	text_format_uuid(file.id.uuid, conf->uuid);
	conf->root_block = file.id.hash_offset + BLOCK_BYTES;	/* behind the superblock */
	conf->sectors = file.id.total_length / SECTOR_BYTES;
	chunkfile_release(&file);
	return 0;
}

static unsigned hold_seconds(const struct boot *boot)
{
	if (boot->words.hold_seconds != BOOT_HOLD_BY_DISK)
		return boot->words.hold_seconds;
	return boot->taken->examination.device.can_be_pulled ? BOOT_DEFAULT_HOLD_SECONDS : 0;
}

static int fill_conf(const struct boot *boot, const char *table, struct keeper_conf *conf, struct error *error)
{
	const struct examination *taken = &boot->taken->examination;
	int r;

	snprintf(conf->device, sizeof conf->device, "%s", taken->names.archive);
	snprintf(conf->verity, sizeof conf->verity, "%s", taken->names.verity);
	snprintf(conf->filesystem, sizeof conf->filesystem, "%s", taken->device.fstype);
	snprintf(conf->carrier, sizeof conf->carrier, "%s", taken->device.node);
	snprintf(conf->root_hash, sizeof conf->root_hash, "%s", boot->report.root_hash);
	conf->hold_seconds = hold_seconds(boot);
	r = add_files(conf, table, taken->carrier, error);
	return r < 0 ? r : add_archive(conf, table, error);
}

static int write_conf(const struct boot *boot, const char *table, struct error *error)
{
	struct keeper_conf conf = { 0 };
	autofree char *text = NULL;
	int r = fill_conf(boot, table, &conf, error);

	if (r >= 0) {
		text = keeper_conf_format(&conf);
		r = text ? outlive_write_file(KEEPER_CONF_PATH, 0600, text, strlen(text), error) : fail(error, -ENOMEM, "Out of memory");
	}
	keeper_conf_release(&conf);
	return r;
}

int boot_leave_keeper(const struct boot *boot, struct error *error)
{
	struct map_device device;
	int r = map_get_device(boot->taken->examination.names.archive, &device, error);

	if (r < 0)
		return r;
	if (device.backend == MAP_MODULE)
		r = write_conf(boot, device.table, error);
	map_release_device(&device);
	return r;
}
