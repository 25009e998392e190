/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which chunks make an archive. Given identifiers in any order, with whatever foreign ones stand
 * between them, finds the archives among them and puts their chunks in order. Pure.
 */
#pragma once

#include <stddef.h>

#include "format/identifier.h"

struct error;

/* Whether two identifiers speak of the same archive: everything but the chunk's own fields is equal. */
bool chunkset_same_archive(const struct identifier *a, const struct identifier *b);

/*
 * Orders the chunks of the archive that ids[first] belongs to, with ids[first] among them. The identifiers
 * have been decoded. ret_order (room for @count entries) receives indices into @ids, chunk 0 first; of
 * equal copies of a chunk the first one listed wins, and an identifier that does not fit is passed over
 * where another one does. Returns the number of chunks, or -ENODATA with a sentence that names the missing
 * chunks, -EBADMSG when the chunks leave a gap or overlap, -ENOMEM.
 */
int chunkset_order(const struct identifier *ids, size_t count, size_t first, size_t *ret_order, struct error *error);
