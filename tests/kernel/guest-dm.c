// SPDX-License-Identifier: GPL-2.0-only
/* Device-mapper without libdevmapper: the ioctls themselves, for exact errors and little code. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guest.h"

#define BUFFER_BYTES (1024 * 1024)

static int kmsg = -1;

struct dm_ioctl *dm_request(const char *name, unsigned int flags)
{
	struct dm_ioctl *dm = calloc(1, BUFFER_BYTES);

	dm->version[0] = 4;
	dm->data_size = BUFFER_BYTES;
	dm->data_start = sizeof(*dm);
	dm->flags = flags;
	snprintf(dm->name, sizeof(dm->name), "%s", name);
	return dm;
}

int dm_call(unsigned long command, struct dm_ioctl *dm)
{
	static int control = -1;

	if (control < 0)
		control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	return ioctl(control, command, dm) ? -errno : 0;
}

static int simple(unsigned long command, const char *name, unsigned int flags)
{
	struct dm_ioctl *dm = dm_request(name, flags);
	int r = dm_call(command, dm);

	free(dm);
	return r;
}

struct dm_ioctl *dm_load_request(const char *name, const struct row *rows, unsigned int count, int flags)
{
	struct dm_ioctl *dm = dm_request(name, flags & WRITABLE ? 0 : DM_READONLY_FLAG);
	char *at = (char *)dm + sizeof(*dm);

	dm->target_count = count;
	for (unsigned int i = 0; i < count; i++) {
		struct dm_target_spec *spec = (void *)at;

		spec->sector_start = rows[i].start;
		spec->length = rows[i].sectors;
		snprintf(spec->target_type, sizeof(spec->target_type), "%s", rows[i].type);
		strcpy(at + sizeof(*spec), rows[i].parameters);
		spec->next = (sizeof(*spec) + strlen(rows[i].parameters) + 8) & ~7UL;
		at += spec->next;
	}
	return dm;
}

static int load(const char *name, const struct row *rows, unsigned int count, int flags)
{
	struct dm_ioctl *dm = dm_load_request(name, rows, count, flags);
	int r = dm_call(DM_TABLE_LOAD, dm);

	free(dm);
	return r;
}

/* With a UUID as the tool gives them: it shows no others. */
static int create(const char *name)
{
	struct dm_ioctl *dm = dm_request(name, 0);
	int r;

	snprintf(dm->uuid, sizeof(dm->uuid), "UKIBLK-%s", name);
	r = dm_call(DM_DEV_CREATE, dm);
	free(dm);
	return r;
}

int dm_create(const char *name, const struct row *rows, unsigned int count, int flags)
{
	int r = create(name);

	if (r)
		return r;
	r = load(name, rows, count, flags);
	if (!r)
		r = simple(DM_DEV_SUSPEND, name, 0);
	if (r)
		dm_remove(name);
	return r;
}

/* Without freezing what is mounted on it: the tests pull devices from under filesystems. */
int dm_reload(const char *name, const struct row *rows, unsigned int count, int flags)
{
	int r = simple(DM_DEV_SUSPEND, name, DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG);

	if (!r)
		r = load(name, rows, count, flags);
	return r ? r : simple(DM_DEV_SUSPEND, name, 0);
}

int dm_swap(const char *name, const struct row *rows, unsigned int count, int flags)
{
	int r = count ? load(name, rows, count, flags) : 0;

	if (!r)
		r = simple(DM_DEV_SUSPEND, name, DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG | DM_NOFLUSH_FLAG);
	return r ? r : simple(DM_DEV_SUSPEND, name, 0);
}

int dm_suspend(const char *name)
{
	return simple(DM_DEV_SUSPEND, name, DM_SUSPEND_FLAG);
}

int dm_resume(const char *name)
{
	return simple(DM_DEV_SUSPEND, name, 0);
}

uint32_t dm_events(const char *name)
{
	struct dm_ioctl *dm = dm_request(name, 0);
	uint32_t number;

	check(!dm_call(DM_DEV_STATUS, dm), "no device %s", name);
	number = dm->event_nr;
	free(dm);
	return number;
}

int dm_remove(const char *name)
{
	return simple(DM_DEV_REMOVE, name, 0);
}

int dm_get(const char *name, char kind, uint64_t *sectors, char *parameters, size_t size)
{
	struct dm_ioctl *dm = dm_request(name, kind == 't' ? DM_STATUS_TABLE_FLAG : 0);
	struct dm_target_spec *spec = (void *)((char *)dm + sizeof(*dm));
	int r = dm_call(DM_TABLE_STATUS, dm);

	if (!r) {
		*sectors = spec->length;
		snprintf(parameters, size, "%s", (char *)(spec + 1));
	}
	free(dm);
	return r;
}

const char *dm_path(const char *name)
{
	static char path[32];
	struct dm_ioctl *dm = dm_request(name, 0);

	check(!dm_call(DM_DEV_STATUS, dm), "no device %s", name);
	snprintf(path, sizeof(path), "/dev/dm-%u", minor(dm->dev));
	free(dm);
	return path;
}

static int attach_v(uint64_t sectors, const char *parameters, va_list ap)
{
	struct row row = { 0, sectors, "ukiblk", NULL };
	char *text = NULL;
	int r;

	if (vasprintf(&text, parameters, ap) < 0)
		return -ENOMEM;
	row.parameters = text;
	r = dm_create("t", &row, 1, 0);
	free(text);
	return r;
}

int attach(uint64_t sectors, const char *parameters, ...)
{
	va_list ap;
	int r;

	va_start(ap, parameters);
	r = attach_v(sectors, parameters, ap);
	va_end(ap);
	return r;
}

bool detach(void)
{
	int r = dm_remove("t");

	return check(!r, "detach: %s", strerror(-r));
}

struct status status(void)
{
	struct status s = { 0 };
	char text[256] = "";
	uint64_t sectors;

	check(!dm_get("t", 'i', &sectors, text, sizeof(text)) &&
	      sscanf(text, "%u %u %lld %15s %u %lld %u", &s.files, &s.extents, &s.errors, s.state, &s.waiting, &s.lost, &s.nameless) == 7,
	      "status \"%s\"", text);
	return s;
}

void expect_refusal(int error, const char *sentence, uint64_t sectors, const char *parameters, ...)
{
	va_list ap;
	int r;

	log_mark();
	va_start(ap, parameters);
	r = attach_v(sectors, parameters, ap);
	va_end(ap);
	if (!r)
		dm_remove("t");
	check(r == -error, "\"%s\": expected %s, got %s", parameters, strerror(error), strerror(-r));
	check(log_has_sentence(sentence), "\"%s\": the log lacks: %s", parameters, sentence);
}

void log_mark(void)
{
	if (kmsg >= 0)
		close(kmsg);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	lseek(kmsg, 0, SEEK_END);
}

static bool is_sentence(const char *line, const char *sentence)
{
	const char *said = strstr(line, ": ukiblk: ");

	if (!strstr(line, "device-mapper: table: ") || !said)
		return false;
	said += strlen(": ukiblk: ");
	if (strncmp(said, sentence, strlen(sentence)))
		return false;
	/* Newer kernels add the error in brackets. */
	said += strlen(sentence);
	return !*said || *said == '\n' || !strncmp(said, " (-", 3);
}

static unsigned int log_find(const char *text, bool sentence)
{
	unsigned int found = 0;
	char line[8192];
	ssize_t n;

	while ((n = read(kmsg, line, sizeof(line) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		line[n] = '\0';
		found += sentence ? is_sentence(line, text) : !!strstr(line, text);
	}
	return found;
}

unsigned int log_count(const char *text)
{
	return log_find(text, false);
}

bool log_has(const char *text)
{
	return log_find(text, false);
}

bool log_has_sentence(const char *sentence)
{
	return log_find(sentence, true);
}
