// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "tool/boot_words.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define ROOT "root=ukiblk:" HEX

static struct boot_words good(const char *cmdline)
{
	struct boot_words words;
	struct error error = { "" };

	if (boot_parse_words(cmdline, &words, &error) != 0)
		fail_msg("\"%s\" was refused: %s", cmdline, error.text);
	return words;
}

static void assert_bad(const char *cmdline, const char *sentence)
{
	struct boot_words words, untouched;
	struct error error;

	memset(&words, 0x5a, sizeof words);
	untouched = words;
	assert_refused(boot_parse_words(cmdline, &words, &error), -EINVAL, error, sentence);
	assert_memory_equal(&words, &untouched, sizeof words);
}

static void defaults(void **state)
{
	static const char *const foreign[] = {
		"", "\n", "   ", "quiet splash rw", "root=/dev/sda1", "root=UUID=ukiblk:" HEX, "root=UKIBLK:" HEX, "rd.ukiblk", "ukiblk.timeout=1",
		"xroot=ukiblk:" HEX, "rd.ukiblkx=1", "BOOT_IMAGE=" ROOT,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(foreign); i++) {
		const struct boot_words words = good(foreign[i]);

		assert_false(words.is_ours);
		assert_int_equal(words.timeout_seconds, 60);
		assert_string_equal(words.tmpfs_size, "50%");
	}
}

static void root(void **state)
{
	static const char *const places[] = {
		ROOT, ROOT "\n", "quiet " ROOT, ROOT " quiet", "  quiet\t" ROOT "\tsplash\n", "root=/dev/sda1 " ROOT,
		"root=ukiblk:" "1111111111111111111111111111111111111111111111111111111111111111 " ROOT,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		const struct boot_words words = good(places[i]);

		assert_true(words.is_ours);
		for (unsigned k = 0; k < HASH_BYTES; k++)
			assert_int_equal(words.root_hash[k], k % 16 * 0x11);
	}
	/* The last one counts. */
	assert_false(good(ROOT " root=/dev/sda1").is_ours);
}

static void bad_roots(void **state)
{
	static const char sentence[] = "root=ukiblk: must be followed by the 64 hexadecimal digits of the root hash";

	(void)state;
	assert_bad("root=ukiblk:", sentence);
	assert_bad("root=ukiblk: " HEX, sentence);
	assert_bad("root=ukiblk:0123", sentence);
	assert_bad(ROOT "0", sentence);
	assert_bad(ROOT ",x", sentence);
	assert_bad("root=ukiblk:g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", sentence);
	assert_bad("root=ukiblk:\"" HEX "\"", sentence);
}

static void timeouts(void **state)
{
	static const char *const bad[] = { "", "0", "-1", "+5", "5s", "1.5", "86401", "99999999999999999999999", "0x10" };

	(void)state;
	assert_int_equal(good("rd.ukiblk.timeout=1").timeout_seconds, 1);
	assert_int_equal(good("rd.ukiblk.timeout=86400").timeout_seconds, 86400);
	assert_int_equal(good("rd.ukiblk.timeout=5 quiet rd.ukiblk.timeout=7").timeout_seconds, 7);
	for (size_t i = 0; i < COUNT(bad); i++) {
		char word[128], sentence[256];

		snprintf(word, sizeof word, "rd.ukiblk.timeout=%s", bad[i]);
		snprintf(sentence, sizeof sentence, "rd.ukiblk.timeout=%s is not a number of seconds from 1 to 86400", bad[i]);
		assert_bad(word, sentence);
	}
}

static void holds(void **state)
{
	static const char *const bad[] = { "", "-1", "60s", "86401", "99999999999999999999999", "yes" };

	(void)state;
	assert_int_equal(good("").hold_seconds, BOOT_HOLD_BY_DISK);
	assert_int_equal(good("rd.ukiblk.hold=0").hold_seconds, 0);
	assert_int_equal(good("rd.ukiblk.hold=5 rd.ukiblk.hold=86400").hold_seconds, 86400);
	for (size_t i = 0; i < COUNT(bad); i++) {
		char word[128], sentence[256];

		snprintf(word, sizeof word, "rd.ukiblk.hold=%s", bad[i]);
		snprintf(sentence, sizeof sentence, "rd.ukiblk.hold=%s is not a number of seconds from 0 to 86400", bad[i]);
		assert_bad(word, sentence);
	}
}

static void overlays(void **state)
{
	static const char *const sizes[] = { "1%", "100%", "1", "4096", "512M", "2G", "1T" };
	static const char *const bad[] = {
		"", "tmpfs,", "tmpfs,size", "tmpfs,size=", "tmpfs,size=0", "tmpfs,size=0%", "tmpfs,size=101%", "tmpfs,size=%", "tmpfs,size=50%%",
		"tmpfs,size=-1", "tmpfs,size=1X", "tmpfs,size=1,exec", "tmpfs,size=50%,mode=777", "Tmpfs", "none", "device=LABEL=x", "tmpfs,mode=1",
		"tmpfs,size=99999999999999999999", "tmpfs,size=1111111111111111111111111111111111111111",
	};
	char word[128], sentence[256];

	(void)state;
	assert_string_equal(good("rd.ukiblk.overlay=tmpfs").tmpfs_size, "50%");
	for (size_t i = 0; i < COUNT(sizes); i++) {
		snprintf(word, sizeof word, "rd.ukiblk.overlay=tmpfs,size=%s", sizes[i]);
		assert_string_equal(good(word).tmpfs_size, sizes[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(word, sizeof word, "rd.ukiblk.overlay=%s", bad[i]);
		snprintf(sentence, sizeof sentence, "rd.ukiblk.overlay=%s is neither tmpfs nor tmpfs,size= with a size or percentage", bad[i]);
		assert_bad(word, sentence);
	}
}

static void the_last_overlay_counts(void **state)
{
	(void)state;
	assert_string_equal(good("rd.ukiblk.overlay=tmpfs,size=1G rd.ukiblk.overlay=tmpfs,size=2G").tmpfs_size, "2G");
	assert_string_equal(good("rd.ukiblk.overlay=tmpfs rd.ukiblk.overlay=tmpfs,size=2G").tmpfs_size, "2G");
	assert_string_equal(good("rd.ukiblk.overlay=tmpfs,size=1G rd.ukiblk.overlay=tmpfs").tmpfs_size, "50%");
}

static void backends_and_policies(void **state)
{
	static const char *const backends[] = { [MAP_AUTO] = "auto", [MAP_MODULE] = "ukiblk", [MAP_LOOP] = "loop" };
	static const char *const policies[] = { [VERIFY_EIO] = "eio", [VERIFY_RESTART] = "restart", [VERIFY_PANIC] = "panic" };
	static const char *const bad[] = { "", "Auto", "auto,", "eio,panic", "none", "0" };
	char word[128], sentence[256];

	(void)state;
	assert_int_equal(good("").backend, MAP_AUTO);
	assert_int_equal(good("").corruption, VERIFY_EIO);
	for (unsigned i = 0; i < COUNT(backends); i++) {
		snprintf(word, sizeof word, "rd.ukiblk.map=loop rd.ukiblk.map=%s", backends[i]);
		assert_int_equal(good(word).backend, i);
	}
	for (unsigned i = 0; i < COUNT(policies); i++) {
		snprintf(word, sizeof word, "rd.ukiblk.corruption=panic rd.ukiblk.corruption=%s", policies[i]);
		assert_int_equal(good(word).corruption, i);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(word, sizeof word, "rd.ukiblk.map=%s", bad[i]);
		snprintf(sentence, sizeof sentence, "rd.ukiblk.map=%s is none of auto, ukiblk, loop", bad[i]);
		assert_bad(word, sentence);
		snprintf(word, sizeof word, "rd.ukiblk.corruption=%s", bad[i]);
		snprintf(sentence, sizeof sentence, "rd.ukiblk.corruption=%s is none of eio, restart, panic", bad[i]);
		assert_bad(word, sentence);
	}
}

/* A misspelt word of ours must not be passed over. */
static void unknown_words(void **state)
{
	static const char *const bad[] = { "rd.ukiblk.", "rd.ukiblk.timeout", "rd.ukiblk.Timeout=5", "rd.ukiblk.time=5", "rd.ukiblk.debug" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char cmdline[256], sentence[256];

		snprintf(cmdline, sizeof cmdline, ROOT " quiet %s splash", bad[i]);
		snprintf(sentence, sizeof sentence, "The kernel command line's word \"%s\" is not understood", bad[i]);
		assert_bad(cmdline, sentence);
	}
}

static void ram(void **state)
{
	static const struct { const char *word; enum ram_mode mode; } words[] = {
		{ "quiet", RAM_NO }, { "rd.ukiblk.ram=no", RAM_NO }, { "rd.ukiblk.ram=yes", RAM_YES }, { "rd.ukiblk.ram=auto", RAM_AUTO },
		{ "rd.ukiblk.ram=before", RAM_BEFORE }, { "rd.ukiblk.ram=yes rd.ukiblk.ram=no", RAM_NO },
	};
	static const char *const bad[] = { "", "Yes", "1", "yes,", "after" };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		assert_int_equal(good(words[i].word).ram, words[i].mode);
	for (size_t i = 0; i < COUNT(bad); i++) {
		char word[64], sentence[128];

		snprintf(word, sizeof word, "rd.ukiblk.ram=%s", bad[i]);
		snprintf(sentence, sizeof sentence, "rd.ukiblk.ram=%s is none of yes, auto, no, before", bad[i]);
		assert_bad(word, sentence);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(ram), cmocka_unit_test(defaults), cmocka_unit_test(root), cmocka_unit_test(bad_roots), cmocka_unit_test(timeouts),
	cmocka_unit_test(holds),
	cmocka_unit_test(overlays), cmocka_unit_test(the_last_overlay_counts),
	cmocka_unit_test(backends_and_policies), cmocka_unit_test(unknown_words),
};
RUN(tests)
