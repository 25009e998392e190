// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "format/chunkset.h"

static struct identifier foreign(void)
{
	struct identifier id = unit_identifier();

	strcpy(id.name, "other");
	id.uuid[0] ^= 1;
	return id;
}

/* An archive of many chunks of one block. */
static struct identifier one_of(uint32_t index, uint32_t count)
{
	struct identifier id = unit_identifier();

	id.chunk_index = index;
	id.chunk_count = count;
	id.chunk_offset = (uint64_t)index * BLOCK_BYTES;
	id.chunk_length = BLOCK_BYTES;
	id.total_length = (uint64_t)count * BLOCK_BYTES;
	return id;
}

static void any_order(void **state)
{
	(void)state;
	/* All ways to lay the three chunks and a foreign identifier on four places. */
	for (unsigned way = 0; way < 4 * 4 * 4; way++) {
		const unsigned at[3] = { way % 4, way / 4 % 4, way / 16 };
		struct identifier ids[4];
		struct error error;
		size_t order[4];

		if (at[0] == at[1] || at[1] == at[2] || at[0] == at[2])
			continue;
		for (unsigned i = 0; i < 4; i++)
			ids[i] = foreign();
		for (uint32_t i = 0; i < 3; i++)
			ids[at[i]] = unit_chunk(i);
		for (unsigned first = 0; first < 3; first++) {
			assert_int_equal(chunkset_order(ids, 4, at[first], order, &error), 3);
			for (unsigned i = 0; i < 3; i++)
				assert_int_equal(order[i], at[i]);
		}
		assert_int_equal(chunkset_order(ids, 4, 6 - at[0] - at[1] - at[2], order, &error), 1);
	}
}

static void copies(void **state)
{
	const struct identifier ids[] = { unit_chunk(1), unit_chunk(0), unit_chunk(1), unit_chunk(0), unit_chunk(2), unit_chunk(2) };
	struct error error;
	size_t order[6];

	(void)state;
	/* The one asked for, and of the others' equal copies the first one listed. */
	for (size_t first = 0; first < COUNT(ids); first++) {
		size_t wanted[3] = { 1, 0, 4 };

		wanted[ids[first].chunk_index] = first;
		assert_int_equal(chunkset_order(ids, COUNT(ids), first, order, &error), 3);
		assert_memory_equal(order, wanted, sizeof wanted);
	}
}

/* Identifiers of the same archive that contradict the others: they hide nothing, and are of no use. */
static void liars(void **state)
{
	struct identifier ids[7] = { unit_chunk(1), unit_chunk(0), unit_chunk(1), unit_chunk(0), unit_chunk(1), unit_chunk(2), unit_chunk(2) };
	static const size_t good[3] = { 3, 4, 6 };
	struct error error;
	size_t order[COUNT(ids)];

	(void)state;
	ids[0].chunk_offset += BLOCK_BYTES;
	ids[0].chunk_length -= BLOCK_BYTES;
	ids[1].chunk_length = BLOCK_BYTES;	/* nothing begins there */
	ids[2].chunk_length = BLOCK_BYTES;	/* stops short of the last */
	ids[5].chunk_offset += 4 * BLOCK_BYTES;
	ids[5].total_length = ids[5].chunk_offset + ids[5].chunk_length;	/* of another archive altogether */
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(chunkset_order(ids, COUNT(ids), good[i], order, &error), 3);
		assert_memory_equal(order, good, sizeof good);
	}
	assert_refused(chunkset_order(ids, COUNT(ids), 2, order, &error), -EBADMSG, error,
		       "Chunk 3 of archive \"sample\" does not begin where the one before it ends");
	assert_refused(chunkset_order(ids, COUNT(ids), 0, order, &error), -EBADMSG, error,
		       "Chunk 2 of archive \"sample\" does not begin where the one before it ends");
	/* Two lies that fit each other: an archive by itself, which hides the other one as little. */
	ids[1].chunk_length = 3 * BLOCK_BYTES;
	assert_int_equal(chunkset_order(ids, COUNT(ids), 0, order, &error), 3);
	assert_memory_equal(order, ((const size_t[]){ 1, 0, 6 }), sizeof good);
	assert_int_equal(chunkset_order(ids, COUNT(ids), 4, order, &error), 3);
	assert_memory_equal(order, good, sizeof good);
}

static void missing(void **state)
{
	const struct identifier first = unit_chunk(0), middle = unit_chunk(1), last = unit_chunk(2), other = foreign();
	const struct { struct identifier ids[3]; const char *list; } rows[] = {
		{ { first, last, other }, "2" }, { { first, middle, other }, "3" }, { { last, other, middle }, "1" },
		{ { first, other, other }, "2, 3" }, { { middle, other, middle }, "1, 3" }, { { last, last, last }, "1, 2" },
	};
	struct error error;
	size_t order[3];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char sentence[128];

		snprintf(sentence, sizeof sentence, "Archive \"sample\" lacks chunk %s of 3. Copy all its chunks to the same folder",
			 rows[i].list);
		assert_refused(chunkset_order(rows[i].ids, 3, 0, order, &error), -ENODATA, error, sentence);
	}
}

static void many_missing(void **state)
{
	struct identifier id = one_of(3, 9);
	struct error error;
	size_t order[1];

	(void)state;
	assert_refused(chunkset_order(&id, 1, 0, order, &error), -ENODATA, error,
		       "Archive \"sample\" lacks chunk 1, 2, 3, 5, 6, 7, 8, 9 of 9. Copy all its chunks to the same folder");
	id = one_of(3, 10);
	assert_refused(chunkset_order(&id, 1, 0, order, &error), -ENODATA, error,
		       "Archive \"sample\" lacks chunk 1, 2, 3, 5, 6, 7, 8, 9 and more of 10. Copy all its chunks to the same folder");
	/* Far more than files: no list is walked beyond its end. */
	id = one_of(0, ARCHIVE_MAX_CHUNKS);
	assert_refused(chunkset_order(&id, 1, 0, order, &error), -ENODATA, error,
		       "Archive \"sample\" lacks chunk 2, 3, 4, 5, 6, 7, 8, 9 and more of 4096. Copy all its chunks to the same folder");
}

/* The longest sentence there is: four-digit numbers and a name of 63 characters. */
static void long_lists(void **state)
{
	enum { HERE = 4000 };
	struct identifier *ids = calloc(HERE, sizeof *ids);
	size_t *order = calloc(HERE, sizeof *order);
	struct error error;

	(void)state;
	for (uint32_t i = 0; i < HERE; i++) {
		ids[i] = one_of(i, ARCHIVE_MAX_CHUNKS);
		memset(ids[i].name, 'n', sizeof ids[i].name - 1);
	}
	assert_int_equal(chunkset_order(ids, HERE, 0, order, &error), -ENODATA);
	assert_non_null(strstr(error.text, " lacks chunk 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008 and more of 4096. "));
	free(ids);
	free(order);
}

static void as_many_as_can_be(void **state)
{
	struct identifier *ids = calloc(ARCHIVE_MAX_CHUNKS, sizeof *ids);
	size_t *order = calloc(ARCHIVE_MAX_CHUNKS, sizeof *order);
	struct error error;

	(void)state;
	for (uint32_t i = 0; i < ARCHIVE_MAX_CHUNKS; i++)
		ids[ARCHIVE_MAX_CHUNKS - 1 - i] = one_of(i, ARCHIVE_MAX_CHUNKS);
	assert_int_equal(chunkset_order(ids, ARCHIVE_MAX_CHUNKS, 7, order, &error), ARCHIVE_MAX_CHUNKS);
	for (size_t i = 0; i < ARCHIVE_MAX_CHUNKS; i++)
		assert_int_equal(order[i], ARCHIVE_MAX_CHUNKS - 1 - i);
	free(ids);
	free(order);
}

static void gaps(void **state)
{
	struct identifier ids[] = { unit_chunk(0), unit_chunk(1), unit_chunk(2) };
	struct error error;
	size_t order[3];

	(void)state;
	/* The second begins a block late, then a block early. */
	ids[1].chunk_offset += BLOCK_BYTES;
	ids[1].chunk_length -= BLOCK_BYTES;
	assert_refused(chunkset_order(ids, 3, 0, order, &error), -EBADMSG, error,
		       "Chunk 2 of archive \"sample\" does not begin where the one before it ends");
	ids[1].chunk_offset -= 2 * BLOCK_BYTES;
	assert_refused(chunkset_order(ids, 3, 0, order, &error), -EBADMSG, error,
		       "Chunk 2 of archive \"sample\" does not begin where the one before it ends");
	ids[1] = unit_chunk(1);
	ids[1].chunk_length -= BLOCK_BYTES;
	assert_refused(chunkset_order(ids, 3, 0, order, &error), -EBADMSG, error,
		       "Chunk 3 of archive \"sample\" does not begin where the one before it ends");
}

static void kinship(void **state)
{
	const struct identifier a = unit_chunk(0);
	struct identifier b = unit_chunk(2);

	(void)state;
	assert_true(chunkset_same_archive(&a, &b));
#define DIFFERS(change) do { b = unit_chunk(2); change; assert_false(chunkset_same_archive(&a, &b)); } while (0)
	DIFFERS(b.uuid[15]++);
	DIFFERS(b.name[5] = 'f');
	DIFFERS(b.compat = 1);
	DIFFERS(b.chunk_count++);
	DIFFERS(b.total_length += BLOCK_BYTES);
	DIFFERS(b.erofs_length -= BLOCK_BYTES);
	DIFFERS(b.hash_offset += BLOCK_BYTES);
	DIFFERS(b.fec_offset = BLOCK_BYTES);
	DIFFERS(b.fec_roots = 2);
	DIFFERS(b.salt[31]++);
	DIFFERS(b.root_hash[31]++);
#undef DIFFERS
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(any_order), cmocka_unit_test(copies), cmocka_unit_test(liars), cmocka_unit_test(missing), cmocka_unit_test(many_missing),
	cmocka_unit_test(long_lists), cmocka_unit_test(as_many_as_can_be), cmocka_unit_test(gaps), cmocka_unit_test(kinship),
};
RUN(tests)
