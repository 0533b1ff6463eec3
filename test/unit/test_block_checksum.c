// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <stdlib.h>

#include <mirage/block_checksum.h>
#include <mirage/block_faulty.h>

#include "storage/block/crc32.h"

enum {
	BELOW = 512, /* bytes of a sector below */
	SIZE = 4096,
	SECTORS = 50,
	UNIT = 9,
};

static struct test_disk medium;
static struct block_faulty_state faulty_state;
static const struct block_faulty faulty = { .state = &faulty_state, .below = &medium.block };
static const struct block below = { .ops = &block_faulty_ops, .self = &faulty };
static struct block_checksum_state state;
static const struct block_checksum checksum = { .state = &state, .below = &below };
static const struct block disk = { .ops = &block_checksum_ops, .self = &checksum };
static uint8_t model[SECTORS * SIZE], bytes[SECTORS * SIZE];

static int begin(void **unused)
{
	(void)unused;
	test_disk_init(&medium, SECTORS * UNIT * BELOW + 3 * BELOW, BELOW);
	memset(model, 0, sizeof(model));
	return block_faulty_connect(&faulty) | block_checksum_connect(&checksum);
}

static int end(void **unused)
{
	(void)unused;
	block_checksum_disconnect(&checksum);
	block_faulty_disconnect(&faulty);
	test_disk_fini(&medium);
	return 0;
}

static void write_new(uint64_t sector, size_t count, uint32_t version)
{
	for (size_t i = 0; i < count; i++)
		test_pattern(model + (sector + i) * SIZE, SIZE, sector + i, version);
	assert_int_equal(block_write(&disk, sector, model + sector * SIZE, count * SIZE, NEVER), 0);
}

static int read_result(uint64_t sector)
{
	return block_read(&disk, sector, bytes, SIZE, NEVER);
}

static void both_ways_to_compute_agree(void **unused)
{
	const uint32_t(*tables)[256] = (const uint32_t(*)[256])state.tables;
	uint64_t random = 3;

	(void)unused;
	test_pattern(bytes, 5000, 0, 0);
	for (int i = 0; i < 300; i++) {
		size_t offset = test_random(&random) % 100, length = test_random(&random) % 4900;

		assert_int_equal(crc32_update_by(tables, 7, bytes + offset, length),
		                 crc32c_update(7, bytes + offset, length));
	}
}

static void a_new_disk_is_zero_and_has_eight_ninths(void **unused)
{
	(void)unused;
	assert_int_equal(block_info(&disk)->sector_size, SIZE);
	assert_int_equal(block_info(&disk)->sector_count, SECTORS);
	assert_int_equal(block_read(&disk, 0, bytes, sizeof(bytes), NEVER), 0);
	assert_memory_equal(bytes, model, sizeof(bytes));
	assert_int_equal(block_read(&disk, SECTORS, bytes, SIZE, NEVER), -ERANGE);
	assert_int_equal(block_read(&disk, 0, bytes, 512, NEVER), -EINVAL);
}

static void random_requests_agree_with_an_array(void **unused)
{
	uint64_t random = 17;

	(void)unused;
	for (uint32_t round = 0; round < 400; round++) {
		uint64_t sector = test_random(&random) % SECTORS;
		size_t count = test_random(&random) % (SECTORS - sector + 1);
		size_t cut = test_random(&random) % (count + 1);
		const struct slice slices[] = { slice_of(bytes, cut * SIZE), slice_of(NULL, 0),
			                        slice_of(bytes + cut * SIZE,
			                                 (count - cut) * SIZE) };

		if (test_random(&random) % 2 == 0) {
			write_new(sector, count, round);
			continue;
		}
		assert_int_equal(block_read_slices(&disk, sector, slices, 3, NEVER), 0);
		assert_memory_equal(bytes, model + sector * SIZE, count * SIZE);
	}
	assert_int_equal(state.damaged, 0);
}

static void a_batch_has_its_results(void **unused)
{
	struct block_request requests[40];
	struct slice slices[40];

	(void)unused;
	write_new(0, SECTORS, 1);
	assert_int_equal(block_faulty_flip(&faulty, 7 * UNIT + 3, 100), 0);
	for (size_t i = 0; i < 40; i++) {
		slices[i] = slice_of(bytes + i * SIZE, SIZE);
		requests[i] = (struct block_request){
			.operation = i == 20 ? BLOCK_FLUSH : BLOCK_READ,
			.sector = i,
			.slices = &slices[i],
			.slice_count = 1,
		};
	}
	assert_int_equal(block_submit(&disk, requests, 40, NEVER), -EBADMSG);
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(requests[i].result, i == 7 ? -EBADMSG : 0);
}

static void every_flipped_bit_is_noticed(void **unused)
{
	uint64_t found = 0;

	(void)unused;
	write_new(3, 3, 1);
	for (uint32_t bit = 0; bit < UNIT * BELOW * 8; bit += 7) {
		uint64_t sector = 4 * UNIT + bit / (BELOW * 8);
		uint32_t in_sector = bit % (BELOW * 8);

		if (sector == 4 * UNIT && in_sector >= 52 * 8)
			continue; /* the rest of the check sector has no meaning */
		assert_int_equal(block_faulty_flip(&faulty, sector, in_sector), 0);
		assert_int_equal(read_result(4), -EBADMSG);
		assert_int_equal(state.damaged, ++found);
		assert_int_equal(read_result(3), 0);
		assert_int_equal(read_result(5), 0);
		assert_int_equal(block_faulty_flip(&faulty, sector, in_sector), 0);
		assert_int_equal(read_result(4), 0);
	}
}

static void a_sector_that_was_written_elsewhere_is_noticed(void **unused)
{
	(void)unused;
	write_new(10, 1, 1);
	memcpy(medium.state.bytes + 20 * UNIT * BELOW, medium.state.bytes + 10 * UNIT * BELOW,
	       UNIT * BELOW);
	assert_int_equal(read_result(20), -EBADMSG);
	write_new(20, 1, 2);
	assert_int_equal(read_result(20), 0);
}

static void bytes_without_a_checksum_are_noticed(void **unused)
{
	(void)unused;
	medium.state.bytes[30 * UNIT * BELOW + 700] = 1;
	assert_int_equal(read_result(30), -EBADMSG);
}

static void errors_of_the_medium_are_passed_on(void **unused)
{
	(void)unused;
	write_new(0, 4, 1);
	block_faulty_start(&faulty, &(struct block_faulty_plan){ .fail_at = 1, .fail_count = 2 });
	assert_int_equal(read_result(0), -EIO);
	assert_int_equal(block_flush(&disk, NEVER), -EIO);
	assert_int_equal(read_result(0), 0);
	assert_int_equal(block_discard(&disk, 0, 2, NEVER), 0);
	assert_int_equal(read_result(2), 0);
	block_faulty_cut(&faulty);
	assert_int_equal(read_result(0), -ENXIO);
}

/* After each cut, a sector is what was flushed, or what was written since, or is known to be bad. */
static void a_cut_leaves_old_or_new_or_an_error(void **unused)
{
	static uint8_t old[SIZE], new[SIZE];
	size_t torn = 0;

	(void)unused;
	for (uint64_t seed = 0; seed < 200; seed++) {
		block_faulty_start(&faulty, NULL);
		test_pattern(old, SIZE, 5, (uint32_t)seed);
		test_pattern(new, SIZE, 5, (uint32_t)seed + 1000);
		assert_int_equal(block_write(&disk, 5, old, SIZE, NEVER), 0);
		assert_int_equal(block_flush(&disk, NEVER), 0);
		block_faulty_start(&faulty,
		                   &(struct block_faulty_plan){ .seed = seed,
		                                                .cut_at = 1 + seed % 2,
		                                                .unflushed = BLOCK_FAULTY_SHUFFLE,
		                                                .tear = BLOCK_FAULTY_TEAR_BYTES });
		int written = block_write(&disk, 5, new, SIZE, NEVER);
		int flushed = block_flush(&disk, NEVER);
		assert_true(written == -ENXIO || flushed == -ENXIO);
		block_faulty_start(&faulty, NULL);
		int result = read_result(5);
		if (result == -EBADMSG)
			torn++;
		else
			assert_true(memcmp(bytes, old, SIZE) == 0 || memcmp(bytes, new, SIZE) == 0);
		assert_true(result == 0 || result == -EBADMSG);
	}
	assert_in_range(torn, 20, 199);
}

static void sectors_below_may_be_large_but_not_too_large(void **unused)
{
	struct test_disk large;
	static struct block_checksum_state large_state;
	const struct block_checksum on_large = { .state = &large_state, .below = &large.block };
	const struct block block = { .ops = &block_checksum_ops, .self = &on_large };
	uint8_t *sector = malloc(65536), *back = malloc(65536);

	(void)unused;
	assert_true(sector != NULL && back != NULL);
	test_disk_init(&large, 9 * 8192 * 3, 8192);
	assert_int_equal(block_checksum_connect(&on_large), 0);
	assert_int_equal(block_info(&block)->sector_size, 65536);
	test_pattern(sector, 65536, 0, 0);
	assert_int_equal(block_write(&block, 2, sector, 65536, NEVER), 0);
	assert_int_equal(block_read(&block, 2, back, 65536, NEVER), 0);
	assert_memory_equal(sector, back, 65536);
	test_disk_fini(&large);
	assert_int_equal(block_checksum_connect(&on_large), -ENXIO);
	test_disk_init(&large, 9 * 16384, 16384);
	assert_int_equal(block_checksum_connect(&on_large), -EINVAL);
	test_disk_fini(&large);
	free(sector);
	free(back);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(both_ways_to_compute_agree),
		EACH(a_new_disk_is_zero_and_has_eight_ninths),
		EACH(random_requests_agree_with_an_array),
		EACH(a_batch_has_its_results),
		EACH(every_flipped_bit_is_noticed),
		EACH(a_sector_that_was_written_elsewhere_is_noticed),
		EACH(bytes_without_a_checksum_are_noticed),
		EACH(errors_of_the_medium_are_passed_on),
		EACH(a_cut_leaves_old_or_new_or_an_error),
		EACH(sectors_below_may_be_large_but_not_too_large),
	};

	return cmocka_run_group_tests_name("block_checksum", tests, NULL, NULL);
}
