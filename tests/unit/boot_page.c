// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "tool/boot_page.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct boot_report report;

static void start(const char *sentence)
{
	report = (struct boot_report){ .root_hash = HEX };
	snprintf(report.sentence, sizeof report.sentence, "%s", sentence);
}

static void find(int code, const char *device, const char *object, const char *sentence)
{
	struct boot_finding finding = { .code = code };

	snprintf(finding.device, sizeof finding.device, "%s", device);
	snprintf(finding.object, sizeof finding.object, "%s", object);
	snprintf(finding.sentence, sizeof finding.sentence, "%s", sentence);
	boot_report_add(&report, &finding);
}

static void plug(const char *node, const char *content, uint64_t bytes, const char *reason)
{
	struct disk *disk = &report.disks[report.disk_count++];

	*disk = (struct disk){ .bytes = bytes };
	snprintf(disk->node, sizeof disk->node, "%s", node);
	snprintf(disk->content, sizeof disk->content, "%s", content);
	snprintf(disk->reason, sizeof disk->reason, "%s", reason);
}

static void assert_text(char *text, const char *wanted)
{
	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

static void status(void **state)
{
	struct boot_status s = { .root_hash = HEX, .device = "/dev/sda1", .object = "/tiny.erofs", .left = 41.6, .spent = 12.2 };

	(void)state;
	assert_text(boot_page_status(&s), "ukiblk: searching for the archive with root hash 0011223344556677...: looking at /dev/sda1, 42 s left.");
	s.device = "";
	assert_text(boot_page_status(&s), "ukiblk: waiting for the archive with root hash 0011223344556677..., 42 s left. "
		    "Plug in the disk that holds it.");
	s.left = -3;
	assert_text(boot_page_status(&s), "ukiblk: waiting for the archive with root hash 0011223344556677..., 0 s left. "
		    "Plug in the disk that holds it.");
	s.device = "/dev/sda1";
	s.phase = BOOT_MAP;
	assert_text(boot_page_status(&s), "ukiblk: found the archive /tiny.erofs on /dev/sda1; asking where its blocks lie, 12 s so far. "
		    "Leave the disk plugged in.");
	s.phase = BOOT_VERIFY;
	assert_text(boot_page_status(&s), "ukiblk: found the archive /tiny.erofs on /dev/sda1; verifying it, 12 s so far. Leave the disk plugged in.");
	s.phase = BOOT_MOUNT;
	assert_text(boot_page_status(&s), "ukiblk: found the archive /tiny.erofs on /dev/sda1; mounting it, 12 s so far. Leave the disk plugged in.");
}

static void wrapping(void **state)
{
	char text[300], wanted[400];

	(void)state;
	assert_text(boot_page_wrap("short"), "short\n");
	/* 79 columns are a line, whatever they have in bytes. */
	memset(text, 'x', 79);
	strcpy(text + 79, " y");
	snprintf(wanted, sizeof wanted, "%.79s\n  y\n", text);
	assert_text(boot_page_wrap(text), wanted);
	strcpy(text + 76, "äöü y");
	snprintf(wanted, sizeof wanted, "%.76säöü\n  y\n", text);
	assert_text(boot_page_wrap(text), wanted);
	/* A word without an end is cut. */
	memset(text, 'x', 100);
	text[100] = '\0';
	snprintf(wanted, sizeof wanted, "%.79s\n  %.21s\n", text, text);
	assert_text(boot_page_wrap(text), wanted);
}

static void findings(void **state)
{
	(void)state;
	start("");
	assert_text(boot_page_findings(&report), "  No disk with a FAT, exFAT or ISO 9660 filesystem was seen yet.\n");
	find(-ENOENT, "/dev/sda1", "", "No archive in the folders /, /EFI/Linux, /EFI/BOOT and /ukiblk");
	find(-EBADMSG, "/dev/sdb1", "/a.erofs", "It is damaged");
	assert_text(boot_page_findings(&report), "  /dev/sda1: No archive in the folders /, /EFI/Linux, /EFI/BOOT and /ukiblk.\n"
		    "  /dev/sdb1 /a.erofs: It is damaged.\n");
}

#define GENERAL "  Plug in the disk that holds the archive, and restart.\n" \
	"  Words for the kernel command line: rd.ukiblk.timeout=SECONDS to wait longer,\n    rd.shell for a shell.\n"

static void whole_page(void **state)
{
	(void)state;
	start("The archive was not found within 60 seconds");
	find(-ENOENT, "/dev/sda1", "", "No archive in the folders /, /EFI/Linux, /EFI/BOOT and /ukiblk");
	find(-EKEYREJECTED, "/dev/sdb1", "/a.erofs", "It is damaged");
	plug("/dev/sda1", "vfat", 500000000, "");
	plug("/dev/sda2", "ext4", 20000000000, "Not searched: only FAT, exFAT and ISO 9660 are");
	plug("/dev/sdc", "", 1000, "No filesystem");
	plug("/dev/sr0", "", 0, "No medium");
	assert_text(boot_page_failure(&report),
		    "\nukiblk: The archive was not found within 60 seconds.\nThe wanted root hash is 0011223344556677.... Looked at:\n"
		    "  /dev/sdb1 /a.erofs: It is damaged.\n"
		    "  /dev/sda1: No archive in the folders /, /EFI/Linux, /EFI/BOOT and /ukiblk.\n"
		    "  /dev/sda2 (ext4, 20 GB): Not searched: only FAT, exFAT and ISO 9660 are.\n"
		    "  /dev/sdc (1 kB): No filesystem.\n"
		    "  /dev/sr0: No medium.\n"
		    "\nWhat you can do:\n"
		    "  A file is damaged: check it with \"ukiblk verify\", copy it again.\n"
		    "  Copy the archive's files to one of the folders that are searched.\n" GENERAL);
}

static void no_disk(void **state)
{
	(void)state;
	start("The archive was not found within 60 seconds");
	assert_text(boot_page_failure(&report),
		    "\nukiblk: The archive was not found within 60 seconds.\nThe wanted root hash is 0011223344556677.... Looked at:\n"
		    "  No disk was seen.\n\nWhat you can do:\n" GENERAL);
}

static unsigned widest(const char *text, unsigned *ret_lines)
{
	unsigned width = 0, column = 0;

	*ret_lines = 0;
	for (; *text; text++) {
		if (*text == '\n') {
			*ret_lines += 1;
			column = 0;
		} else if (((unsigned char)*text & 0xc0) != 0x80 && ++column > width) {
			width = column;
		}
	}
	return width;
}

/* However many there are and whatever they are called: one screen, and the rest is counted. */
static void always_one_screen(void **state)
{
	static const int codes[] = { -EKEYREJECTED, -EBADMSG, -ENODATA, -EOPNOTSUPP, -ETIMEDOUT, -EIO, -ENOENT, -EPERM };
	char device[32], sentence[400];

	(void)state;
	for (unsigned round = 0; round < 80; round++) {
		unsigned count = round % 40 < 36 ? round % 40 : BOOT_MAX_FINDINGS - (39 - round % 40), long_ones = round < 40 ? 5 : BOOT_MAX_FINDINGS;
		unsigned lines, more = 0, shown = 0;
		char *page, *cut;

		start("The archive was not found within 60 seconds");
		memset(sentence, 'w', sizeof sentence);
		sentence[sizeof sentence - 1] = '\0';
		for (unsigned i = 0; i < count; i++) {
			snprintf(device, sizeof device, "/dev/sd%u", i);
			sentence[i * 7 % 300] = ' ';
			find(codes[i % COUNT(codes)], device, i % 3 ? "/file.erofs" : "", (i + 1) % long_ones ? "short" : sentence + 100);
		}
		page = boot_page_failure(&report);
		assert_non_null(page);
		assert_in_range(widest(page, &lines), 10, 79);
		assert_in_range(lines, 5, 24);
		cut = strstr(page, "  ... and ");
		assert_int_equal(!!cut, cut && sscanf(cut, "  ... and %u more: see /run/ukiblk/boot.json.", &more) == 1);
		for (const char *p = page; (p = strstr(p, "\n  /dev/")); p++)
			shown++;
		assert_int_equal(shown + more, count);
		assert_true(count == 0 || shown > 0);
		assert_true(!cut || lines > 20);
		free(page);
	}
}

static void advice(void **state)
{
	struct boot_finding finding = { .code = 0 };

	(void)state;
	assert_string_equal(boot_report_advice(&finding), "");
	for (finding.code = -200; finding.code < 0; finding.code++)
		assert_true(strlen(boot_report_advice(&finding)) > 20);
}

static void loader_time(void **state)
{
	static const uint8_t good[] = { '1', 0, '2', 0, '5', 0, '0', 0, '0', 0, '0', 0, '0', 0, 0, 0 };
	static const uint8_t bad[] = { '1', 1, '2', 0, 0, 0 };

	(void)state;
	assert_true(boot_times_decode(good, sizeof good) == 1.25);
	assert_true(boot_times_decode(bad, sizeof bad) == BOOT_TIME_UNKNOWN);
	assert_true(boot_times_decode(good, 0) == BOOT_TIME_UNKNOWN);
	assert_true(boot_times_decode(good, 1000) == BOOT_TIME_UNKNOWN);
}

static void phases(void **state)
{
	struct boot_times times = { .kernel = 2, .firmware = 3, .end = 20 };

	(void)state;
	times.begin[BOOT_LOCATE] = 5;
	assert_true(boot_times_of(&times, BOOT_LOCATE) == 15);
	assert_true(boot_times_of(&times, BOOT_MAP) == BOOT_TIME_UNKNOWN);
	boot_times_enter(&times, BOOT_MAP, 7);
	boot_times_enter(&times, BOOT_VERIFY, 8);
	/* That one failed; the next begins anew. */
	boot_times_enter(&times, BOOT_MAP, 10);
	assert_true(boot_times_of(&times, BOOT_LOCATE) == 5);
	assert_true(boot_times_of(&times, BOOT_MAP) == 10);
	assert_true(boot_times_of(&times, BOOT_VERIFY) == BOOT_TIME_UNKNOWN);
	assert_true(boot_times_initrd(&times) == 3);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(status), cmocka_unit_test(wrapping), cmocka_unit_test(findings), cmocka_unit_test(whole_page),
	cmocka_unit_test(no_disk), cmocka_unit_test(always_one_screen), cmocka_unit_test(advice), cmocka_unit_test(loader_time),
	cmocka_unit_test(phases),
};

RUN(tests)
