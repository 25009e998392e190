/* SPDX-License-Identifier: GPL-2.0-only */
/* dm-verity by libcryptsetup: making hash trees, and activating a mapped archive. */
#pragma once

#include "format/identifier.h"
#include "verify/policy.h"

struct error;

/*
 * Appends a hash tree for the first @erofs_length bytes of the regular file @path, its superblock at
 * @erofs_length. Hash type 1, SHA-256, blocks of 4096. The root hash goes to @ret_root_hash.
 */
int verify_make_tree(const char *path, uint64_t erofs_length, const uint8_t salt[static HASH_BYTES],
		     const uint8_t uuid[static 16], uint8_t ret_root_hash[static HASH_BYTES], struct error *error);

/*
 * Activates /dev/mapper/@name over the archive device @device. The superblock must say what version 1
 * of the format fixes and agree with @id, else -EKEYREJECTED: the root hash does not cover it.
 */
int verify_activate(const char *device, const char *name, const struct identifier *id,
		    const uint8_t root_hash[static HASH_BYTES], enum verify_policy policy, struct error *error);
/* -ENXIO: no such device; -EBUSY: in use. */
int verify_deactivate(const char *name, struct error *error);
void verify_init(void);
