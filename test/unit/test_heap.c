/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <mirage/heap.h>

enum {
	REGION_SIZE = 1 << 20,
	BLOCKS_MAX = 400,
	STEPS = 60000,
};

struct fixture {
	char *region;
	struct heap *heap;
	size_t empty_free; /* bytes free while nothing is allocated */
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct heap_statistics statistics;

	if (fixture == NULL)
		return -1;
	fixture->region = malloc(REGION_SIZE);
	fixture->heap = heap_init(fixture->region, REGION_SIZE, 0x123456789abcdef);
	if (fixture->heap == NULL)
		return -1;
	heap_statistics(fixture->heap, &statistics);
	fixture->empty_free = statistics.free;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	free(fixture->region);
	free(fixture);
	return 0;
}

static struct heap_statistics statistics_of(const struct fixture *fixture)
{
	struct heap_statistics statistics;

	heap_statistics(fixture->heap, &statistics);
	return statistics;
}

static void assert_empty(const struct fixture *fixture)
{
	struct heap_statistics statistics = statistics_of(fixture);

	assert_int_equal(heap_check(fixture->heap), 0);
	assert_int_equal(statistics.in_use, 0);
	assert_int_equal(statistics.allocations, 0);
	assert_int_equal(statistics.free, fixture->empty_free);
	assert_int_equal(statistics.largest_free, fixture->empty_free - 8);
}

static void a_heap_keeps_little_for_itself(void **state)
{
	struct fixture *fixture = *state;

	assert_in_range(fixture->empty_free, REGION_SIZE - 3072, REGION_SIZE);
	assert_empty(fixture);
}

static void a_region_may_start_and_end_anywhere(void **state)
{
	struct fixture *fixture = *state;

	for (size_t skip = 0; skip < 20; skip++) {
		struct heap *heap = heap_init(fixture->region + skip, 8192 - 2 * skip, skip);
		char *end = fixture->region + 8192 - skip;
		size_t count = 0;

		assert_non_null(heap);
		for (char *block; (block = heap_allocate(heap, 100, 16)) != NULL; count++) {
			assert_true(block > fixture->region + skip && block + 100 <= end);
			memset(block, 0xff, 100);
		}
		assert_true(count > 30);
		assert_int_equal(heap_check(heap), 0);
	}
}

static void a_region_that_is_too_small_is_refused(void **state)
{
	struct fixture *fixture = *state;
	size_t least = 0;

	while (least < 8192 && heap_init(fixture->region, least, 0) == NULL)
		least++;
	assert_in_range(least, 64, 3072);
	struct heap *heap = heap_init(fixture->region, least, 0);

	assert_int_equal(heap_check(heap), 0);
	assert_non_null(heap_allocate(heap, 1, 1));
	assert_int_equal(heap_check(heap), 0);
}

static void blocks_are_aligned_and_large_enough(void **state)
{
	struct fixture *fixture = *state;

	for (size_t alignment = 1; alignment <= 65536; alignment *= 2)
		for (size_t size = 0; size < 300; size += 7) {
			void *block = heap_allocate(fixture->heap, size, alignment);

			assert_non_null(block);
			assert_int_equal((uintptr_t)block % (alignment < 16 ? 16 : alignment), 0);
			assert_true(heap_usable_size(fixture->heap, block) >= size);
			memset(block, 0xa5, heap_usable_size(fixture->heap, block));
			assert_int_equal(heap_check(fixture->heap), 0);
			heap_free(fixture->heap, block);
		}
	assert_empty(fixture);
}

static void an_alignment_must_be_a_power_of_two(void **state)
{
	struct fixture *fixture = *state;

	assert_null(heap_allocate(fixture->heap, 10, 3));
	assert_null(heap_allocate(fixture->heap, 10, 48));
	assert_null(heap_allocate(fixture->heap, 10, (size_t)1 << 63));
	assert_int_equal(statistics_of(fixture).refused, 3);
	assert_empty(fixture);
}

static void too_much_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const size_t sizes[] = { SIZE_MAX,    SIZE_MAX - 7,    SIZE_MAX / 2,           PTRDIFF_MAX,
		                 REGION_SIZE, (size_t)1 << 46, fixture->empty_free - 7 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_null(heap_allocate(fixture->heap, sizes[i], 16));
		assert_null(heap_resize(fixture->heap, NULL, sizes[i]));
	}
	void *block = heap_allocate(fixture->heap, 10, 16);

	assert_null(heap_resize(fixture->heap, block, SIZE_MAX));
	assert_null(heap_resize(fixture->heap, block, REGION_SIZE));
	heap_free(fixture->heap, block);
	assert_empty(fixture);
}

static void all_of_the_heap_can_be_had_in_one_block(void **state)
{
	struct fixture *fixture = *state;
	void *block = heap_allocate(fixture->heap, fixture->empty_free - 8, 16);

	assert_non_null(block);
	assert_int_equal(statistics_of(fixture).free, 0);
	assert_int_equal(statistics_of(fixture).largest_free, 0);
	assert_null(heap_allocate(fixture->heap, 1, 16));
	assert_int_equal(heap_check(fixture->heap), 0);
	heap_free(fixture->heap, block);
	assert_empty(fixture);
}

static void neighbours_that_are_free_become_one(void **state)
{
	struct fixture *fixture = *state;
	void *blocks[3000];
	size_t count = 0;

	while (count < 3000 && (blocks[count] = heap_allocate(fixture->heap, 344, 16)) != NULL)
		count++;
	assert_in_range(count, 2900, 2999);
	assert_null(heap_allocate(fixture->heap, 4000, 16));
	for (size_t i = 0; i < count; i += 2)
		heap_free(fixture->heap, blocks[i]);
	assert_null(heap_allocate(fixture->heap, 4000, 16));
	assert_int_equal(heap_check(fixture->heap), 0);
	for (size_t i = 1; i < count; i += 2)
		heap_free(fixture->heap, blocks[i]);
	assert_empty(fixture);
}

static void a_block_grows_and_shrinks_in_place(void **state)
{
	struct fixture *fixture = *state;
	char *block = heap_allocate(fixture->heap, 100, 16);

	memset(block, 7, 100);
	assert_ptr_equal(heap_resize(fixture->heap, block, 500000), block);
	assert_int_equal(block[99], 7);
	assert_ptr_equal(heap_resize(fixture->heap, block, 50), block);
	assert_int_equal(block[49], 7);
	assert_int_equal(heap_check(fixture->heap), 0);
	assert_int_equal(statistics_of(fixture).peak, 500016);
	assert_int_equal(statistics_of(fixture).in_use, 64);
	heap_free(fixture->heap, block);
	assert_empty(fixture);
}

static void a_block_moves_when_there_is_no_room_behind_it(void **state)
{
	struct fixture *fixture = *state;
	char *block = heap_allocate(fixture->heap, 100, 16);
	char *behind = heap_allocate(fixture->heap, 100, 16);

	memset(block, 7, 100);
	char *moved = heap_resize(fixture->heap, block, 200);

	assert_true(moved != NULL && moved != block);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(moved[i], 7);
	heap_free(fixture->heap, moved);
	heap_free(fixture->heap, behind);
	assert_empty(fixture);
}

static void the_ceiling_holds(void **state)
{
	struct fixture *fixture = *state;

	heap_set_ceiling(fixture->heap, 10000);
	void *block = heap_allocate(fixture->heap, 9000, 16);

	assert_non_null(block);
	assert_null(heap_allocate(fixture->heap, 1000, 16));
	assert_null(heap_resize(fixture->heap, block, 10000));
	assert_ptr_equal(heap_resize(fixture->heap, block, 9992), block);
	assert_int_equal(statistics_of(fixture).ceiling, 10000);
	assert_int_equal(statistics_of(fixture).refused, 2);
	heap_set_ceiling(fixture->heap, 5000);
	assert_null(heap_allocate(fixture->heap, 1, 16));
	assert_ptr_equal(heap_resize(fixture->heap, block, 1000), block);
	heap_set_ceiling(fixture->heap, SIZE_MAX);
	assert_ptr_equal(heap_resize(fixture->heap, block, 100000), block);
	heap_free(fixture->heap, block);
	assert_empty(fixture);
}

static void null_is_no_block(void **state)
{
	struct fixture *fixture = *state;

	heap_free(fixture->heap, NULL);
	assert_int_equal(heap_usable_size(fixture->heap, NULL), 0);
	assert_empty(fixture);
}

/* The model: every block filled with a byte of its own, so that blocks that overlap are noticed. */
struct model_block {
	unsigned char *bytes;
	size_t size;
	unsigned char fill;
};

static uint64_t random_state;

static uint32_t draw(uint32_t bound)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(random_state >> 33) % bound;
}

static size_t draw_size(void)
{
	switch (draw(8)) {
	case 0:
		return draw(32);
	case 1:
		return draw(100000);
	case 2:
		return draw(8192);
	default:
		return draw(512);
	}
}

static void fill(struct model_block *block, size_t size)
{
	block->size = size;
	block->fill = (unsigned char)draw(256);
	memset(block->bytes, block->fill, size);
}

static void assert_filled(const struct model_block *block, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (block->bytes[i] != block->fill)
			fail_msg("byte %zu of %zu was written over", i, size);
}

static void step(struct fixture *fixture, struct model_block *block)
{
	size_t size = draw_size();

	if (block->bytes == NULL) {
		block->bytes = heap_allocate(fixture->heap, size, (size_t)1 << draw(14));
		if (block->bytes != NULL)
			fill(block, size);
	} else if (draw(3) == 0) {
		unsigned char *moved = heap_resize(fixture->heap, block->bytes, size);

		if (moved == NULL) {
			assert_filled(block, block->size);
			return;
		}
		block->bytes = moved;
		assert_filled(block, size < block->size ? size : block->size);
		fill(block, size);
	} else {
		assert_filled(block, block->size);
		heap_free(fixture->heap, block->bytes);
		block->bytes = NULL;
	}
}

static void whatever_is_done_blocks_stay_apart_and_the_heap_in_order(void **state)
{
	struct fixture *fixture = *state;
	static struct model_block blocks[BLOCKS_MAX];
	struct heap_statistics statistics;

	random_state = 20261121;
	memset(blocks, 0, sizeof(blocks));
	for (unsigned int i = 0; i < STEPS; i++) {
		step(fixture, &blocks[draw(i / 4096 % 2 == 0 ? BLOCKS_MAX : 40)]);
		if (i % 64 == 0)
			assert_int_equal(heap_check(fixture->heap), 0);
	}
	statistics = statistics_of(fixture);
	assert_true(statistics.refused > 100 && statistics.peak > REGION_SIZE / 2);
	assert_int_equal(statistics.in_use + statistics.free, statistics.size);
	for (size_t i = 0; i < BLOCKS_MAX; i++)
		heap_free(fixture->heap, blocks[i].bytes);
	assert_empty(fixture);
}

static void what_largest_free_says_can_be_had(void **state)
{
	struct fixture *fixture = *state;
	void *blocks[200];

	random_state = 7;
	for (size_t i = 0; i < 200; i++)
		blocks[i] = heap_allocate(fixture->heap, draw(10000), 16);
	for (size_t i = 0; i < 200; i += 3)
		heap_free(fixture->heap, blocks[i]);
	void *block = heap_allocate(fixture->heap, statistics_of(fixture).largest_free, 16);

	assert_non_null(block);
	assert_int_equal(heap_check(fixture->heap), 0);
}

/* A child that breaks a rule must say so and abort. */
static void assert_bug(struct fixture *fixture, void (*breach)(struct heap *heap),
                       const char *expected)
{
	char message[512];
	size_t length = 0;
	ssize_t count;
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();

	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		breach(fixture->heap);
		_exit(0);
	}
	close(ends[1]);
	while ((count = read(ends[0], message + length, sizeof(message) - 1 - length)) > 0)
		length += (size_t)count;
	message[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (strstr(message, "BUG: heap: ") != message || strstr(message, expected) == NULL)
		fail_msg("said \"%s\"", message);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void free_twice(struct heap *heap)
{
	char *block = heap_allocate(heap, 100, 16);
	char *behind = heap_allocate(heap, 100, 16);

	heap_free(heap, block);
	heap_free(heap, block);
	heap_free(heap, behind);
}

static void free_twice_after_joining(struct heap *heap)
{
	char *before = heap_allocate(heap, 100, 16);
	char *block = heap_allocate(heap, 100, 16);

	heap_free(heap, before);
	heap_free(heap, block);
	heap_free(heap, block);
}

static void free_twice_before_joining(struct heap *heap)
{
	char *before = heap_allocate(heap, 100, 16);
	char *block = heap_allocate(heap, 100, 16);

	heap_free(heap, block);
	heap_free(heap, before);
	heap_free(heap, block);
}

static void grow_over_and_free(struct heap *heap)
{
	char *before = heap_allocate(heap, 100, 16);
	char *block = heap_allocate(heap, 100, 16);

	heap_free(heap, block);
	before = heap_resize(heap, before, 104 + 100);
	heap_free(heap, block);
	heap_free(heap, before);
}

static void free_what_is_not_its(struct heap *heap)
{
	heap_free(heap, &random_state);
}

static void free_the_middle(struct heap *heap)
{
	char *block = heap_allocate(heap, 100, 16);

	memset(block, 0, 100);
	heap_free(heap, block + 32);
}

static void write_beyond(struct heap *heap)
{
	char *block = heap_allocate(heap, 100, 16);
	char *behind = heap_allocate(heap, 100, 16);

	memset(block, 0x41, heap_usable_size(heap, block) + 1);
	heap_free(heap, behind);
}

static void write_beyond_and_free(struct heap *heap)
{
	char *block = heap_allocate(heap, 100, 16);

	error_ignore(heap_allocate(heap, 100, 16) == NULL, "it only lies behind");
	memset(block, 0x41, heap_usable_size(heap, block) + 1);
	heap_free(heap, block);
}

static void write_after_free(struct heap *heap)
{
	char *block = heap_allocate(heap, 100, 16);
	char *behind = heap_allocate(heap, 100, 16);

	heap_free(heap, block);
	memset(block, 0x41, 100);
	heap_free(heap, behind);
}

static void broken_rules_are_noticed(void **state)
{
	struct fixture *fixture = *state;

	assert_bug(fixture, free_twice, "was freed before");
	assert_bug(fixture, free_twice_after_joining, "freed before");
	assert_bug(fixture, free_twice_before_joining, "was freed before");
	assert_bug(fixture, grow_over_and_free, "freed before");
	assert_bug(fixture, free_what_is_not_its, "is not a block of this heap");
	assert_bug(fixture, free_the_middle, "overwritten");
	assert_bug(fixture, write_beyond, "overwritten");
	assert_bug(fixture, write_beyond_and_free, "overwritten");
	assert_bug(fixture, write_after_free, "written");
}

static void a_check_finds_what_was_written_over(void **state)
{
	struct fixture *fixture = *state;
	char *block = heap_allocate(fixture->heap, 100, 16);

	error_ignore(heap_allocate(fixture->heap, 100, 16) == NULL, "it only lies behind");
	size_t usable = heap_usable_size(fixture->heap, block);

	for (size_t i = 0; i < 8; i++) {
		block[usable + i] ^= 1;
		assert_int_equal(heap_check(fixture->heap), -EUCLEAN);
		block[usable + i] ^= 1;
	}
	assert_int_equal(heap_check(fixture->heap), 0);
}

static void the_image_has_figures(void **state)
{
	struct heap_statistics before, during;

	(void)state;
	heap_image_statistics(&before);
	void *volatile block = malloc(10 << 20);

	heap_image_statistics(&during);
	free(block);
	/* Under a sanitizer malloc() is not the C library's, whose figures stay as they are. */
	assert_true(during.in_use >= before.in_use && during.size >= during.in_use);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_heap_keeps_little_for_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(a_region_may_start_and_end_anywhere, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_region_that_is_too_small_is_refused, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(blocks_are_aligned_and_large_enough, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(an_alignment_must_be_a_power_of_two, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(too_much_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(all_of_the_heap_can_be_had_in_one_block, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(neighbours_that_are_free_become_one, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_block_grows_and_shrinks_in_place, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_block_moves_when_there_is_no_room_behind_it,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(the_ceiling_holds, setup, teardown),
		cmocka_unit_test_setup_teardown(null_is_no_block, setup, teardown),
		cmocka_unit_test_setup_teardown(
			whatever_is_done_blocks_stay_apart_and_the_heap_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(what_largest_free_says_can_be_had, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_rules_are_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_check_finds_what_was_written_over, setup,
		                                teardown),
		cmocka_unit_test(the_image_has_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
