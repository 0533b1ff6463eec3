/* SPDX-License-Identifier: ISC */
/*
 * Stores that several fibers use at once, on a disk that lets the others run before each request: what
 * they see and what remains is what some order of their calls, one after the other, would give.
 */
#include "test/unit/kv_checks.h"
#include "test/unit/on_ramdisk.h"
#include "test/unit/on_virtual.h"

#include <mirage/fat_kv.h>
#include <mirage/kv_mem.h>
#include <mirage/littlefs_kv.h>
#include <mirage/mock_clock.h>
#include <mirage/tar_kv.h>

#include "storage/fat/volume.h"
#include "storage/littlefs/volume.h"
#include "storage/tar/archive.h"

enum {
	FIBERS = 4,
	DISK_SIZE = 4 << 20,
};

/* A disk that takes its time. */
static const struct block_info *slow_info(const void *self)
{
	return block_info(self);
}

static void slow_submit(const void *self, struct block_request *requests, size_t count,
                        nanoseconds deadline)
{
	error_ignore(fiber_yield(), "what was begun is finished");
	error_ignore(block_submit(self, requests, count, deadline), "each has its result");
}

static const struct block_ops slow_ops = { .info = slow_info, .submit = slow_submit };

struct world {
	struct test_disk disk;
	struct block slow;
	struct mock_clock_state now;
	struct mock_clock mock;
	struct wall_clock clock;
	struct fat_rw_state fat_state;
	struct fat_rw fat;
	struct littlefs_kv_state littlefs_state;
	struct littlefs_kv littlefs;
	struct tar_kv_rw_state tar_state;
	struct tar_kv_rw tar;
	struct kv_mem_state mem_state;
	struct kv_mem mem;
	struct kv_rw kv;
	int (*fiber)(void *argument);
	uint64_t random;
	void *account;
};

static void world_init(struct world *world)
{
	world->mem = (struct kv_mem){ .state = &world->mem_state, .clock = &world->clock };
	world->fat = (struct fat_rw){ &world->fat_state, &world->slow, &world->clock };
	world->littlefs =
		(struct littlefs_kv){ &world->littlefs_state, &world->slow, &world->clock };
	world->tar = (struct tar_kv_rw){ &world->tar_state, &world->slow, &world->clock };
	test_disk_init(&world->disk, DISK_SIZE, 512);
	world->slow = (struct block){ .ops = &slow_ops, .self = &world->disk.block };
	world->mock.state = &world->now;
	world->clock = (struct wall_clock){ .ops = &mock_wall_clock_ops, .self = &world->mock };
	assert_int_equal(mock_clock_connect(&world->mock), 0);
}

static void use_mem(struct world *world)
{
	world->kv = (struct kv_rw){ .ops = &kv_mem_ops, .self = &world->mem };
}

static void use_fat(struct world *world)
{
	world->kv = (struct kv_rw){ .ops = &fat_rw_ops, .self = &world->fat };
	assert_int_equal(fat_format(&world->disk.block, &(struct fat_format){ .table_count = 2 }),
	                 0);
	assert_int_equal(fat_rw_connect(&world->fat), 0);
}

static void use_littlefs(struct world *world)
{
	world->kv = (struct kv_rw){ .ops = &littlefs_kv_ops, .self = &world->littlefs };
	assert_int_equal(littlefs_format(&world->disk.block, 512), 0);
	assert_int_equal(littlefs_kv_connect(&world->littlefs), 0);
}

static void use_tar(struct world *world)
{
	world->kv = (struct kv_rw){ .ops = &tar_kv_rw_ops, .self = &world->tar };
	assert_int_equal(tar_archive_format(&world->disk.block), 0);
	assert_int_equal(tar_kv_rw_connect(&world->tar), 0);
}

static void world_fini(struct world *world)
{
	tar_kv_rw_disconnect(&world->tar);
	fat_rw_disconnect(&world->fat);
	littlefs_kv_disconnect(&world->littlefs);
	kv_mem_disconnect(&world->mem);
	test_disk_fini(&world->disk);
}

/* Run FIBERS of them. */
static int run_fibers(void *argument)
{
	struct world *world = argument;
	struct scope scope;
	void (*const stores[])(struct world *) = { use_mem, use_fat, use_littlefs, use_tar };

	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
		world_init(world);
		stores[i](world);
		scope_open(&scope);
		for (int fiber = 0; fiber < FIBERS; fiber++)
			assert_int_equal(fiber_start(&scope, "user", world->fiber, world), 0);
		assert_int_equal(scope_wait_all(&scope, NEVER), 0);
		scope_close(&scope);
		world_fini(world);
	}
	return 0;
}

static void on_all_stores(int (*fiber)(void *argument), void *account)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->fiber = fiber;
	world->random = 5;
	world->account = account;
	on_virtual(run_fibers, world);
	free(world);
}

/* ------------------------------------------------------------------ a value */

/* A value says its number in its length and in each byte, so that a mixed one is seen. */
static size_t length_of(unsigned number)
{
	return number * 2477u % 6000u;
}

static int set_numbered(const struct kv_rw *kv, unsigned number)
{
	uint8_t bytes[6000];

	memset(bytes, (int)(number % 251), sizeof(bytes));
	return kv_rw_set(kv, "d/value", bytes, length_of(number));
}

/* What happened, in the time that each event moves on. */
struct history {
	unsigned now;
	unsigned count;
	struct {
		unsigned begun, done;
	} sets[400];
};

/* One that was not replaced before `asked` by a set that began after it was done. */
static bool may_be_seen(const struct history *history, unsigned number, unsigned asked,
                        unsigned answered)
{
	if (history->sets[number].begun > answered)
		return false;
	for (unsigned other = 0; other < history->count; other++)
		if (history->sets[number].done != 0 &&
		    history->sets[other].begun > history->sets[number].done &&
		    history->sets[other].done != 0 && history->sets[other].done < asked)
			return false;
	return true;
}

static bool was_set(const struct history *history, const struct kv_value *value, unsigned asked,
                    unsigned answered)
{
	for (unsigned number = 1; number < history->count; number++) {
		bool whole = value->length == length_of(number);

		for (size_t i = 0; i < value->length && whole; i++)
			whole = value->bytes[i] == number % 251;
		if (whole && may_be_seen(history, number, asked, answered))
			return true;
	}
	return false;
}

static int set_and_get(void *argument)
{
	struct world *world = argument;
	struct history *history = world->account;
	struct kv_ro reader = kv_rw_reader(&world->kv);
	struct kv_value value;

	for (int step = 0; step < 40; step++) {
		if (test_random(&world->random) % 2 == 0) {
			unsigned number = history->count++;

			history->sets[number].begun = ++history->now;
			assert_int_equal(set_numbered(&world->kv, number), 0);
			history->sets[number].done = ++history->now;
			continue;
		}
		unsigned asked = ++history->now;
		int error = kv_ro_get(&reader, "d/value", &value);

		if (error == -ENOENT)
			continue;
		assert_int_equal(error, 0);
		assert_true(was_set(history, &value, asked, ++history->now));
		kv_value_release(&value);
	}
	return 0;
}

static void a_value_that_is_got_was_set_as_a_whole_and_not_replaced_before(void **state)
{
	static struct history history;

	(void)state;
	/* Numbers count from 1; each store begins with none, and ends with all done. */
	history = (struct history){ .count = 1, .now = 1 };
	on_all_stores(set_and_get, &history);
	assert_true(history.count > 200);
}

/* ------------------------------------------------------------------ deciding and doing */

static int allocate_once(void *argument)
{
	struct world *world = argument;
	unsigned *made = world->account;

	for (unsigned i = 0; i < 10; i++) {
		char key[16];

		snprintf(key, sizeof(key), "place-%u", i);
		int error = kv_rw_allocate(&world->kv, key, 100);

		assert_true(error == 0 || error == -EEXIST);
		*made += error == 0;
	}
	return 0;
}

static void of_fibers_that_allocate_one_key_one_has_it(void **state)
{
	unsigned made = 0;

	(void)state;
	on_all_stores(allocate_once, &made);
	assert_int_equal(made, 4 * 10);
}

enum {
	ROUNDS = 12
};

struct moves {
	unsigned started, ended;
	int errors[ROUNDS][FIBERS];
};

/* All move a dictionary of their own to the same place, in each round another. */
static int move_to_one_place(void *argument)
{
	struct world *world = argument;
	struct moves *moves = world->account;
	unsigned me = moves->started++ % FIBERS;

	for (unsigned round = 0; round < ROUNDS; round++) {
		char source[32], value[40], destination[32];

		snprintf(source, sizeof(source), "%u-from-%u", round, me);
		snprintf(value, sizeof(value), "%s/x", source);
		snprintf(destination, sizeof(destination), "%u-to", round);
		assert_int_equal(kv_rw_set(&world->kv, value, "", 0), 0);
		/* In every other round, one of them would rather have a value there. */
		moves->errors[round][me] = me == 0 && round % 2 != 0
		                                   ? kv_rw_set(&world->kv, destination, "", 0)
		                                   : kv_rw_rename(&world->kv, source, destination);
	}
	return 0;
}

static int count_entry(void *context, const char *name, enum kv_kind kind)
{
	(void)name;
	(void)kind;
	++*(unsigned *)context;
	return 0;
}

/* Whoever came first is the place itself, and decides what becomes of the others. */
static void look_at_place(const struct kv_rw *kv, unsigned round, const int errors[FIBERS])
{
	struct kv_ro reader = kv_rw_reader(kv);
	char place[32];
	unsigned count = 0;

	snprintf(place, sizeof(place), "%u-to", round);
	bool sets = round % 2 != 0, is_value = sets && errors[0] == 0;

	assert_int_equal(kv_kind_at(kv, place), is_value ? KV_VALUE : KV_DICTIONARY);
	assert_int_equal(errors[0], sets && !is_value ? -EISDIR : 0);
	for (unsigned fiber = 1; fiber < FIBERS; fiber++)
		assert_int_equal(errors[fiber], is_value ? -ENOTDIR : 0);
	if (is_value)
		return;
	/* The first's "x", and the others' dictionaries. */
	assert_int_equal(kv_ro_list(&reader, place, count_entry, &count), 0);
	assert_int_equal(count, sets ? FIBERS - 1 : FIBERS);
}

/* The last to end looks; in the root, too, is each place once. */
static int move_and_look(void *argument)
{
	struct world *world = argument;
	struct moves *moves = world->account;
	struct kv_ro reader = kv_rw_reader(&world->kv);
	unsigned count = 0, expected = ROUNDS;

	if (world->kv.ops == &tar_kv_rw_ops) /* cannot rename */
		return 0;
	assert_int_equal(move_to_one_place(argument), 0);
	if (++moves->ended % FIBERS != 0)
		return 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		look_at_place(&world->kv, round, moves->errors[round]);
		/* What was not moved is where it was. */
		expected += round % 2 == 0 ? 0 : moves->errors[round][0] == 0 ? FIBERS : 1;
	}
	assert_int_equal(kv_ro_list(&reader, "/", count_entry, &count), 0);
	assert_int_equal(count, expected);
	return 0;
}

static void of_fibers_that_move_to_one_key_each_sees_those_before_it(void **state)
{
	static struct moves moves;

	(void)state;
	moves = (struct moves){ .started = 0 };
	on_all_stores(move_and_look, &moves);
	assert_int_equal(moves.ended, 3 * FIBERS);
}

/* ------------------------------------------------------------------ listing */

static int visit_and_change(void *context, const char *name, enum kv_kind kind)
{
	struct world *world = context;
	char key[32];

	/* What was not visited yet comes and goes; "stays" does not. */
	snprintf(key, sizeof(key), "d/%c-%u", 'a' + (int)(test_random(&world->random) % 26),
	         test_random(&world->random) % 10);
	error_ignore(kv_rw_set(&world->kv, key, "", 0), "the store may be full");
	if (test_random(&world->random) % 2 == 0)
		error_ignore(kv_rw_remove(&world->kv, key), "an archive cannot");
	if (strncmp(name, "stays", 5) == 0) {
		assert_int_equal(kind, KV_VALUE);
		((unsigned *)world->account)[name[5] - '0']++;
	}
	return 0;
}

static int list_and_change(void *argument)
{
	struct world *world = argument;
	struct kv_ro reader = kv_rw_reader(&world->kv);

	for (char key[] = "d/stays0"; key[7] <= '9'; key[7]++)
		assert_int_equal(kv_rw_set(&world->kv, key, "", 0), 0);
	return kv_ro_list(&reader, "d", visit_and_change, world);
}

static void a_listing_shows_once_what_is_there_all_the_time(void **state)
{
	unsigned seen[10] = { 0 };

	(void)state;
	on_all_stores(list_and_change, seen);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(seen[i], 4 * FIBERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_that_is_got_was_set_as_a_whole_and_not_replaced_before),
		cmocka_unit_test(of_fibers_that_allocate_one_key_one_has_it),
		cmocka_unit_test(of_fibers_that_move_to_one_key_each_sees_those_before_it),
		cmocka_unit_test(a_listing_shows_once_what_is_there_all_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
