/* SPDX-License-Identifier: ISC */
/*
 * The checks of kv_checks.h as cmocka tests, each on a store that `set_up` makes and `tear_down`
 * takes away; the state is a `struct kv_rw *`.
 */
#ifndef TEST_UNIT_KV_MAIN_H
#define TEST_UNIT_KV_MAIN_H

#include "test/unit/kv_checks.h"
#include "test/unit/kv_differential.h"

#define KV_TEST(check)                               \
	static void test_##check(void **state)       \
	{                                            \
		check((const struct kv_rw *)*state); \
	}

KV_TEST(kv_values_are_set_and_got)
KV_TEST(kv_parts_are_got)
KV_TEST(kv_errors_are_told_apart)
KV_TEST(kv_limits_are_errors)
KV_TEST(kv_parts_are_set)
KV_TEST(kv_things_are_removed)
KV_TEST(kv_things_are_renamed)
KV_TEST(kv_space_is_allocated)
KV_TEST(kv_digests_tell_values_apart)

static inline void test_kv_behaves_like_a_table(void **state)
{
	kv_behaves_like_a_table(*state, 1, 400, 3000);
}

static inline void test_kv_behaves_like_memory(void **state)
{
	kv_behaves_like_memory(*state, 11, 600);
}

#define KV_TESTS(set_up, tear_down)                                                                \
	cmocka_unit_test_setup_teardown(test_kv_values_are_set_and_got, set_up, tear_down),        \
		cmocka_unit_test_setup_teardown(test_kv_parts_are_got, set_up, tear_down),         \
		cmocka_unit_test_setup_teardown(test_kv_errors_are_told_apart, set_up, tear_down), \
		cmocka_unit_test_setup_teardown(test_kv_limits_are_errors, set_up, tear_down),     \
		cmocka_unit_test_setup_teardown(test_kv_parts_are_set, set_up, tear_down),         \
		cmocka_unit_test_setup_teardown(test_kv_things_are_removed, set_up, tear_down),    \
		cmocka_unit_test_setup_teardown(test_kv_things_are_renamed, set_up, tear_down),    \
		cmocka_unit_test_setup_teardown(test_kv_space_is_allocated, set_up, tear_down),    \
		cmocka_unit_test_setup_teardown(test_kv_digests_tell_values_apart, set_up,         \
	                                        tear_down),                                        \
		cmocka_unit_test_setup_teardown(test_kv_behaves_like_a_table, set_up, tear_down),  \
		cmocka_unit_test_setup_teardown(test_kv_behaves_like_memory, set_up, tear_down)

#endif
