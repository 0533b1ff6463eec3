/* SPDX-License-Identifier: ISC */
/* Queues of frames, against an array under random operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/frame.h>

enum {
	FRAMES = 64,
};

static struct frame *new_frame(struct frame_pool *pool, size_t length)
{
	struct frame *frame;

	assert_int_equal(frame_new(&frame, pool, 0), 0);
	assert_non_null(frame_append(frame, length));
	return frame;
}

/* An empty queue pops nothing; order is kept; counts are those of what is inside. */
static void frames_come_out_as_they_went_in(void **state)
{
	struct frame_pool *pool;
	struct frame_queue queue;
	struct frame *frames[3];

	(void)state;
	assert_int_equal(frame_pool_new(&pool, 64, FRAMES), 0);
	frame_queue_init(&queue);
	assert_null(frame_queue_pop(&queue));
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < 3; i++) {
			frames[i] = new_frame(pool, i + 1);
			frame_queue_push(&queue, frames[i]);
		}
		assert_int_equal(queue.count, 3);
		assert_int_equal(queue.bytes, 6);
		assert_ptr_equal(frame_queue_next(frames[0]), frames[1]);
		assert_null(frame_queue_next(frames[2]));
		for (size_t i = 0; i < 3; i++) {
			struct frame *popped = frame_queue_pop(&queue);

			assert_ptr_equal(popped, frames[i]);
			frame_release(popped);
		}
		assert_null(frame_queue_pop(&queue));
		assert_int_equal(queue.bytes, 0);
	}
	frame_pool_free(pool);
}

/* The model: an array of the frames that are in the queue. */
static void random_insertions_keep_the_order(void **state)
{
	struct frame_pool *pool;
	struct frame_queue queue;
	struct frame *model[FRAMES];
	size_t count = 0, bytes = 0;
	unsigned random = 1;

	(void)state;
	assert_int_equal(frame_pool_new(&pool, 64, FRAMES), 0);
	frame_queue_init(&queue);
	for (size_t step = 0; step < 20000; step++) {
		random = random * 1103515245 + 12345;
		unsigned draw = random >> 16;

		if (count < FRAMES && draw % 3 != 0) {
			size_t at = draw / 3 % (count + 1), length = draw / 7 % 64;
			struct frame *frame = new_frame(pool, length);

			frame_queue_insert(&queue, at > 0 ? model[at - 1] : NULL, frame);
			memmove(&model[at + 1], &model[at], (count - at) * sizeof(model[0]));
			model[at] = frame;
			count++;
			bytes += length;
		} else if (count > 0) {
			struct frame *popped = frame_queue_pop(&queue);

			assert_ptr_equal(popped, model[0]);
			count--;
			bytes -= frame_length(popped);
			memmove(&model[0], &model[1], count * sizeof(model[0]));
			frame_release(popped);
		}
		struct frame *next = queue.first;

		for (size_t i = 0; i < count; i++, next = frame_queue_next(next))
			assert_ptr_equal(next, model[i]);
		assert_null(next);
		assert_ptr_equal(queue.last, count > 0 ? model[count - 1] : NULL);
		assert_int_equal(queue.count, count);
		assert_int_equal(queue.bytes, bytes);
	}
	frame_queue_release(&queue);
	frame_pool_free(pool); /* aborts if a frame was lost */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_out_as_they_went_in),
		cmocka_unit_test(random_insertions_keep_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
