// SPDX-License-Identifier: GPL-2.0-only
#include "tool/boot_page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define SHOWN_DIGITS 16	/* of the root hash */
#define MAX_ADVICE 4u	/* different ones; the rest is in boot.json */

/* Of a code without an entry the last one holds. */
static const struct {
	int code;
	const char *advice;
} advice_table[] = {
	{ -EKEYREJECTED, "A file is damaged: check it with \"ukiblk verify\", copy it again" },
	{ -EBADMSG, "A file is damaged or cut off: copy it again, and eject the disk before unplugging it" },
	{ -ENODATA, "Chunks are missing: copy all files of the archive to the same folder" },
	{ -EOPNOTSUPP, "An archive is newer than the .efi file: take both from the same build" },
	{ -ETIMEDOUT, "A disk does not answer: try another port, then another disk" },
	{ -EIO, "A disk cannot be read: try another port, then another disk" },
	{ 0, NULL },
};

const char *boot_report_advice(const struct boot_finding *finding)
{
	if (finding->code == 0)
		return "";
	if (finding->code == -ENOENT)
		return *finding->object ? "The .efi file and the archive must be of the same build: copy both again" :
					  "Copy the archive's files to one of the folders that are searched";
	for (size_t i = 0; advice_table[i].advice; i++)
		if (advice_table[i].code == finding->code)
			return advice_table[i].advice;
	return "Another disk or port may do; the kernel's log has more";
}

/* Text in lines. */

struct page {
	char *text;
	size_t length;
	FILE *out;
};

static bool page_open(struct page *page)
{
	*page = (struct page){ 0 };
	page->out = open_memstream(&page->text, &page->length);
	return page->out;
}

static char *page_close(struct page *page)
{
	bool failed = ferror(page->out);

	if (fclose(page->out) != 0 || failed) {
		free(page->text);
		return NULL;
	}
	return page->text;
}

/* Bytes and columns differ in UTF-8. */
static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* How many bytes of @text go into @columns: up to the last blank that fits, or as many as fit. */
static size_t line_bytes(const char *text, unsigned columns)
{
	unsigned column = 0;
	size_t blank = 0, i;

	for (i = 0; text[i]; i++) {
		if (text[i] == ' ')
			blank = i;
		if (!is_continuation(text[i]) && column++ == columns)
			return blank ? blank : i;
	}
	return i;
}

/* Writes @text in lines of the screen, the second and later ones indented by @indent more; NULL: counts only. */
static unsigned put_lines(FILE *out, unsigned indent, const char *text)
{
	unsigned lines = 0, margin = indent ? 2 : 0;

	do {
		size_t n = line_bytes(text, BOOT_PAGE_COLUMNS - 1 - margin);

		if (out)
			fprintf(out, "%*s%.*s\n", (int)margin, "", (int)n, text);
		text += n + (text[n] == ' ');
		margin = 2 + indent;
		lines++;
	} while (*text);
	return lines;
}

static char *finding_text(const struct boot_finding *finding)
{
	char *text;

	return asprintf(&text, "%s%s%s: %s.", finding->device, *finding->object ? " " : "", finding->object, finding->sentence) < 0 ? NULL : text;
}

static void format_size(uint64_t bytes, char *ret_text, size_t size)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 999.5; unit++)
		value /= 1000;
	snprintf(ret_text, size, "%.0f %s", value, units[unit]);
}

static char *disk_text(const struct disk *disk)
{
	char size[32], *text;
	const char *reason = *disk->reason ? disk->reason : "It was not looked at";

	format_size(disk->bytes, size, sizeof size);
	if (disk->bytes == 0)
		return asprintf(&text, "%s: %s.", disk->node, reason) < 0 ? NULL : text;
	return asprintf(&text, "%s (%s%s%s): %s.", disk->node, disk->content, *disk->content ? ", " : "", size, reason) < 0 ? NULL : text;
}

char *boot_page_status(const struct boot_status *status)
{
	double left = status->left > 0 ? status->left : 0;
	char *text = NULL;
	int r;

	switch (status->phase) {
	case BOOT_LOCATE:
		if (*status->device)
			r = asprintf(&text, "ukiblk: searching for the archive with root hash %.*s...: looking at %s, %.0f s left.", SHOWN_DIGITS,
				     status->root_hash, status->device, left);
		else
			r = asprintf(&text, "ukiblk: waiting for the archive with root hash %.*s..., %.0f s left. Plug in the disk that holds it.",
				     SHOWN_DIGITS, status->root_hash, left);
		break;
	default:
		r = asprintf(&text, "ukiblk: found the archive %s on %s; %s, %.0f s so far. Leave the disk plugged in.", status->object,
			     status->device, status->phase == BOOT_MAP ? "asking where its blocks lie" :
			     status->phase == BOOT_VERIFY ? "verifying it" : "mounting it", status->spent);
	}
	return r < 0 ? NULL : text;
}

char *boot_page_wrap(const char *text)
{
	struct page page;

	if (!page_open(&page))
		return NULL;
	put_lines(page.out, 0, text);
	return page_close(&page);
}

char *boot_page_findings(const struct boot_report *report)
{
	struct page page;

	if (!page_open(&page))
		return NULL;
	for (size_t i = 0; i < report->count; i++) {
		autofree char *text = finding_text(&report->findings[i]);

		if (text)
			put_lines(page.out, 2, text);
	}
	if (report->count == 0)
		fputs("  No disk with a FAT, exFAT or ISO 9660 filesystem was seen yet.\n", page.out);
	return page_close(&page);
}

/* Candidates come before devices that hold none: they are what a person looks for when there is a cut. */
static size_t collect_entries(const struct boot_report *report, char **entries)
{
	size_t count = 0;

	for (int with_object = 1; with_object >= 0; with_object--)
		for (size_t i = 0; i < report->count; i++)
			if (!!*report->findings[i].object == with_object)
				entries[count++] = finding_text(&report->findings[i]);
	for (size_t i = 0; i < report->disk_count; i++)
		if (!boot_report_has_device(report, report->disks[i].node))
			entries[count++] = disk_text(&report->disks[i]);
	return count;
}

static bool is_among(const char *text, const char *const *advice, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(advice[i], text) == 0)
			return true;
	return false;
}

/* Different ones, in the order of the entries. */
static size_t collect_advice(const struct boot_report *report, const char **advice)
{
	size_t count = 0;

	for (int with_object = 1; with_object >= 0; with_object--)
		for (size_t i = 0; i < report->count && count < MAX_ADVICE; i++) {
			const char *text = boot_report_advice(&report->findings[i]);

			if (!!*report->findings[i].object == with_object && *text && !is_among(text, advice, count))
				advice[count++] = text;
		}
	return count;
}

static unsigned put_advice(FILE *out, const struct boot_report *report)
{
	const char *advice[MAX_ADVICE];
	size_t count = collect_advice(report, advice);
	unsigned lines = put_lines(out, 0, "What you can do:");

	for (size_t i = 0; i < count; i++) {
		autofree char *text = NULL;

		if (asprintf(&text, "%s.", advice[i]) < 0)
			text = NULL;
		else
			lines += put_lines(out, 2, text);
	}
	lines += put_lines(out, 2, "Plug in the disk that holds the archive, and restart.");
	lines += put_lines(out, 2, "Words for the kernel command line: rd.ukiblk.timeout=SECONDS to wait longer, rd.shell for a shell.");
	return lines;
}

/* As many entries as there are lines for; one line is kept for the number of the others. */
static void put_entries(FILE *out, char *const *entries, size_t count, unsigned room)
{
	for (size_t i = 0; i < count; i++) {
		unsigned lines = entries[i] ? put_lines(NULL, 2, entries[i]) : 0;

		if (lines > room || (lines == room && i + 1 < count)) {
			fprintf(out, "  ... and %zu more: see /run/ukiblk/boot.json.\n", count - i);
			return;
		}
		if (entries[i])
			put_lines(out, 2, entries[i]);
		room -= lines;
	}
	if (count == 0)
		fputs("  No disk was seen.\n", out);
}

char *boot_page_failure(const struct boot_report *report)
{
	char *entries[BOOT_MAX_FINDINGS + BOOT_MAX_DISKS];
	autofree char *head = NULL;
	size_t count = collect_entries(report, entries);
	char *text = NULL;
	unsigned lines;
	struct page page;

	if (asprintf(&head, "ukiblk: %s.", report->sentence) < 0)
		head = NULL;
	if (head && page_open(&page)) {
		/* The line of the hash, and an empty one before and behind it all. */
		lines = put_lines(NULL, 0, head) + put_advice(NULL, report) + 3;
		fputc('\n', page.out);
		put_lines(page.out, 0, head);
		fprintf(page.out, "The wanted root hash is %.*s.... Looked at:\n", SHOWN_DIGITS, report->root_hash);
		put_entries(page.out, entries, count, lines < BOOT_PAGE_LINES ? BOOT_PAGE_LINES - lines : 1);
		fputc('\n', page.out);
		put_advice(page.out, report);
		text = page_close(&page);
	}
	for (size_t i = 0; i < count; i++)
		free(entries[i]);
	return text;
}
