/* SPDX-License-Identifier: ISC */
/* Frames: storage, references, parts, metadata. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/checksum.h>
#include <mirage/frame.h>

struct pools {
	struct frame_pool *frames;
	struct buffer_pool *buffers;
};

static int setup(void **state)
{
	struct pools *pools = calloc(1, sizeof(*pools));

	*state = pools;
	assert_int_equal(frame_pool_new(&pools->frames, 256, 8), 0);
	return buffer_pool_new(&pools->buffers, 512, 64);
}

/* Every test gives back all it took: freeing a pool that is in use aborts. */
static int teardown(void **state)
{
	struct pools *pools = *state;

	frame_pool_free(pools->frames);
	buffer_pool_free(pools->buffers);
	free(pools);
	return 0;
}

static struct frame *new_frame(const struct pools *pools, size_t head_room)
{
	struct frame *frame;

	assert_int_equal(frame_new(&frame, pools->frames, head_room), 0);
	return frame;
}

static void append_text(struct frame *frame, const char *text)
{
	uint8_t *bytes = frame_append(frame, strlen(text));

	assert_non_null(bytes);
	memcpy(bytes, text, strlen(text));
}

static void append_fragment(const struct pools *pools, struct frame *frame, const char *text)
{
	struct buffer *buffer;

	assert_int_equal(buffer_new(&buffer, pools->buffers), 0);
	struct view view = { .buffer = buffer, .slice = buffer_slice(buffer) };

	memcpy(view.slice.bytes, text, strlen(text));
	view.slice.length = strlen(text);
	assert_int_equal(frame_append_view(frame, &view), 0);
	assert_null(view.buffer);
}

static void assert_reads(const struct frame *frame, const char *text)
{
	char bytes[1024] = { 0 };

	frame_check(frame);
	assert_int_equal(frame_length(frame), strlen(text));
	assert_int_equal(frame_read(frame, 0, bytes, strlen(text)), 0);
	assert_string_equal(bytes, text);
}

static void a_pool_refuses_sizes_that_make_no_sense(void **state)
{
	struct frame_pool *pool;

	(void)state;
	assert_int_equal(frame_pool_new(&pool, 0, 1), -EINVAL);
	assert_int_equal(frame_pool_new(&pool, 1, 0), -EINVAL);
	assert_int_equal(frame_pool_new(&pool, FRAME_STORAGE_MAX + 1, 1), -EINVAL);
	assert_int_equal(frame_pool_new(&pool, FRAME_STORAGE_MAX, 1), 0);
	struct frame *frame;

	assert_int_equal(frame_new(&frame, pool, 0), 0);
	assert_non_null(frame_append(frame, FRAME_STORAGE_MAX));
	memset(frame_bytes(frame), 1, FRAME_STORAGE_MAX);
	frame_release(frame);
	frame_pool_free(pool);
}

static void a_pool_keeps_its_budget_and_reuses_frames(void **state)
{
	const struct pools *pools = *state;
	struct frame *frames[8], *more;
	struct frame_pool_statistics statistics;

	for (size_t i = 0; i < 8; i++)
		frames[i] = new_frame(pools, 0);
	assert_int_equal(frame_new(&more, pools->frames, 0), -ENOBUFS);
	frame_release(frames[3]);
	assert_ptr_equal(new_frame(pools, 0), frames[3]);
	frame_release_all(frames, 8);
	frame_pool_statistics(pools->frames, &statistics);
	assert_int_equal(statistics.in_use, 0);
	assert_int_equal(statistics.in_use_max, 8);
	assert_int_equal(statistics.refused, 1);
	assert_int_equal(frame_new(&more, pools->frames, 257), -ERANGE);
}

static void headers_go_into_the_head_room_and_come_off_again(void **state)
{
	struct frame *frame = new_frame(*state, 10);

	append_text(frame, "payload");
	memcpy(frame_prepend(frame, 4), "tcp ", 4);
	memcpy(frame_prepend(frame, 3), "ip ", 3);
	assert_reads(frame, "ip tcp payload");
	assert_int_equal(frame_head_room(frame), 3);
	assert_null(frame_prepend(frame, 4));
	assert_int_equal(frame_remove(frame, 3), 0);
	assert_int_equal(frame_remove(frame, 4), 0);
	assert_reads(frame, "payload");
	assert_int_equal(frame_remove(frame, 8), -ERANGE);
	assert_reads(frame, "payload");
	frame_release(frame);
}

static void the_tail_room_ends_where_the_storage_does(void **state)
{
	struct frame *frame = new_frame(*state, 100);

	assert_int_equal(frame_tail_room(frame), 156);
	assert_null(frame_append(frame, 157));
	assert_non_null(frame_append(frame, 156));
	assert_null(frame_append(frame, 1));
	frame_check(frame);
	frame_release(frame);
}

static void fragments_follow_the_linear_part(void **state)
{
	struct frame *frame = new_frame(*state, 10);

	append_text(frame, "head");
	append_fragment(*state, frame, "er and");
	append_fragment(*state, frame, " payload");
	assert_reads(frame, "header and payload");
	assert_int_equal(frame_linear_length(frame), 4);
	assert_int_equal(frame_part_count(frame), 3);
	assert_null(frame_append(frame, 1));
	assert_int_equal(frame_remove(frame, 7), 0);
	assert_reads(frame, "and payload");
	assert_int_equal(frame_remove(frame, 3), 0);
	assert_reads(frame, " payload");
	assert_int_equal(frame_part_count(frame), 2);
	frame_release(frame);
}

static void cutting_the_end_releases_what_is_behind(void **state)
{
	const struct pools *pools = *state;
	struct frame *frame = new_frame(pools, 10);
	struct buffer_pool_statistics statistics;

	append_text(frame, "head");
	append_fragment(pools, frame, "er and");
	append_fragment(pools, frame, " payload");
	assert_int_equal(frame_truncate(frame, 19), -ERANGE);
	assert_int_equal(frame_truncate(frame, 12), 0);
	assert_reads(frame, "header and p");
	assert_int_equal(frame_truncate(frame, 10), 0);
	assert_reads(frame, "header and");
	buffer_pool_statistics(pools->buffers, &statistics);
	assert_int_equal(statistics.in_use, 1);
	assert_int_equal(frame_truncate(frame, 2), 0);
	assert_reads(frame, "he");
	buffer_pool_statistics(pools->buffers, &statistics);
	assert_int_equal(statistics.in_use, 0);
	frame_release(frame);
}

static void the_front_can_be_made_linear(void **state)
{
	struct frame *frame = new_frame(*state, 10);

	append_text(frame, "he");
	append_fragment(*state, frame, "ad");
	append_fragment(*state, frame, "er and payload");
	assert_int_equal(frame_make_linear(frame, 6), 0);
	assert_int_equal(frame_linear_length(frame), 6);
	assert_memory_equal(frame_bytes(frame), "header", 6);
	assert_reads(frame, "header and payload");
	assert_int_equal(frame_make_linear(frame, 3), 0);
	assert_int_equal(frame_linear_length(frame), 6);
	assert_int_equal(frame_make_linear(frame, 19), -ERANGE);
	assert_int_equal(frame_make_linear(frame, 18), 0);
	assert_int_equal(frame_part_count(frame), 1);
	assert_reads(frame, "header and payload");
	frame_release(frame);

	frame = new_frame(*state, 250);
	append_fragment(*state, frame, "1234567");
	assert_int_equal(frame_make_linear(frame, 7), -ENOSPC);
	assert_int_equal(frame_make_linear(frame, 6), 0);
	assert_reads(frame, "1234567");
	frame_release(frame);
}

static void a_frame_takes_no_more_fragments_than_it_can(void **state)
{
	const struct pools *pools = *state;
	struct frame *frame = new_frame(pools, 0);
	struct view view = { .buffer = NULL };

	assert_int_equal(frame_append_view(frame, &view), 0);
	assert_int_equal(frame_part_count(frame), 1);
	for (size_t i = 0; i < FRAME_FRAGMENTS_MAX; i++)
		append_fragment(pools, frame, "x");
	struct buffer *buffer;

	assert_int_equal(buffer_new(&buffer, pools->buffers), 0);
	view = view_of(buffer);
	buffer_release(buffer);
	assert_int_equal(frame_append_view(frame, &view), -ENOSPC);
	assert_ptr_equal(view.buffer, buffer);
	view_release(&view);
	frame_release(frame);
}

static void a_frame_is_not_longer_than_the_longest(void **state)
{
	static uint8_t bytes[FRAME_LENGTH_MAX];
	struct frame *frame = new_frame(*state, 1);
	struct view view = { .slice = slice_of(bytes, sizeof(bytes)) };

	append_text(frame, "x");
	assert_int_equal(frame_append_view(frame, &view), -EMSGSIZE);
	view.slice.length--;
	assert_int_equal(frame_append_view(frame, &view), 0);
	assert_int_equal(frame_length(frame), FRAME_LENGTH_MAX);
	assert_null(frame_prepend(frame, 1));
	frame_check(frame);
	frame_release(frame);
}

static void references_are_counted(void **state)
{
	const struct pools *pools = *state;
	struct frame *frame = new_frame(pools, 0);
	struct frame_pool_statistics statistics;

	assert_false(frame_is_shared(frame));
	assert_ptr_equal(frame_acquire(frame), frame);
	assert_true(frame_is_shared(frame));
	frame_release(frame);
	frame_pool_statistics(pools->frames, &statistics);
	assert_int_equal(statistics.in_use, 1);
	frame_release(frame);
	frame_release(NULL);
	frame_pool_statistics(pools->frames, &statistics);
	assert_int_equal(statistics.in_use, 0);
}

static void a_copy_may_be_written_to_and_shares_fragments(void **state)
{
	struct frame *frame = new_frame(*state, 20), *copy;

	append_text(frame, "header ");
	append_fragment(*state, frame, "payload");
	frame_set_network(frame, 3);
	assert_int_equal(frame_set_checksum_partial(frame, 2, 1), 0);
	assert_int_equal(frame_copy(&copy, frame, ((const struct pools *)*state)->frames), 0);
	assert_reads(copy, "header payload");
	frame_bytes(copy)[0] = 'H';
	assert_reads(frame, "header payload");
	assert_int_equal(frame_network(copy), 3);
	assert_int_equal(frame_checksum(copy), FRAME_CHECKSUM_PARTIAL);
	assert_int_equal(frame_head_room(copy), 20);
	assert_ptr_equal(frame_part(copy, 1).bytes, frame_part(frame, 1).bytes);
	frame_release(frame);
	assert_reads(copy, "Header payload");
	frame_release(copy);
}

static void what_is_remembered_stays_with_its_byte(void **state)
{
	struct frame *frame = new_frame(*state, 50);

	append_text(frame, "tcp payload");
	assert_int_equal(frame_network(frame), FRAME_UNKNOWN);
	frame_set_transport(frame, 0);
	assert_int_equal(frame_set_checksum_partial(frame, 0, 1), 0);
	assert_non_null(frame_prepend(frame, 20));
	frame_set_network(frame, 0);
	assert_non_null(frame_prepend(frame, 14));
	assert_int_equal(frame_network(frame), 14);
	assert_int_equal(frame_transport(frame), 34);
	assert_int_equal(frame_checksum_start(frame), 34);
	assert_int_equal(frame_checksum_offset(frame), 1);
	assert_int_equal(frame_remove(frame, 34), 0);
	assert_int_equal(frame_transport(frame), 0);
	assert_int_equal(frame_network(frame), FRAME_UNKNOWN);
	frame_release(frame);
}

static void a_checksum_field_lies_in_the_linear_part(void **state)
{
	struct frame *frame = new_frame(*state, 0);

	append_text(frame, "12345678");
	append_fragment(*state, frame, "12345678");
	assert_int_equal(frame_set_checksum_partial(frame, 0, 6), 0);
	assert_int_equal(frame_set_checksum_partial(frame, 0, 7), -ERANGE);
	assert_int_equal(frame_set_checksum_partial(frame, 3, 4), -ERANGE);
	assert_int_equal(frame_set_checksum_partial(frame, 9, 0), -ERANGE);
	assert_int_equal(frame_set_checksum_partial(frame, SIZE_MAX, 3), -ERANGE);
	assert_int_equal(frame_set_checksum_partial(frame, 3, SIZE_MAX), -ERANGE);
	assert_int_equal(frame_checksum_start(frame), 0);
	frame_set_checksum_none(frame);
	frame_release(frame);
}

static void segmentation_is_checked(void **state)
{
	struct frame *frame = new_frame(*state, 10);

	append_text(frame, "headers payload");
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_NONE, 1, 7), -EINVAL);
	assert_int_equal(frame_set_segmentation(frame, (enum frame_segmentation)99, 1, 7), -EINVAL);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 0, 7), -EINVAL);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 65536, 7), -EINVAL);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 3, 16), -ERANGE);
	assert_int_equal(frame_segmentation(frame), FRAME_SEGMENTATION_NONE);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP6, 3, 7), 0);
	assert_non_null(frame_prepend(frame, 4));
	assert_int_equal(frame_payload(frame), 11);
	assert_int_equal(frame_segment_size(frame), 3);
	frame_release(frame);
}

/* All ways to cut 16 bytes of payload in three, odd lengths included. */
static void a_checksum_is_finished_whatever_the_parts(void **state)
{
	const char *payload = "0123456789abcdef";
	uint8_t whole[20] = { 0xaa, 0xbb, 0, 0 }; /* the field is at 2 */

	memcpy(whole + 4, payload, 16);
	uint16_t expected = checksum_finish(checksum_add(0, whole, sizeof(whole)));

	for (size_t a = 1; a < 15; a++)
		for (size_t b = a + 1; b < 16; b++) {
			struct frame *frame = new_frame(*state, 14);
			char piece[17] = { 0 };
			uint16_t found;

			memcpy(frame_append(frame, 4), whole, 4);
			memcpy(frame_append(frame, a), payload, a);
			memcpy(piece, payload + a, b - a);
			append_fragment(*state, frame, piece);
			append_fragment(*state, frame, payload + b);
			assert_int_equal(frame_set_checksum_partial(frame, 0, 2), 0);
			memset(frame_prepend(frame, 14), 0x55, 14);
			assert_int_equal(frame_checksum_finish(frame), 0);
			assert_int_equal(frame_checksum(frame), FRAME_CHECKSUM_NONE);
			assert_int_equal(frame_read(frame, 16, &found, 2), 0);
			assert_int_equal(found, expected);
			frame_release(frame);
		}
}

static void a_checksum_of_zero_is_written_as_ones(void **state)
{
	struct frame *frame = new_frame(*state, 0);

	memcpy(frame_append(frame, 4), "\xff\xff\0\0", 4);
	assert_int_equal(frame_set_checksum_partial(frame, 0, 2), 0);
	assert_int_equal(frame_checksum_finish(frame), 0);
	assert_memory_equal(frame_bytes(frame), "\xff\xff\xff\xff", 4);
	frame_release(frame);
}

static void a_checksum_whose_field_is_gone_is_an_error(void **state)
{
	struct frame *frame = new_frame(*state, 0);

	append_text(frame, "0123456789");
	assert_int_equal(frame_set_checksum_partial(frame, 2, 4), 0);
	assert_int_equal(frame_truncate(frame, 7), 0);
	assert_int_equal(frame_checksum_finish(frame), -ERANGE);
	assert_int_equal(frame_remove(frame, 3), 0);
	assert_int_equal(frame_checksum_finish(frame), -ERANGE);
	frame_release(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_refuses_sizes_that_make_no_sense),
#define WITH_POOLS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		WITH_POOLS(a_pool_keeps_its_budget_and_reuses_frames),
		WITH_POOLS(headers_go_into_the_head_room_and_come_off_again),
		WITH_POOLS(the_tail_room_ends_where_the_storage_does),
		WITH_POOLS(fragments_follow_the_linear_part),
		WITH_POOLS(cutting_the_end_releases_what_is_behind),
		WITH_POOLS(the_front_can_be_made_linear),
		WITH_POOLS(a_frame_takes_no_more_fragments_than_it_can),
		WITH_POOLS(a_frame_is_not_longer_than_the_longest),
		WITH_POOLS(references_are_counted),
		WITH_POOLS(a_copy_may_be_written_to_and_shares_fragments),
		WITH_POOLS(what_is_remembered_stays_with_its_byte),
		WITH_POOLS(a_checksum_field_lies_in_the_linear_part),
		WITH_POOLS(segmentation_is_checked),
		WITH_POOLS(a_checksum_is_finished_whatever_the_parts),
		WITH_POOLS(a_checksum_of_zero_is_written_as_ones),
		WITH_POOLS(a_checksum_whose_field_is_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
