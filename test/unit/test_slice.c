/* SPDX-License-Identifier: ISC */
/*
 * Slices: ranges, copies and comparison.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mirage/slice.h>

static void a_part_lies_where_it_was_asked_for(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct slice part;

	(void)state;
	assert_int_equal(slice_sub(slice_of(bytes, 8), 2, 3, &part), 0);
	assert_ptr_equal(part.bytes, bytes + 2);
	assert_int_equal(part.length, 3);
}

static void the_whole_and_the_empty_end_are_parts(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct slice part;

	(void)state;
	assert_int_equal(slice_sub(slice_of(bytes, 8), 0, 8, &part), 0);
	assert_int_equal(part.length, 8);
	assert_int_equal(slice_sub(slice_of(bytes, 8), 8, 0, &part), 0);
	assert_int_equal(part.length, 0);
}

static void a_part_past_the_end_is_refused_and_nothing_changes(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct slice part = slice_of(bytes, 1);

	(void)state;
	assert_int_equal(slice_sub(slice_of(bytes, 8), 0, 9, &part), -ERANGE);
	assert_int_equal(slice_sub(slice_of(bytes, 8), 8, 1, &part), -ERANGE);
	assert_int_equal(slice_sub(slice_of(bytes, 8), 9, 0, &part), -ERANGE);
	assert_ptr_equal(part.bytes, bytes);
	assert_int_equal(part.length, 1);
}

static void ranges_do_not_wrap_around(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct slice slice = slice_of(bytes, 8);

	(void)state;
	assert_false(slice_holds(slice, SIZE_MAX, 2));
	assert_false(slice_holds(slice, 2, SIZE_MAX));
	assert_false(slice_holds(slice, SIZE_MAX, SIZE_MAX));
	assert_false(slice_holds(slice, 4, SIZE_MAX - 3));
	assert_true(slice_holds(slice, 4, 4));
}

static void copies_may_overlap(void **state)
{
	uint8_t bytes[] = "abcdef";
	struct slice slice = slice_of(bytes, 6);

	(void)state;
	assert_int_equal(slice_copy(slice, 2, slice_of(bytes, 4)), 0);
	assert_memory_equal(bytes, "ababcd", 6);
}

static void a_copy_that_does_not_fit_changes_nothing(void **state)
{
	uint8_t bytes[] = "abcdef";
	uint8_t source[] = "xyz";

	(void)state;
	assert_int_equal(slice_copy(slice_of(bytes, 6), 4, slice_of(source, 3)), -ERANGE);
	assert_memory_equal(bytes, "abcdef", 6);
}

static void empty_slices_need_no_bytes(void **state)
{
	uint8_t bytes[] = "a";

	(void)state;
	assert_int_equal(slice_copy(slice_of(bytes, 1), 1, slice_of(NULL, 0)), 0);
	assert_int_equal(slice_copy(slice_of(NULL, 0), 0, slice_of(NULL, 0)), 0);
	assert_true(slice_equal(slice_of(NULL, 0), slice_of(bytes, 0)));
}

static void equality_is_of_bytes_and_length(void **state)
{
	uint8_t a[] = "abc";
	uint8_t b[] = "abd";

	(void)state;
	assert_true(slice_equal(slice_of(a, 2), slice_of(b, 2)));
	assert_false(slice_equal(slice_of(a, 3), slice_of(b, 3)));
	assert_false(slice_equal(slice_of(a, 3), slice_of(a, 2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_lies_where_it_was_asked_for),
		cmocka_unit_test(the_whole_and_the_empty_end_are_parts),
		cmocka_unit_test(a_part_past_the_end_is_refused_and_nothing_changes),
		cmocka_unit_test(ranges_do_not_wrap_around),
		cmocka_unit_test(copies_may_overlap),
		cmocka_unit_test(a_copy_that_does_not_fit_changes_nothing),
		cmocka_unit_test(empty_slices_need_no_bytes),
		cmocka_unit_test(equality_is_of_bytes_and_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
