/* SPDX-License-Identifier: GPL-2.0-only */
/* dm-verity by libcryptsetup: making hash trees, and activating a mapped archive. */
#pragma once

#include "format/identifier.h"
#include "verify/policy.h"

struct error;

/*
 * Appends a hash tree for the first @id->erofs_length bytes of the regular file @path, its superblock at
 * @id->hash_offset, and with @id->fec_roots parity at @id->fec_offset. Salt and UUID are @id's; its root
 * hash is filled in.
 */
int verify_make_tree(const char *path, struct identifier *id, struct error *error);

/*
 * Activates /dev/mapper/@name over the archive device @device. All it needs to know comes from @id, which
 * the root hash does not cover: a lie there makes reads fail, it cannot make wrong data pass. The same goes
 * for the parity.
 */
int verify_activate(const char *device, const char *name, const struct identifier *id,
		    const uint8_t root_hash[static HASH_BYTES], enum verify_policy policy, struct error *error);
/*
 * Whether the first block of the verity device @node can be read, which proves the root block or its repair.
 * Asks a few times: where several blocks of the tree are damaged, Linux (6.12) repairs one with each read that
 * fails (drivers/md/dm-verity-fec.c: repairs within repairs share their buffers).
 */
int verify_prove(const char *node, struct error *error);
/* -ENXIO: no such device; -EBUSY: in use. */
int verify_deactivate(const char *name, struct error *error);
void verify_init(void);
