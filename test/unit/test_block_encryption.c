// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <mirage/block_encryption.h>
#include <mirage/block_faulty.h>

enum {
	SECTORS = 600,
	SIZE = 512,
};

static struct test_disk medium;
static struct block_faulty_state faulty_state;
static const struct block_faulty faulty = { .state = &faulty_state, .below = &medium.block };
static const struct block below = { .ops = &block_faulty_ops, .self = &faulty };
static struct argument_value key;
static struct block_encryption_state state;
static const struct block_encryption encryption = { .state = &state, .below = &below, .key = &key };
static const struct block disk = { .ops = &block_encryption_ops, .self = &encryption };
static uint8_t model[SECTORS * SIZE], bytes[SECTORS * SIZE];

/* The keys of vector 10 of IEEE 1619-2007, annex B: digits of e and of pi. */
static const char key_text[] = "2718281828459045235360287471352662497757247093699959574966967627"
			       "3141592653589793238462643383279502884197169399375105820974944592";

static void set_key(const char *text)
{
	key = (struct argument_value){ .present = text != NULL, .text = text };
}

static int begin(void **unused)
{
	(void)unused;
	test_disk_init(&medium, SECTORS * SIZE, SIZE);
	set_key(key_text);
	return block_faulty_connect(&faulty) | block_encryption_connect(&encryption);
}

static int end(void **unused)
{
	(void)unused;
	block_encryption_disconnect(&encryption);
	block_faulty_disconnect(&faulty);
	test_disk_fini(&medium);
	return 0;
}

/* Vector 10: the sector of number 0xff, with the bytes 0 to 255, twice. */
static void a_sector_is_encrypted_as_the_standard_says(void **unused)
{
	static const uint8_t expected[16] = { 0x1c, 0x3b, 0x3a, 0x10, 0x2f, 0x77, 0x03, 0x86,
		                              0xe4, 0x83, 0x6c, 0x99, 0xe3, 0x70, 0xcf, 0x9b };

	(void)unused;
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(block_write(&disk, 0xff, bytes, SIZE, NEVER), 0);
	assert_memory_equal(medium.state.bytes + 0xff * SIZE, expected, sizeof(expected));
	assert_int_equal(block_read(&disk, 0xff, model, SIZE, NEVER), 0);
	assert_memory_equal(model, bytes, SIZE);
}

static void large_sectors_count_in_units_of_512(void **unused)
{
	struct test_disk large;
	struct block_encryption_state large_state;
	const struct block_encryption on_large = { .state = &large_state,
		                                   .below = &large.block,
		                                   .key = &key };
	const struct block block = { .ops = &block_encryption_ops, .self = &on_large };

	(void)unused;
	test_disk_init(&large, 4096 * 4, 4096);
	assert_int_equal(block_encryption_connect(&on_large), 0);
	test_pattern(bytes, 4096, 0, 0);
	assert_int_equal(block_write(&block, 2, bytes, 4096, NEVER), 0);
	assert_int_equal(block_write(&disk, 16, bytes, 512, NEVER), 0);
	assert_memory_equal(large.state.bytes + 2 * 4096, medium.state.bytes + 16 * 512, 512);
	block_encryption_disconnect(&on_large);
	test_disk_fini(&large);
}

static void random_requests_agree_with_an_array(void **unused)
{
	(void)unused;
	test_agrees_with_array(&disk, model, bytes, 300);
	for (uint64_t i = 0; i < SECTORS; i++)
		assert_memory_not_equal(medium.state.bytes + i * SIZE, model + i * SIZE, SIZE);
}

static void equal_sectors_look_different(void **unused)
{
	(void)unused;
	memset(bytes, 0, 2 * SIZE);
	assert_int_equal(block_write(&disk, 0, bytes, 2 * SIZE, NEVER), 0);
	assert_memory_not_equal(medium.state.bytes, medium.state.bytes + SIZE, SIZE);
}

static void a_batch_has_its_results(void **unused)
{
	const struct slice slices[] = { slice_of(bytes, SIZE), slice_of(bytes + SIZE, SIZE) };
	struct block_request requests[] = {
		{ .operation = BLOCK_READ, .sector = 1, .slices = &slices[0], .slice_count = 1 },
		{ .operation = BLOCK_FLUSH },
		{ .operation = BLOCK_WRITE, .sector = 2, .slices = &slices[1], .slice_count = 1 },
		{ .operation = BLOCK_DISCARD, .sector = 3, .sector_count = 1 },
		{ .operation = BLOCK_READ, .sector = SECTORS, .slices = slices, .slice_count = 1 },
	};

	(void)unused;
	test_pattern(model, SIZE, 1, 1);
	assert_int_equal(block_write(&disk, 1, model, SIZE, NEVER), 0);
	assert_int_equal(block_submit(&disk, requests, 5, NEVER), -ERANGE);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(requests[i].result, 0);
	assert_memory_equal(bytes, model, SIZE);
	block_faulty_start(&faulty, &(struct block_faulty_plan){ .fail_at = 1, .fail_count = 9 });
	assert_int_equal(block_submit(&disk, requests, 4, NEVER), -EIO);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(requests[i].result, -EIO);
}

static void what_is_no_key_is_refused(void **unused)
{
	char text[sizeof(key_text)];

	(void)unused;
	block_encryption_disconnect(&encryption);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -ENXIO);
	set_key(NULL);
	assert_int_equal(block_encryption_connect(&encryption), -EINVAL);
	set_key("00ff");
	assert_int_equal(block_encryption_connect(&encryption), -EINVAL);
	memcpy(text, key_text, sizeof(text));
	text[40] = 'g';
	set_key(text);
	assert_int_equal(block_encryption_connect(&encryption), -EINVAL);
	memcpy(text, text + 64, 64);
	assert_int_equal(block_encryption_connect(&encryption), -EINVAL);
	set_key(key_text);
	test_disk_fini(&medium);
	block_faulty_disconnect(&faulty);
	assert_int_equal(block_encryption_connect(&encryption), -ENXIO);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_sector_is_encrypted_as_the_standard_says),
		EACH(large_sectors_count_in_units_of_512),
		EACH(random_requests_agree_with_an_array),
		EACH(equal_sectors_look_different),
		EACH(a_batch_has_its_results),
		EACH(what_is_no_key_is_refused),
	};

	return cmocka_run_group_tests_name("block_encryption", tests, NULL, NULL);
}
