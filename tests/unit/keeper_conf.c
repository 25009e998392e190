// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "keeper/conf.h"

#define UUID "00112233-4455-6677-8899-aabbccddeeff"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD "version=1\ndevice=ukiblk-root\nverity=ukiblk-root-verity\nfilesystem=vfat\ncarrier=/dev/sda1\nhold=60\nuuid=" UUID "\nroot-hash=" HASH "\n"
#define BODY "root-block=8192\nsectors=40\nfile=0 16 12288 a.erofs\nfile=8 24 65536 EFI/My%20Files/b.efi\n"

static struct keeper_conf good(const char *text)
{
	struct keeper_conf conf;
	struct error error;
	char *copy = strdup(text);

	if (keeper_conf_parse(copy, &conf, &error) != 0)
		fail_msg("refused: %s", error.text);
	free(copy);
	return conf;
}

static void assert_bad(const char *text, const char *sentence)
{
	struct keeper_conf conf;
	struct error error;
	char *copy = strdup(text);

	assert_refused(keeper_conf_parse(copy, &conf, &error), -EBADMSG, error, sentence);
	free(copy);
}

static void everything(void **state)
{
	struct keeper_conf conf = good(HEAD BODY);

	(void)state;
	assert_string_equal(conf.device, "ukiblk-root");
	assert_string_equal(conf.verity, "ukiblk-root-verity");
	assert_string_equal(conf.filesystem, "vfat");
	assert_string_equal(conf.carrier, "/dev/sda1");
	assert_string_equal(conf.uuid, UUID);
	assert_string_equal(conf.root_hash, HASH);
	assert_int_equal(conf.hold_seconds, 60);
	assert_int_equal(conf.root_block, 8192);
	assert_int_equal(conf.sectors, 40);
	assert_int_equal(conf.count, 2);
	assert_string_equal(conf.files[1].path, "EFI/My Files/b.efi");
	assert_int_equal(conf.files[1].first_sector, 8);
	assert_int_equal(conf.files[1].sectors, 24);
	assert_int_equal(conf.files[1].bytes, 65536);
	keeper_conf_release(&conf);
}

/* What the tool writes is what the keeper reads. */
static void there_and_back(void **state)
{
	struct keeper_conf conf = good(HEAD BODY);
	char *text = keeper_conf_format(&conf);

	(void)state;
	assert_string_equal(text, HEAD BODY);
	free(text);
	keeper_conf_release(&conf);
}

static void tables(void **state)
{
	struct keeper_conf conf = good(HEAD BODY);
	char *held = keeper_conf_table(&conf, "/run/ukiblk/carrier", 60), *plain = keeper_conf_table(&conf, "/run/ukiblk/carrier", 0);

	(void)state;
	assert_string_equal(held, "2 /run/ukiblk/carrier/a.erofs 0 16 /run/ukiblk/carrier/EFI/My%20Files/b.efi 8 24 2 hold 60");
	assert_string_equal(plain, "2 /run/ukiblk/carrier/a.erofs 0 16 /run/ukiblk/carrier/EFI/My%20Files/b.efi 8 24");
	free(held);
	free(plain);
	keeper_conf_release(&conf);
}

static void lines(void **state)
{
	static const char *const bad[] = {
		"", " ", "nonsense", "version=2", "version=1 ", "hold=86401", "hold=-1", "hold=", "filesystem=ext4", "filesystem=VFAT", "carrier=sda1",
		"carrier=/dev/sda 1", "device=", "device=a b", "uuid=" HASH, "root-hash=" UUID, "root-block=100", "root-block=-4096", "sectors=0",
		"sectors=18014398509481984", "file=0 16 12288", "file=0 16 12288 ", "file=0 16 12288 /a", "file=0 16 12288 ../a", "file=0 16 12288 a/../b",
		"file=0 16 12288 a/..", "file=0 16 12287 a", "file=1 16 12288 a", "file=0 0 12288 a", "file=0 15 12288 a", "file=0 16 12288 a%2", "file=0 16 12288 a%zz",
		"file=0  16 12288 a", "file=x 16 12288 a", "file=0 16 x a", "Version=1", " version=1", "unknown=1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char text[2048], sentence[256];

		snprintf(text, sizeof text, "%s\n%s%s", bad[i], HEAD, BODY);
		snprintf(sentence, sizeof sentence, "The line \"%.80s\" is not understood", bad[i]);
		assert_bad(text, sentence);
	}
	assert_bad(HEAD BODY "hold=60\n", "The line \"hold=60\" is not understood");
	assert_bad("hold=60\n" HEAD BODY, "The line \"hold=60\" is not understood");
}

static void wholes(void **state)
{
	(void)state;
	assert_bad("", "The line \"version=\" is missing");
	assert_bad(BODY, "The line \"version=\" is missing");
	assert_bad(HEAD, "The line \"root-block=\" is missing");
	assert_bad(HEAD "root-block=8192\nsectors=40\n", "The line \"file=\" is missing");
	assert_bad(HEAD "root-block=8192\nsectors=48\nfile=0 40 65536 a\n", "The files have 40 sectors, not 48");
	assert_bad(HEAD "root-block=20480\nsectors=40\nfile=0 40 65536 a\n", "The root block lies outside the archive");
	assert_bad(HEAD "root-block=9223372036854771712\nsectors=40\nfile=0 40 65536 a\n", "The root block lies outside the archive");
}

static void many_files(void **state)
{
	char *text = malloc(1 << 20);
	size_t used = (size_t)sprintf(text, "%sroot-block=8192\nsectors=8192\n", HEAD);
	struct keeper_conf conf;
	size_t end = 0;

	(void)state;
	for (unsigned i = 0; i < KEEPER_MAX_FILES; i++) {
		end = used;
		used += (size_t)sprintf(text + used, "file=0 8 8192 chunk.%04u\n", i);
	}
	conf = good(text);
	assert_int_equal(conf.count, KEEPER_MAX_FILES);
	assert_string_equal(conf.files[1023].path, "chunk.1023");
	keeper_conf_release(&conf);
	sprintf(text + used, "file=0 8 8192 more\n");
	assert_bad(text, "The line \"file=0 8 8192 more\" is not understood");
	text[end] = '\0';
	assert_bad(text, "The files have 8184 sectors, not 8192");
	free(text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(everything), cmocka_unit_test(there_and_back), cmocka_unit_test(tables),
	cmocka_unit_test(lines), cmocka_unit_test(wholes), cmocka_unit_test(many_files),
};
RUN(tests)
