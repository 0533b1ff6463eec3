/* SPDX-License-Identifier: ISC */
/*
 * kv_mem: what every store does, and its order, budget and times.
 */
#include "test/unit/kv_main.h"

#include <mirage/kv_mem.h>
#include <mirage/mock_clock.h>

struct store {
	struct kv_rw kv; /* first: the tests' state */
	struct kv_mem mem;
	struct kv_mem_state state;
	struct mock_clock_state now;
	struct mock_clock mock;
	struct wall_clock clock;
};

static int open_store(void **state)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return -1;
	store->mock.state = &store->now;
	store->clock = (struct wall_clock){ .ops = &mock_wall_clock_ops, .self = &store->mock };
	store->mem = (struct kv_mem){ .state = &store->state,
		                      .clock = &store->clock,
		                      .bytes_max = 64 << 20 };
	store->kv = (struct kv_rw){ .ops = &kv_mem_ops, .self = &store->mem };
	*state = store;
	return mock_clock_connect(&store->mock);
}

static int close_store(void **state)
{
	struct store *store = *state;

	kv_mem_disconnect(&store->mem);
	assert_int_equal(store->state.block_count, 0);
	free(store);
	return 0;
}

static void many_values_stay_in_order(void **state)
{
	enum {
		COUNT = 5000
	};
	struct store *store = *state;
	char key[32], text[32];
	size_t count;
	uint64_t bytes;

	/* 7919 is prime to 5000: each number once, out of order. */
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(key, sizeof(key), "v/%u", i * 7919u % COUNT);
		kv_put(&store->kv, key, key);
	}
	kv_mem_statistics(&store->mem, &count, &bytes);
	assert_int_equal(count, COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(key, sizeof(key), "v/%u", i);
		kv_expect(&store->kv, key, key);
	}
	for (unsigned i = 0; i < COUNT; i += 2) {
		snprintf(key, sizeof(key), "v/%u", i * 7919u % COUNT);
		assert_int_equal(kv_rw_remove(&store->kv, key), 0);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(key, sizeof(key), "v/%u", i * 7919u % COUNT);
		snprintf(text, sizeof(text), "%s", key);
		assert_int_equal(kv_kind_at(&store->kv, text), i % 2 == 0 ? KV_NONE : KV_VALUE);
	}
	assert_int_equal(kv_rw_rename(&store->kv, "v", "w/x"), 0);
	snprintf(key, sizeof(key), "w/x/%u", 7919u % COUNT);
	assert_int_equal(kv_kind_at(&store->kv, key), KV_VALUE);
	assert_int_equal(kv_rw_remove(&store->kv, "w"), 0);
	kv_mem_statistics(&store->mem, &count, &bytes);
	assert_int_equal(count, 0);
	assert_int_equal(bytes, 0);
}

static void neighbours_in_order_are_not_mistaken_for_a_dictionary(void **state)
{
	const struct kv_rw *kv = *state;

	kv_put(kv, "a!", "1"); /* '!' and '-' come before '/', '0' behind it */
	kv_put(kv, "a-b", "2");
	kv_put(kv, "a/b", "3");
	kv_put(kv, "a0", "4");
	kv_put(kv, "a/b0", "5");
	kv_put(kv, "a/c/d", "6");
	kv_put(kv, "a/c0", "7");
	kv_expect_entries(kv, "", "a! a-b a/ a0");
	kv_expect_entries(kv, "a", "b b0 c/ c0");
	kv_expect_entries(kv, "a/c", "d");
	assert_int_equal(kv_rw_remove(kv, "a"), 0);
	kv_expect_entries(kv, "", "a! a-b a0");
}

static void a_spent_budget_refuses_and_changes_nothing(void **state)
{
	struct store *store = *state;
	size_t count;
	uint64_t bytes;

	store->mem.bytes_max = 20;
	kv_put(&store->kv, "key", "0123456789"); /* 13 bytes */
	assert_int_equal(kv_rw_set(&store->kv, "key2", "0123", 4), -ENOSPC);
	kv_put(&store->kv, "k2", "01234"); /* 20 */
	assert_int_equal(kv_rw_set(&store->kv, "k2", "012345", 6), -ENOSPC);
	assert_int_equal(kv_rw_set_part(&store->kv, "k2", 5, "5", 1), -ENOSPC);
	assert_int_equal(kv_rw_allocate(&store->kv, "z", 0), -ENOSPC);
	kv_expect(&store->kv, "key", "0123456789");
	kv_expect(&store->kv, "k2", "01234");
	kv_mem_statistics(&store->mem, &count, &bytes);
	assert_int_equal(count, 2);
	assert_int_equal(bytes, 20);
	kv_put(&store->kv, "key", "01");
	kv_put(&store->kv, "k2", "0123456789");
	assert_int_equal(kv_rw_set(&store->kv, "huge", "", SIZE_MAX / 2 + 2), -EFBIG);
}

static void times_are_the_clocks(void **state)
{
	struct store *store = *state;
	struct kv_ro reader = kv_rw_reader(&store->kv);
	nanoseconds wall = 1;

	mock_clock_set(&store->mock, 100);
	kv_put(&store->kv, "d/a", "");
	mock_clock_set(&store->mock, 200);
	kv_put(&store->kv, "d/b", "");
	mock_clock_set(&store->mock, 300);
	kv_put(&store->kv, "d/e/c", "");
	assert_int_equal(kv_ro_last_modified(&reader, "d/a", &wall), 0);
	assert_int_equal(wall, 100);
	assert_int_equal(kv_ro_last_modified(&reader, "d", &wall), 0);
	assert_int_equal(wall, 200); /* of the values directly in it */
	mock_clock_set(&store->mock, 400);
	assert_int_equal(kv_rw_set_part(&store->kv, "d/a", 0, "x", 1), 0);
	assert_int_equal(kv_ro_last_modified(&reader, "d", &wall), 0);
	assert_int_equal(wall, 400);
	assert_int_equal(kv_rw_rename(&store->kv, "d/a", "moved"), 0);
	assert_int_equal(kv_ro_last_modified(&reader, "moved", &wall), 0);
	assert_int_equal(wall, 400);
}

static int stop_at_second(void *context, const char *name, enum kv_kind kind)
{
	(void)name;
	(void)kind;
	return ++*(int *)context == 2 ? 77 : 0;
}

static void a_listing_ends_when_its_visitor_says(void **state)
{
	const struct kv_rw *kv = *state;
	struct kv_ro reader = kv_rw_reader(kv);
	int visits = 0;

	kv_put(kv, "a", "");
	kv_put(kv, "b", "");
	kv_put(kv, "c", "");
	assert_int_equal(kv_ro_list(&reader, "/", stop_at_second, &visits), 77);
	assert_int_equal(visits, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KV_TESTS(open_store, close_store),
		cmocka_unit_test_setup_teardown(many_values_stay_in_order, open_store, close_store),
		cmocka_unit_test_setup_teardown(
			neighbours_in_order_are_not_mistaken_for_a_dictionary, open_store,
			close_store),
		cmocka_unit_test_setup_teardown(a_spent_budget_refuses_and_changes_nothing,
		                                open_store, close_store),
		cmocka_unit_test_setup_teardown(times_are_the_clocks, open_store, close_store),
		cmocka_unit_test_setup_teardown(a_listing_ends_when_its_visitor_says, open_store,
		                                close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
