/* SPDX-License-Identifier: ISC */
/* Frames against a model: a plain array of bytes, under ten thousand random operations a seed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/frame.h>

enum {
	SEEDS = 20,
	STEPS = 10000,
	FRAMES = 4,
	STORAGE = 192,
	BUFFER = 64,
};

struct model {
	struct frame *frame;
	uint8_t bytes[FRAME_LENGTH_MAX];
	size_t length;
};

struct world {
	uint64_t random;
	struct frame_pool *frames;
	struct buffer_pool *buffers;
	struct model models[FRAMES];
};

static size_t below(struct world *world, size_t bound)
{
	world->random = world->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (size_t)(world->random >> 33) % bound;
}

static void fill(struct world *world, uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)below(world, 256);
}

static void step_prepend(struct world *world, struct model *model)
{
	size_t length = below(world, 40);
	bool fits = length <= frame_head_room(model->frame);
	uint8_t *bytes = frame_prepend(model->frame, length);

	assert_int_equal(bytes != NULL, fits);
	if (bytes == NULL)
		return;
	fill(world, bytes, length);
	memmove(model->bytes + length, model->bytes, model->length);
	memcpy(model->bytes, bytes, length);
	model->length += length;
}

static void step_append(struct world *world, struct model *model)
{
	size_t length = below(world, 40);
	bool fits = length <= frame_tail_room(model->frame) && frame_part_count(model->frame) == 1;
	uint8_t *bytes = frame_append(model->frame, length);

	assert_int_equal(bytes != NULL, fits);
	if (bytes == NULL)
		return;
	fill(world, bytes, length);
	memcpy(model->bytes + model->length, bytes, length);
	model->length += length;
}

static void step_append_view(struct world *world, struct model *model)
{
	struct buffer *buffer;

	if (buffer_new(&buffer, world->buffers) != 0)
		return;
	fill(world, buffer_slice(buffer).bytes, BUFFER);
	size_t offset = below(world, BUFFER), length = below(world, BUFFER - offset + 1);
	struct view whole = { .buffer = buffer, .slice = buffer_slice(buffer) }, part;

	assert_int_equal(view_sub(&whole, offset, length, &part), 0);
	struct slice slice = part.slice;
	bool full = frame_part_count(model->frame) == 1 + FRAME_FRAGMENTS_MAX && length > 0;
	int result = frame_append_view(model->frame, &part);

	assert_int_equal(result, full ? -ENOSPC : 0);
	if (result == 0) {
		memcpy(model->bytes + model->length, slice.bytes, length);
		model->length += length;
	}
	view_release(&part);
	view_release(&whole);
}

static void step_remove(struct world *world, struct model *model)
{
	size_t length = below(world, model->length + 2);
	int result = frame_remove(model->frame, length);

	assert_int_equal(result, length > model->length ? -ERANGE : 0);
	if (result != 0)
		return;
	model->length -= length;
	memmove(model->bytes, model->bytes + length, model->length);
}

static void step_truncate(struct world *world, struct model *model)
{
	size_t length = below(world, model->length + 2);
	int result = frame_truncate(model->frame, length);

	assert_int_equal(result, length > model->length ? -ERANGE : 0);
	if (result == 0)
		model->length = length;
}

static void step_make_linear(struct world *world, struct model *model)
{
	size_t length = below(world, model->length + 2);
	size_t linear = frame_linear_length(model->frame);
	bool fits = length <= linear || length - linear <= frame_tail_room(model->frame);
	int result = frame_make_linear(model->frame, length);

	if (length > model->length)
		assert_int_equal(result, -ERANGE);
	else
		assert_int_equal(result, fits ? 0 : -ENOSPC);
	if (result == 0)
		assert_true(frame_linear_length(model->frame) >= length);
}

/* Replace another frame by a copy of this one. */
static void step_copy(struct world *world, struct model *model)
{
	struct model *other = &world->models[below(world, FRAMES)];
	struct frame *copy;

	if (other == model)
		return;
	assert_int_equal(frame_copy(&copy, model->frame, world->frames), 0);
	frame_release(other->frame);
	other->frame = copy;
	other->length = model->length;
	memcpy(other->bytes, model->bytes, model->length);
}

static void step_renew(struct world *world, struct model *model)
{
	frame_release(model->frame);
	assert_int_equal(frame_new(&model->frame, world->frames, below(world, STORAGE + 1)), 0);
	model->length = 0;
}

static void check(struct world *world, const struct model *model)
{
	static uint8_t bytes[FRAME_LENGTH_MAX];
	size_t length = model->length;
	size_t offset = below(world, length + 1), part = below(world, length - offset + 1);

	frame_check(model->frame);
	assert_int_equal(frame_length(model->frame), length);
	assert_int_equal(frame_read(model->frame, 0, bytes, length), 0);
	assert_memory_equal(bytes, model->bytes, length);
	assert_int_equal(frame_read(model->frame, offset, bytes, part), 0);
	assert_memory_equal(bytes, model->bytes + offset, part);
	assert_int_equal(frame_read(model->frame, offset, bytes, length - offset + 1), -ERANGE);
	assert_int_equal(frame_read(model->frame, length + 1, bytes, 0), -ERANGE);
}

static void run(uint64_t seed)
{
	static void (*const steps[])(struct world * world, struct model * model) = {
		step_prepend,  step_append,      step_append_view, step_append_view, step_remove,
		step_truncate, step_make_linear, step_copy,        step_renew,
	};
	struct world *world = calloc(1, sizeof(*world));

	world->random = seed;
	assert_int_equal(frame_pool_new(&world->frames, STORAGE, FRAMES + 1), 0);
	assert_int_equal(buffer_pool_new(&world->buffers, BUFFER, 40), 0);
	for (size_t i = 0; i < FRAMES; i++)
		assert_int_equal(frame_new(&world->models[i].frame, world->frames, 64), 0);
	for (size_t i = 0; i < STEPS; i++) {
		struct model *model = &world->models[below(world, FRAMES)];

		steps[below(world, sizeof(steps) / sizeof(steps[0]))](world, model);
		check(world, model);
	}
	for (size_t i = 0; i < FRAMES; i++)
		frame_release(world->models[i].frame);
	buffer_pool_free(world->buffers); /* aborts if a reference was lost */
	frame_pool_free(world->frames);
	free(world);
}

static void frames_do_what_a_plain_array_does(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_do_what_a_plain_array_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
