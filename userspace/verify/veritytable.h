/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel verifies by: the table of an active dm-verity device (the kernel's Documentation/admin-guide/device-mapper/verity.rst). Pure. */
#pragma once

#include "format/identifier.h"

/*
 * The parameters as libdevmapper gives them. Fills in where erofs, hash tree and parity end and begin, salt and root hash, of
 * an archive of one chunk; name, UUID and lengths of the whole are the caller's. -EBADMSG: not what version 1 of the format fixes.
 */
int verity_table_parse(const char *params, struct identifier *ret);
