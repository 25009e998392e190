// SPDX-License-Identifier: GPL-2.0-only
#include "verify/verity.h"

#include <errno.h>
#include <fcntl.h>
#include <libcryptsetup.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "format/hashtree.h"

#define VERITY_HASH_TYPE 1u	/* salt before the data */
#define HASH_NAME "sha256"
#define PROVE_TRIES (HASH_TREE_MAX_LEVELS + 1)

static void cleanup_context(struct crypt_device **context)
{
	crypt_free(*context);
}
#define autocrypt __attribute__((cleanup(cleanup_context)))

static char last_message[512];

static void keep_message(int level, const char *message, void *unused)
{
	(void)unused;
	if (level != CRYPT_LOG_ERROR)
		return;
	snprintf(last_message, sizeof last_message, "%s", message);
	last_message[strcspn(last_message, "\n")] = '\0';
}

void verify_init(void)
{
	crypt_set_log_callback(NULL, keep_message, NULL);
}

static const char *reason(int code)
{
	return *last_message ? last_message : strerror(-code);
}

/* What version 1 of the format fixes, and what an identifier says of the rest. */
static struct crypt_params_verity parameters_of(const struct identifier *id, const char *device)
{
	return (struct crypt_params_verity){
		.hash_name = HASH_NAME,
		.data_device = device,
		.salt = (const char *)id->salt,
		.salt_size = HASH_BYTES,
		.hash_type = VERITY_HASH_TYPE,
		.data_block_size = BLOCK_BYTES,
		.hash_block_size = BLOCK_BYTES,
		.data_size = id->erofs_length / BLOCK_BYTES,
		.hash_area_offset = id->hash_offset,
		.fec_device = id->fec_roots ? device : NULL,
		.fec_area_offset = id->fec_offset,
		.fec_roots = id->fec_roots,
	};
}

int verify_make_tree(const char *path, struct identifier *id, struct error *error)
{
	struct crypt_params_verity parameters = parameters_of(id, path);
	autocrypt struct crypt_device *context = NULL;
	char uuid_text[UUID_TEXT_BYTES];
	size_t length = HASH_BYTES;
	int r;

	parameters.flags = CRYPT_VERITY_CREATE_HASH;
	text_format_uuid(id->uuid, uuid_text);
	last_message[0] = '\0';
	r = crypt_init(&context, path);
	if (r >= 0)
		r = crypt_format(context, CRYPT_VERITY, NULL, NULL, uuid_text, NULL, 0, &parameters);
	if (r >= 0)
		r = crypt_volume_key_get(context, CRYPT_ANY_SLOT, (char *)id->root_hash, &length, NULL, 0);
	if (r < 0)
		return fail(error, r, "Cannot make the hash tree: %s", reason(r));
	return 0;
}

static const uint32_t policy_flags[] = {
	[VERIFY_EIO] = 0,
	[VERIFY_RESTART] = CRYPT_ACTIVATE_RESTART_ON_CORRUPTION,
	[VERIFY_PANIC] = CRYPT_ACTIVATE_PANIC_ON_CORRUPTION,
};

int verify_activate(const char *device, const char *name, const struct identifier *id,
		    const uint8_t root_hash[static HASH_BYTES], enum verify_policy policy, struct error *error)
{
	struct crypt_params_verity parameters = parameters_of(id, device);
	autocrypt struct crypt_device *context = NULL;
	int r;

	/* Without a header cryptsetup takes the offset for that of the tree; nothing is written. */
	parameters.flags = CRYPT_VERITY_NO_HEADER;
	parameters.hash_area_offset += BLOCK_BYTES;
	last_message[0] = '\0';
	r = crypt_init(&context, device);
	if (r >= 0)
		r = crypt_format(context, CRYPT_VERITY, NULL, NULL, NULL, NULL, 0, &parameters);
	if (r >= 0)
		r = crypt_activate_by_volume_key(context, name, (const char *)root_hash, HASH_BYTES,
						 CRYPT_ACTIVATE_READONLY | policy_flags[policy]);
	if (r == -EPERM)
		return fail(error, -EKEYREJECTED, "The root hash does not match the archive");
	if (r < 0)
		return fail(error, r, "Cannot activate dm-verity: %s", reason(r));
	return 0;
}

int verify_prove(const char *node, struct error *error)
{
	autoclose int fd = open(node, O_RDONLY | O_CLOEXEC);
	uint8_t block[BLOCK_BYTES];
	int r = fd < 0 ? -errno : -EIO;

	for (unsigned i = 0; fd >= 0 && r < 0 && i < PROVE_TRIES; i++)
		r = io_read_at(fd, block, sizeof block, 0);
	return r < 0 ? fail(error, -EKEYREJECTED, "Its first block does not match the root hash, and parity does not help") : 0;
}

int verify_deactivate(const char *name, struct error *error)
{
	int r;

	last_message[0] = '\0';
	r = crypt_deactivate(NULL, name);
	if (r == -ENODEV)
		return fail(error, -ENXIO, "There is no device named %s", name);
	if (r == -EBUSY)
		return fail(error, -EBUSY, "The device %s is in use. Unmount what is on it first", name);
	if (r < 0)
		return fail(error, r, "Cannot deactivate %s: %s", name, reason(r));
	return 0;
}
