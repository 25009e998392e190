// SPDX-License-Identifier: GPL-2.0-only
#include "checks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "port.h"

#define OVERLAY_MAGIC 0x794c7630
#define EROFS_MAGIC 0xe0f5e1e2
#define ISOFS_MAGIC 0x9660
#define CARRIER "/run/ukiblk/carrier"

static FILE *port;
static int count;
static char archive[64] = "ukiblk-root";	/* the archive's device; another name when a slower disk had taken this one */

void check(bool good, const char *what)
{
	count++;
	fprintf(port, "%s %d - %s\n", good ? "ok" : "not ok", count, what);
	if (!good)
		fprintf(port, "errno %d (%s)\n", errno, strerror(errno));
}

static bool has_filesystem(const char *path, unsigned long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

/* Type and parameters of the first target of the mapped device @name ("" on any failure). */
static void read_table(const char *name, char type[static 16], char *params, size_t size)
{
	static union {
		struct dm_ioctl head;
		char bytes[16384];
	} call;
	int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	const struct dm_target_spec *spec;

	*type = *params = '\0';
	memset(&call, 0, sizeof call);
	call.head = (struct dm_ioctl){ .version = { 4, 0, 0 }, .data_size = sizeof call, .data_start = sizeof call.head,
				       .flags = DM_STATUS_TABLE_FLAG };
	snprintf(call.head.name, sizeof call.head.name, "%s", name);
	if (control >= 0 && ioctl(control, DM_TABLE_STATUS, &call) == 0 && call.head.target_count >= 1) {
		spec = (const void *)(call.bytes + call.head.data_start);
		memcpy(type, spec->target_type, 16);
		snprintf(params, size, "%s", (const char *)(spec + 1));
	}
	if (control >= 0)
		close(control);
}

/* Source of the topmost mount at @path, from mountinfo's last but one field group. */
static bool mount_source(const char *path, char *ret_source, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4096], at[512], source[512];
	bool found = false;

	while (file && fgets(line, sizeof line, file)) {
		const char *dash = strstr(line, " - ");

		if (dash && sscanf(line, "%*s %*s %*s %*s %511s", at) == 1 && strcmp(at, path) == 0 &&
		    sscanf(dash, " - %*s %511s", source) == 1) {
			snprintf(ret_source, size, "%s", source);
			found = true;
		}
	}
	if (file)
		fclose(file);
	return found;
}

const char *checks_word(const char *word)
{
	FILE *file = fopen("/proc/cmdline", "re");
	static char cmdline[4096];
	char *found;

	*cmdline = '\0';
	if (file) {
		if (!fgets(cmdline, sizeof cmdline, file))
			*cmdline = '\0';
		fclose(file);
	}
	found = strstr(cmdline, word);
	if (!found)
		return NULL;
	found += strlen(word);
	found[strcspn(found, " \n")] = '\0';
	return found;
}

static bool cmdline_has(const char *word)
{
	return checks_word(word);
}

/* The boots that ask for the loop backend, or whose kernel does not take the module. */
bool checks_on_loop_devices(void)
{
	return cmdline_has("rd.ukiblk.map=loop") || cmdline_has("module_blacklist=ukiblk") || cmdline_has("test_unsigned_module");
}

/* From the source of the erofs, which is the verity device, the name of the device below it. */
static bool find_archive_device(const char *source)
{
	const char *name = source + strlen("/dev/mapper/");
	size_t length = strlen(source);

	if (strncmp(source, "/dev/mapper/ukiblk-root", 23) != 0 || length < 30 || strcmp(source + length - 7, "-verity") != 0)
		return false;
	snprintf(archive, sizeof archive, "%.*s", (int)(strlen(name) - 7), name);
	return true;
}

void check_stack(void)
{
	char type[16], params[8192], source[512] = "", device[32], node[128], verity[128];
	struct stat st;

	check(has_filesystem("/", OVERLAY_MAGIC), "/ is an overlay");
	check(has_filesystem("/run/ukiblk/lower", EROFS_MAGIC), "its lower layer is erofs");
	check(mount_source("/run/ukiblk/lower", source, sizeof source) && find_archive_device(source),
	      "the erofs is mounted from the verity device");
	snprintf(node, sizeof node, "/dev/mapper/%s", archive);
	snprintf(verity, sizeof verity, "%s-verity", archive);
	read_table(verity, type, params, sizeof params);
	check(strcmp(type, "verity") == 0, "which is a dm-verity device");
	snprintf(device, sizeof device, "none");
	if (stat(node, &st) == 0)
		snprintf(device, sizeof device, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	check(strstr(params, device), "on the archive device");
	read_table(archive, type, params, sizeof params);
	if (checks_on_loop_devices())
		check(strcmp(type, "linear") == 0, "which is dm-linear over a loop device");
	else
		check(strcmp(type, "ukiblk") == 0, "which is a device of the target ukiblk");
	fprintf(port, "# table: %s\n", params);
}

void check_writable(void)
{
	char text[8] = "";
	int fd = open("/etc-test", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	check(fd >= 0 && write(fd, "hello", 5) == 5 && pread(fd, text, 5, 0) == 5 && strcmp(text, "hello") == 0,
	      "the root is writable");
	close(fd);
	check(open("/run/ukiblk/lower/etc-test", O_RDONLY | O_CLOEXEC) < 0 && errno == ENOENT, "and the erofs untouched");
}

static bool hash_file(const char *path, char ret_hex[static 65])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	static char buffer[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	SHA256_CTX context;
	ssize_t n = -1;

	/* The plain functions: EVP's would draw the whole library into this static program. */
	SHA256_Init(&context);
	while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
		SHA256_Update(&context, buffer, (size_t)n);
	SHA256_Final(digest, &context);
	if (fd >= 0)
		close(fd);
	for (int i = 0; i < 32; i++)
		sprintf(ret_hex + (size_t)2 * i, "%02x", digest[i]);
	return n == 0;
}

static bool file_has_hash(const char *path, const char *hex)
{
	char text[65] = "";

	return hash_file(path, text) && strcmp(text, hex) == 0;
}

static bool file_can_be_read(const char *path)
{
	static char buffer[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
		;
	if (fd >= 0)
		close(fd);
	return n == 0;
}

int checks_count_bad_files(const char *manifest, const char *except, bool hashed)
{
	FILE *list = fopen(manifest, "re");
	char hex[65], path[512];
	int files = 0, bad = 0;

	while (list && fscanf(list, "%64s %511s", hex, path) == 2) {
		files++;
		if (except && strcmp(path, except) == 0)
			continue;
		if (!(hashed ? file_has_hash(path, hex) : file_can_be_read(path))) {
			fprintf(port, "# differs: %s\n", path);
			bad++;
		}
	}
	if (list)
		fclose(list);
	return files >= 100 ? bad : -1;
}

void check_files(const char *manifest, const char *except)
{
	check(checks_count_bad_files(manifest, except, true) == 0, except ? "every other file reads back with the sha256 it was built with"
								    : "every file reads back with the sha256 it was built with");
}

static bool first_of_table(char path[static 4096])
{
	char type[16], params[8192];

	read_table(archive, type, params, sizeof params);
	return sscanf(params, "%*s %4095s", path) == 1;
}

#define SEAM_BYTES (1 << 20)

/* Through dm-verity, half before and half behind: chunks in a wrong order or place cannot be read. */
static bool reads_across(int fd, unsigned long long seam)
{
	static char buffer[SEAM_BYTES];
	unsigned long long start = seam > SEAM_BYTES / 2 ? seam - SEAM_BYTES / 2 : 0;
	ssize_t n = pread(fd, buffer, sizeof buffer, (off_t)start);

	return n > 0 && start + (unsigned long long)n > seam;
}

void check_seams(void)
{
	char type[16], params[8192], *at = params;
	unsigned long long seam = 0, sectors, size = 0;
	char verity[128];
	int fd, crossed = 0, bad = 0;
	unsigned long files;

	snprintf(verity, sizeof verity, "/dev/mapper/%s-verity", archive);
	fd = open(verity, O_RDONLY | O_CLOEXEC);
	read_table(archive, type, params, sizeof params);
	files = strcmp(type, "ukiblk") == 0 ? strtoul(params, &at, 10) : 0;
	if (fd >= 0)
		ioctl(fd, BLKGETSIZE64, &size);
	for (; files > 1 && sscanf(at, "%*s %*u %llu", &sectors) == 1; files--) {
		seam += sectors * 512;
		/* what lies behind the filesystem is the hash tree, which this device does not show */
		if (seam < size) {
			crossed++;
			bad += !reads_across(fd, seam);
		}
		for (int words = 0; words < 3; words++)
			at += strcspn(at + 1, " ") + 1;
	}
	if (fd >= 0)
		close(fd);
	if (crossed) {
		fprintf(port, "# %d seams, %llu MiB\n", crossed, size >> 20);
		check(bad == 0, "the filesystem reads across the seams of its chunks");
	}
}

/* The test asks for it by a word on the command line. */
void check_lockdown(void)
{
	char line[256] = "";
	FILE *file;

	if (!cmdline_has("test_lockdown"))
		return;
	file = fopen("/sys/kernel/security/lockdown", "re");
	check(file && fgets(line, sizeof line, file) && strstr(line, "[integrity]"), "the kernel is locked down");
	if (file)
		fclose(file);
}

void check_memory_table(const char *node)
{
	char type[16], params[8192], wanted[64] = "none", hex[65] = "";
	struct stat st;
	int fd, is_read_only = 0;

	read_table(archive, type, params, sizeof params);
	if (stat(node, &st) == 0)
		snprintf(wanted, sizeof wanted, "%u:%u 0", major(st.st_rdev), minor(st.st_rdev));
	check(strcmp(type, "linear") == 0 && strcmp(params, wanted) == 0, "the archive's device is linear on the ramdisk");
	fd = open(node, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && ioctl(fd, BLKROGET, &is_read_only) == 0 && is_read_only, "which is read-only");
	close(fd);
	check(hash_file(node, hex), "and can be read to its end");
	fprintf(port, "# copy: %s\n", hex);
}

void check_disk_is_free(const char *disk)
{
	char path[128], name[64] = "";
	FILE *file;
	int fd;

	snprintf(path, sizeof path, "%s/uevent", disk);
	file = fopen(path, "re");
	while (file && fgets(path, sizeof path, file))
		if (sscanf(path, "DEVNAME=%63s", name) == 1)
			break;
	if (file)
		fclose(file);
	snprintf(path, sizeof path, "/dev/%s", name);
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	check(*name && fd >= 0, "nobody holds the carrier's partition any more");
	if (fd >= 0)
		close(fd);
}

static void check_writable_carrier(void)
{
	char path[4096] = "";
	int fd;

	check(open(CARRIER "/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == EROFS, "it is read-only");
	check(mount(NULL, CARRIER, NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0, "it can be remounted read-write");
	fd = open(CARRIER "/new", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0, "and takes a file while the root runs from it");
	close(fd);
	check(access("/efi/new", R_OK) == 0, "which /efi shows too");
	/* Loop devices do not pin the file. */
	if (!checks_on_loop_devices())
		check(first_of_table(path) && open(path, O_WRONLY | O_CLOEXEC) < 0 && errno == ETXTBSY,
	      "the archive in use cannot be opened for writing (ETXTBSY)");
}

void check_carrier(void)
{
	struct stat carrier, offered;
	char source[512];

	check(mount_source(CARRIER, source, sizeof source) && strncmp(source, "/dev/", 5) == 0, "the carrier is mounted at " CARRIER);
	check(stat(CARRIER, &carrier) == 0 && stat("/efi", &offered) == 0 && carrier.st_dev == offered.st_dev, "and offered at /efi");
	if (!has_filesystem(CARRIER, ISOFS_MAGIC))
		check_writable_carrier();
}

void check_carrier_disk(void)
{
	char source[512] = "", path[4096] = "";
	struct stat carrier, node, efi, file;

	check(stat(CARRIER, &carrier) == 0 && mount_source(CARRIER, source, sizeof source) && stat(source, &node) == 0 &&
	      node.st_rdev == carrier.st_dev, "the carrier is the device its mount names");
	check(stat("/efi", &efi) == 0 && efi.st_dev == carrier.st_dev, "/efi is the same filesystem");
	if (!checks_on_loop_devices())
		check(first_of_table(path) && stat(path, &file) == 0 && file.st_dev == carrier.st_dev,
		      "the archive in use lies on it");
	fprintf(port, "# carrier: %s\n", source);
	check(access(CARRIER "/wrong", F_OK) < 0 && errno == ENOENT, "it is not one that the test has marked as wrong");
}

void checks_show_report(void)
{
	FILE *file = fopen("/run/ukiblk/boot.json", "re");
	char line[4096];

	while (file && fgets(line, sizeof line, file))
		fputs(line, port);
	if (file)
		fclose(file);
	fputs("\n# end of the report\n", port);
}

void checks_begin(void)
{
	port = port_open();
	if (!port)
		port_power_off(NULL);
}

bool checks_asked(const char *word)
{
	return cmdline_has(word);
}

void checks_note(const char *text)
{
	fprintf(port, "# %s\n", text);
}

void checks_boot_current(void)
{
	FILE *file = fopen("/sys/firmware/efi/efivars/BootCurrent-8be4df61-93ca-11d2-aa0d-00e098032b8c", "re");
	unsigned char bytes[6];	/* attributes, number */

	if (file && fread(bytes, 1, sizeof bytes, file) == sizeof bytes)
		fprintf(port, "# BootCurrent: %02x%02x\n", bytes[5], bytes[4]);
	if (file)
		fclose(file);
}

void checks_linger(void)
{
	if (cmdline_has("test_linger"))
		sleep(30);
}

void checks_end(void)
{
	fprintf(port, "1..%d\n# end of the run\n", count);
	port_power_off(port);
}
