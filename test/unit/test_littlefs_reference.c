/* SPDX-License-Identifier: ISC */
/*
 * littlefs volumes between us and the reference implementation: each reads what the other wrote,
 * changes it, and mends what a power cut left of the other's work.
 */
#include "test/unit/on_ramdisk.h"

#include <stdio.h>
#include <stdlib.h>

#include <mirage/block_faulty.h>
#include <mirage/littlefs_kv.h>
#include <mirage/mock_clock.h>

#include "storage/littlefs/volume.h"
#include "test/unit/on_ramdisk.h"

#if __has_include(<lfs2.h>)
#include "test/unit/littlefs_reference.h"

enum {
	KEYS = 24,
	ABSENT = -1,
	EMPTY = -2,
	LENGTH_MAX = 6000,
};

/* What a value is, or was: made of its number. */
struct model {
	int number[KEYS]; /* ABSENT: there is none */
	int last;
};

struct both {
	struct test_disk ram;
	struct block_faulty_state faulty_state;
	struct block_faulty faulty;
	struct block disk;
	struct mock_clock_state now;
	struct mock_clock mock;
	struct wall_clock clock;
	struct littlefs_kv_state state;
	struct littlefs_kv littlefs;
	struct kv_rw kv;
	struct reference reference;
	struct model model;
	int32_t cycles; /* after which our pairs move */
	uint64_t random;
	uint8_t bytes[LENGTH_MAX], got[LENGTH_MAX];
};

static int open_both(void **state, uint32_t block_size, uint32_t block_count, int32_t cycles)
{
	struct both *both = calloc(1, sizeof(*both));

	if (both == NULL)
		return -1;
	test_disk_init(&both->ram, (uint64_t)block_size * block_count, 512);
	both->faulty.state = &both->faulty_state;
	both->faulty.below = &both->ram.block;
	both->disk = (struct block){ .ops = &block_faulty_ops, .self = &both->faulty };
	both->mock.state = &both->now;
	both->clock = (struct wall_clock){ .ops = &mock_wall_clock_ops, .self = &both->mock };
	both->littlefs = (struct littlefs_kv){ .state = &both->state,
		                               .block = &both->disk,
		                               .clock = &both->clock };
	both->kv = (struct kv_rw){ .ops = &littlefs_kv_ops, .self = &both->littlefs };
	for (unsigned i = 0; i < KEYS; i++)
		both->model.number[i] = ABSENT;
	both->random = 1;
	both->cycles = cycles;
	*state = both;
	reference_init(&both->reference, both->ram.state.bytes, block_size, block_count, cycles);
	return mock_clock_connect(&both->mock) | block_faulty_connect(&both->faulty);
}

static int open_small_blocks(void **state)
{
	return open_both(state, 512, 512, -1);
}

static int open_large_blocks(void **state)
{
	return open_both(state, 4096, 128, -1);
}

/* Pairs move after every few changes, and the superblock's grows. */
static int open_moving(void **state)
{
	return open_both(state, 512, 512, 2);
}

static int close_both(void **state)
{
	struct both *both = *state;

	block_faulty_disconnect(&both->faulty);
	test_disk_fini(&both->ram);
	free(both);
	return 0;
}

static const char *path_of(unsigned key)
{
	static char paths[4][64];
	static unsigned used;
	char *path = paths[used++ % 4];

	if (key % 3 == 0)
		snprintf(path, sizeof(paths[0]), "top %u", key);
	else
		snprintf(path, sizeof(paths[0]), "folder%u/some name, number %u", key % 3, key);
	return path;
}

/* Zero, small ones that are kept with their names, and up to a dozen blocks. */
static size_t length_of(int number)
{
	unsigned scrambled = (unsigned)number * 2654435761u >> 7;

	if (number == EMPTY)
		return 0;
	switch (scrambled % 4) {
	case 0:
		return scrambled / 4 % 65;
	case 1:
		return scrambled / 4 % 600;
	default:
		return scrambled / 4 % LENGTH_MAX;
	}
}

static size_t bytes_of(struct both *both, int number)
{
	size_t length = length_of(number);

	test_pattern(both->bytes, length, 7, (uint32_t)number);
	return length;
}

/* ------------------------------------------------------------------ what each does */

struct worker {
	int (*set)(struct both *both, const char *path, const uint8_t *bytes, size_t length);
	int (*remove)(struct both *both, const char *path);
	int (*rename)(struct both *both, const char *from, const char *to);
	ssize_t (*get)(struct both *both, const char *path); /* into both->got; below 0: an error */
	int (*open)(struct both *both);
	void (*close)(struct both *both);
};

static int our_set(struct both *both, const char *path, const uint8_t *bytes, size_t length)
{
	return kv_rw_set(&both->kv, path, bytes, length);
}

static int our_remove(struct both *both, const char *path)
{
	return kv_rw_remove(&both->kv, path);
}

static int our_rename(struct both *both, const char *from, const char *to)
{
	return kv_rw_rename(&both->kv, from, to);
}

static ssize_t our_get(struct both *both, const char *path)
{
	struct kv_ro reader = kv_rw_reader(&both->kv);
	uint64_t size;
	int error = kv_ro_size(&reader, path, &size);
	ssize_t count =
		error != 0 ? error : kv_ro_get_part(&reader, path, 0, both->got, LENGTH_MAX);

	return count < 0 ? count : (ssize_t)size;
}

static int our_open(struct both *both)
{
	int error = littlefs_kv_connect(&both->littlefs);

	if (error == 0 && both->cycles > 0)
		both->state.volume->cycles = (uint32_t)both->cycles;
	return error;
}

static void our_close(struct both *both)
{
	littlefs_kv_disconnect(&both->littlefs);
}

static int their_set(struct both *both, const char *path, const uint8_t *bytes, size_t length)
{
	return reference_set(&both->reference, path, bytes, length);
}

static int their_remove(struct both *both, const char *path)
{
	return reference_remove(&both->reference, path);
}

static int their_rename(struct both *both, const char *from, const char *to)
{
	return reference_rename(&both->reference, from, to);
}

static ssize_t their_get(struct both *both, const char *path)
{
	return reference_get(&both->reference, path, both->got, LENGTH_MAX);
}

static int their_open(struct both *both)
{
	return reference_mount(&both->reference);
}

static void their_close(struct both *both)
{
	reference_unmount(&both->reference);
}

static const struct worker us = { our_set, our_remove, our_rename, our_get, our_open, our_close };
static const struct worker them = { their_set, their_remove, their_rename,
	                            their_get, their_open,   their_close };

/* ------------------------------------------------------------------ working and checking */

/* The next change, made to the model; 0 or the error if `worker` cannot do it. */
static int change(struct both *both, const struct worker *worker, struct model *model)
{
	unsigned key = test_random(&both->random) % KEYS, other = test_random(&both->random) % KEYS;
	unsigned what = test_random(&both->random) % 8;

	if (what == 0 && model->number[key] != ABSENT) {
		model->number[key] = ABSENT;
		return worker->remove(both, path_of(key));
	}
	if (what == 1 && model->number[key] != ABSENT && key != other) {
		model->number[other] = model->number[key];
		model->number[key] = ABSENT;
		return worker->rename(both, path_of(key), path_of(other));
	}
	model->number[key] = model->last++;
	size_t length = bytes_of(both, model->number[key]);

	return worker->set(both, path_of(key), both->bytes, length);
}

/* True if a key has what the number says. */
static bool has(struct both *both, const struct worker *worker, unsigned key, int number)
{
	ssize_t size = worker->get(both, path_of(key));

	if (number == ABSENT)
		return size == -ENOENT;
	size_t length = bytes_of(both, number);

	return size == (ssize_t)length && memcmp(both->got, both->bytes, length) == 0;
}

static void expect_all(struct both *both, const struct worker *worker)
{
	for (unsigned key = 0; key < KEYS; key++)
		assert_true(has(both, worker, key, both->model.number[key]));
}

static void work(struct both *both, const struct worker *worker, unsigned changes)
{
	assert_int_equal(worker->open(both), 0);
	expect_all(both, worker);
	for (unsigned i = 0; i < changes; i++)
		assert_int_equal(change(both, worker, &both->model), 0);
	expect_all(both, worker);
	worker->close(both);
}

static void format_ours(struct both *both)
{
	assert_int_equal(littlefs_format(&both->ram.block, both->reference.config.block_size), 0);
}

static void format_theirs(struct both *both)
{
	assert_int_equal(reference_format(&both->reference), 0);
}

static void the_reference_reads_what_we_write(void **state)
{
	struct both *both = *state;

	format_ours(both);
	work(both, &us, 200);
	work(both, &them, 0);
}

static void we_read_what_the_reference_writes(void **state)
{
	struct both *both = *state;

	format_theirs(both);
	work(both, &them, 200);
	work(both, &us, 0);
}

static void both_change_a_volume_in_turn(void **state)
{
	struct both *both = *state;

	for (unsigned i = 0; i < 2; i++) {
		if (i == 0)
			format_ours(both);
		else
			format_theirs(both);
		for (unsigned key = 0; key < KEYS; key++)
			both->model.number[key] = ABSENT;
		for (unsigned turn = 0; turn < 40; turn++)
			work(both, turn % 2 == 0 ? &us : &them,
			     1 + test_random(&both->random) % 12);
	}
}

static int count_block(void *context, lfs2_block_t block)
{
	uint8_t *used = context;

	used[block] = 1;
	return 0;
}

/* Blocks that the one takes for used the other does too, or the one would overwrite the other's. */
static void both_agree_on_which_blocks_are_used(void **state)
{
	struct both *both = *state;
	uint32_t count = both->reference.config.block_count;
	uint8_t *used = calloc(1, count);

	format_ours(both);
	for (unsigned turn = 0; turn < 10; turn++) {
		work(both, turn % 2 == 0 ? &us : &them, 10);
		memset(used, 0, count);
		assert_int_equal(our_open(both), 0);
		assert_int_equal(littlefs_scan(both->state.volume), 0);
		assert_int_equal(their_open(both), 0);
		assert_int_equal(lfs2_fs_traverse(&both->reference.volume, count_block, used), 0);
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(used[i], both->state.volume->used[i / 8] >> i % 8 & 1);
		their_close(both);
		our_close(both);
	}
	free(used);
}

/* ------------------------------------------------------------------ power cuts */

/*
 * All values are those of `before`, or, if a change was interrupted, of `after`. The reference makes a
 * file, which is empty, before it fills it.
 */
static void expect_either(struct both *both, const struct worker *worker,
                          const struct model *before, const struct model *after)
{
	struct model made = *before;
	bool old = true, new = true, empty = true;

	for (unsigned key = 0; key < KEYS; key++) {
		if (before->number[key] == ABSENT && after->number[key] != ABSENT)
			made.number[key] = EMPTY;
		old = old && has(both, worker, key, before->number[key]);
		new = new &&has(both, worker, key, after->number[key]);
		empty = empty && has(both, worker, key, made.number[key]);
	}
	assert_true(old || new || empty);
	both->model = new ? *after : old ? *before : made;
}

/* Work until the power goes; returns true if it did not, within so many changes. */
static bool work_until_cut(struct both *both, const struct worker *worker, unsigned changes,
                           struct model *before, struct model *after)
{
	*after = both->model;
	for (unsigned i = 0; i < changes; i++) {
		*before = *after;
		if (change(both, worker, after) != 0)
			return false;
	}
	*before = *after;
	return true;
}

static void we_go_on_where_the_reference_lost_its_power(void **state)
{
	struct both *both = *state;
	bool finished = false;

	for (uint64_t cut = 1; !finished; cut++) {
		struct model before, after;

		reference_start(&both->reference, 0);
		format_theirs(both);
		for (unsigned key = 0; key < KEYS; key++)
			both->model.number[key] = ABSENT;
		both->random = 11;
		work(both, &them, 20);
		assert_int_equal(their_open(both), 0);
		reference_start(&both->reference, cut);
		finished = work_until_cut(both, &them, 12, &before, &after);
		their_close(both);
		reference_start(&both->reference, 0);
		assert_int_equal(our_open(both), 0);
		expect_either(both, &us, &before, &after);
		our_close(both);
		work(both, &us, 5);
		work(both, &them, 5);
	}
}

/* `heir` goes on where we lost our power, at every change, with blocks as bad as `bad` says. */
static void lose_our_power(struct both *both, const struct worker *heir,
                           const struct block_faulty_plan *bad)
{
	bool finished = false;

	for (uint64_t cut = 1; !finished; cut++) {
		struct model before, after;
		struct block_faulty_plan plan = *bad;

		block_faulty_start(&both->faulty, NULL);
		format_ours(both);
		for (unsigned key = 0; key < KEYS; key++)
			both->model.number[key] = ABSENT;
		both->random = 12;
		work(both, &them, 20);
		assert_int_equal(our_open(both), 0);
		plan.cut_at = cut;
		plan.unflushed = BLOCK_FAULTY_SHUFFLE;
		plan.tear = BLOCK_FAULTY_TEAR_BYTES;
		plan.seed = cut;
		block_faulty_start(&both->faulty, &plan);
		if (bad->bad_count > 0)
			both->state.volume->next = (uint32_t)cut % 20 + 2;
		finished = work_until_cut(both, &us, 12, &before, &after);
		our_close(both);
		block_faulty_start(&both->faulty, bad);
		error_ignore(block_flush(&both->disk, NEVER), "the power was cut or all is there");
		assert_int_equal(heir->open(both), 0);
		expect_either(both, heir, &before, &after);
		heir->close(both);
		work(both, heir, 5);
		work(both, heir == &us ? &them : &us, 5);
	}
}

/*
 * If the reference moves a pair while it puts right what is left of another's, it takes blocks that the
 * other's values have: it does not look for them there. So it is not to move any.
 */
static void the_reference_goes_on_where_we_lost_our_power(void **state)
{
	struct both *both = *state;

	both->reference.config.block_cycles = -1;
	lose_our_power(both, &them, &(struct block_faulty_plan){ .bad_count = 0 });
}

static void we_go_on_where_we_lost_our_power(void **state)
{
	lose_our_power(*state, &us, &(struct block_faulty_plan){ .bad_count = 0 });
}

static void we_go_on_where_we_lost_our_power_among_bad_blocks(void **state)
{
	struct both *both = *state;
	uint32_t sectors = both->reference.config.block_size / 512;

	for (uint64_t block = 20; block < 28; block++)
		lose_our_power(both, &us,
		               &(struct block_faulty_plan){
				       .bad_sector = block * sectors,
				       .bad_count = sectors,
				       .bad = block % 2 == 0 ? BLOCK_FAULTY_BAD_FROZEN
		                                             : BLOCK_FAULTY_BAD_LIES,
			       });
}

/* ------------------------------------------------------------------ bad blocks */

/* Blocks go bad that were never written or that are, one after the other, in each way. */
static void the_reference_reads_what_we_write_around_bad_blocks(void **state)
{
	struct both *both = *state;
	uint32_t sectors = both->reference.config.block_size / 512;
	unsigned met = 0;

	for (uint32_t block = 2; block < 60; block++) {
		format_ours(both);
		for (unsigned key = 0; key < KEYS; key++)
			both->model.number[key] = ABSENT;
		both->random = block;
		block_faulty_start(&both->faulty, &(struct block_faulty_plan){
							  .bad_sector = (uint64_t)block * sectors,
							  .bad_count = sectors,
							  .bad = (enum block_faulty_bad)(block % 3),
						  });
		assert_int_equal(our_open(both), 0);
		both->state.volume->next = 2;
		for (unsigned i = 0; i < 30; i++)
			assert_int_equal(change(both, &us, &both->model), 0);
		expect_all(both, &us);
		our_close(both);
		met += both->faulty_state.counts.failed + both->faulty_state.counts.lost > 0;
		work(both, &us, 0);
		work(both, &them, 5);
		block_faulty_start(&both->faulty, NULL);
		work(both, &us, 5);
	}
	assert_true(met > 40);
}

#define BETWEEN(name, kind) cmocka_unit_test_setup_teardown(name, open_##kind, close_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BETWEEN(the_reference_reads_what_we_write, small_blocks),
		BETWEEN(the_reference_reads_what_we_write, large_blocks),
		BETWEEN(we_read_what_the_reference_writes, small_blocks),
		BETWEEN(we_read_what_the_reference_writes, large_blocks),
		BETWEEN(we_read_what_the_reference_writes, moving),
		BETWEEN(both_change_a_volume_in_turn, small_blocks),
		BETWEEN(both_change_a_volume_in_turn, large_blocks),
		BETWEEN(both_change_a_volume_in_turn, moving),
		BETWEEN(both_agree_on_which_blocks_are_used, small_blocks),
		BETWEEN(both_agree_on_which_blocks_are_used, moving),
		BETWEEN(we_go_on_where_the_reference_lost_its_power, small_blocks),
		BETWEEN(we_go_on_where_the_reference_lost_its_power, moving),
		BETWEEN(the_reference_goes_on_where_we_lost_our_power, small_blocks),
		BETWEEN(the_reference_goes_on_where_we_lost_our_power, large_blocks),
		BETWEEN(the_reference_goes_on_where_we_lost_our_power, moving),
		BETWEEN(we_go_on_where_we_lost_our_power, small_blocks),
		BETWEEN(we_go_on_where_we_lost_our_power, moving),
		BETWEEN(we_go_on_where_we_lost_our_power_among_bad_blocks, small_blocks),
		BETWEEN(we_go_on_where_we_lost_our_power_among_bad_blocks, moving),
		BETWEEN(the_reference_reads_what_we_write_around_bad_blocks, small_blocks),
		BETWEEN(the_reference_reads_what_we_write_around_bad_blocks, moving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
	puts("1..1\nok 1 - littlefs # SKIP no reference implementation: tools/setup.sh test "
	     "fetches it");
	return 0;
}
#endif
