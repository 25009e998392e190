// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "archive/compression.h"

static struct compression good(const char *text)
{
	struct compression compression;
	struct error error;

	if (compression_parse(text, &compression, &error) != 0)
		fail_msg("\"%s\" was refused: %s", text, error.text);
	return compression;
}

static void parsed(void **state)
{
	static const struct { const char *text, *name, *option; } rows[] = {
		{ "none", "none", "" }, { "lz4", "lz4", "-zlz4" }, { "zstd", "zstd", "-zzstd,level=9" }, { COMPRESSION_DEFAULT, "zstd", "-zzstd,level=9" },
		{ "zstd,1", "zstd", "-zzstd,level=1" }, { "zstd,max", "zstd", "-zzstd,level=22" }, { "lz4hc", "lz4hc", "-zlz4hc,level=12" },
		{ "lzma,0", "lzma", "-zlzma,level=0" }, { "lzma,max", "lzma", "-zlzma,level=9" }, { "deflate,9", "deflate", "-zdeflate,level=9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct compression compression = good(rows[i].text);

		assert_string_equal(compression.name, rows[i].name);
		assert_string_equal(compression.mkfs_option, rows[i].option);
	}
}

static void refused(void **state)
{
	static const struct { const char *text, *sentence; } rows[] = {
		{ "", "There is no compression \"\": choose zstd, lzma, lz4hc, lz4, deflate or none" },
		{ "zst", "There is no compression \"zst\": choose zstd, lzma, lz4hc, lz4, deflate or none" },
		{ "ZSTD,3", "There is no compression \"ZSTD\": choose zstd, lzma, lz4hc, lz4, deflate or none" },
		{ "zstd -x", "There is no compression \"zstd -x\": choose zstd, lzma, lz4hc, lz4, deflate or none" },
		{ "none,1", "The compression none has no levels" },
		{ "lz4,9", "The compression lz4 has no levels" },
		{ "zstd,", "The level \"\" of zstd is neither a number from 1 to 22 nor max" },
		{ "zstd,0", "The level \"0\" of zstd is neither a number from 1 to 22 nor max" },
		{ "zstd,23", "The level \"23\" of zstd is neither a number from 1 to 22 nor max" },
		{ "zstd,9,9", "The level \"9,9\" of zstd is neither a number from 1 to 22 nor max" },
		{ "lzma,10", "The level \"10\" of lzma is neither a number from 0 to 9 nor max" },
		{ "lz4hc,Max", "The level \"Max\" of lz4hc is neither a number from 1 to 12 nor max" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct compression compression = { .name = "untouched" };
		struct error error;

		assert_refused(compression_parse(rows[i].text, &compression, &error), -EINVAL, error, rows[i].sentence);
		assert_string_equal(compression.name, "untouched");
	}
}

static void kernels(void **state)
{
	static const struct { const char *compression, *config, *sentence; } rows[] = {
		{ "none", "", NULL },
		{ "none", "# CONFIG_EROFS_FS_ZIP is not set\n", NULL },
		{ "lz4", "CONFIG_EROFS_FS=m\nCONFIG_EROFS_FS_ZIP=y\n", NULL },
		{ "lz4", "CONFIG_EROFS_FS_ZIP=y", NULL },	/* no line's end */
		{ "zstd", "CONFIG_EROFS_FS_ZIP=y\nCONFIG_EROFS_FS_ZIP_ZSTD=y\n", NULL },
		{ "lz4", "", "The kernel cannot read lz4 archives (CONFIG_EROFS_FS_ZIP is not set). Use --compression none" },
		{ "lz4", "# CONFIG_EROFS_FS_ZIP=y\n", "The kernel cannot read lz4 archives (CONFIG_EROFS_FS_ZIP is not set). Use --compression none" },
		{ "lz4", "CONFIG_EROFS_FS_ZIP=yes\n", "The kernel cannot read lz4 archives (CONFIG_EROFS_FS_ZIP is not set). Use --compression none" },
		{ "lz4", "XCONFIG_EROFS_FS_ZIP=y\n", "The kernel cannot read lz4 archives (CONFIG_EROFS_FS_ZIP is not set). Use --compression none" },
		{ "zstd", "CONFIG_EROFS_FS_ZIP=y\n# CONFIG_EROFS_FS_ZIP_ZSTD is not set\n",
		  "The kernel cannot read zstd archives (CONFIG_EROFS_FS_ZIP_ZSTD is not set). Use --compression lz4hc" },
		/* The longer option's line stands before the one that is meant. */
		{ "lzma", "CONFIG_EROFS_FS_ZIP_LZMA_X=y\nCONFIG_EROFS_FS_ZIP_LZMA=y\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct compression compression = good(rows[i].compression);
		struct error error = { "" };
		int r = compression_check(&compression, rows[i].config, &error);

		if (!rows[i].sentence)
			assert_int_equal(r, 0);
		else
			assert_refused(r, -EOPNOTSUPP, error, rows[i].sentence);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(parsed), cmocka_unit_test(refused), cmocka_unit_test(kernels),
};
RUN(tests)
