// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <mirage/block_ccm.h>
#include <mirage/block_faulty.h>
#include <mirage/cipher.h>
#include <mirage/kv_rw.h>
#include <mirage/littlefs_kv.h>
#include <mirage/mock_clock.h>

#include "storage/littlefs/volume.h"

enum {
	SECTORS = 300, /* of the device under test, which has 601 below */
	SIZE = 512,
};

static struct test_disk medium;
static struct block_faulty_state faulty_state;
static const struct block_faulty faulty = { .state = &faulty_state, .below = &medium.block };
static const struct block below = { .ops = &block_faulty_ops, .self = &faulty };
static struct argument_value key;
static bool random_fails;

static int fill(const void *self, void *bytes, size_t length)
{
	return random_fails ? -EIO : test_random_ops.fill(self, bytes, length);
}

static const struct random_ops random_ops = { .fill = fill };
static const struct random numbers = { .ops = &random_ops };
static struct block_ccm_state state;
static const struct block_ccm ccm = {
	.state = &state, .below = &below, .random = &numbers, .key = &key
};
static const struct block disk = { .ops = &block_ccm_ops, .self = &ccm };
static uint8_t model[SECTORS * SIZE], bytes[SECTORS * SIZE];

static const char key_text[] = "0x404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";

static void set_key(const char *text)
{
	key = (struct argument_value){ .present = text != NULL, .text = text };
}

static int begin(void **unused)
{
	(void)unused;
	test_disk_init(&medium, (2 * SECTORS + 1) * SIZE, SIZE);
	set_key(key_text);
	random_fails = false;
	return block_faulty_connect(&faulty) | block_ccm_connect(&ccm);
}

static int end(void **unused)
{
	(void)unused;
	block_ccm_disconnect(&ccm);
	block_faulty_disconnect(&faulty);
	test_disk_fini(&medium);
	return 0;
}

/* Open a unit of the medium by what docs/spec/ccm-disk.md says. */
static int open_by_the_book(const uint8_t *unit, size_t size, size_t nonce_length,
                            size_t tag_length, uint8_t *plain)
{
	const struct cipher_ccm_form form = { 32, nonce_length, tag_length };
	uint8_t raw[32], copy[2 * 4096];
	struct cipher_ccm *cipher;

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)(0x40 + i);
	memcpy(copy, unit, 2 * size);
	assert_int_equal(cipher_ccm_new(raw, &form, &cipher), 0);
	size_t additional = size + tag_length + nonce_length;
	int result = cipher_ccm_open(cipher, copy + size + tag_length,
	                             slice_of(copy + additional, 2 * size - additional), copy,
	                             plain, size, copy + size);
	cipher_ccm_free(cipher);
	return result;
}

static void a_sector_lies_on_the_disk_as_specified(void **unused)
{
	uint8_t plain[SIZE];

	(void)unused;
	assert_int_equal(block_info(&disk)->sector_count, SECTORS);
	assert_int_equal(block_info(&disk)->sector_size, SIZE);
	test_pattern(bytes, 2 * SIZE, 7, 0);
	assert_int_equal(block_write(&disk, 7, bytes, 2 * SIZE, NEVER), 0);
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *unit = medium.state.bytes + (14 + 2 * i) * SIZE;

		assert_int_equal(open_by_the_book(unit, SIZE, 8, 16, plain), 0);
		assert_memory_equal(plain, bytes + i * SIZE, SIZE);
	}
	for (size_t i = 0; i < 14 * SIZE; i++)
		assert_int_equal(medium.state.bytes[i], 0);
	for (size_t i = 18 * SIZE; i < medium.ramdisk.size; i++)
		assert_int_equal(medium.state.bytes[i], 0);
}

static void lengths_of_nonces_and_tags_and_sectors_can_be_others(void **unused)
{
	struct test_disk large;
	struct block_ccm_state large_state;
	const struct block_ccm on_large = { .state = &large_state,
		                            .below = &large.block,
		                            .random = &numbers,
		                            .key = &key,
		                            .nonce_length = 13,
		                            .tag_length = 8 };
	const struct block block = { .ops = &block_ccm_ops, .self = &on_large };
	uint8_t plain[4096];

	(void)unused;
	test_disk_init(&large, 4096 * 9, 4096);
	assert_int_equal(block_ccm_connect(&on_large), 0);
	assert_int_equal(block_info(&block)->sector_count, 4);
	test_pattern(bytes, 4096, 0, 0);
	assert_int_equal(block_write(&block, 3, bytes, 4096, NEVER), 0);
	assert_int_equal(open_by_the_book(large.state.bytes + 6 * 4096, 4096, 13, 8, plain), 0);
	assert_memory_equal(plain, bytes, 4096);
	assert_int_equal(block_read(&block, 3, plain, 4096, NEVER), 0);
	assert_memory_equal(plain, bytes, 4096);
	block_ccm_disconnect(&on_large);
	test_disk_fini(&large);
}

static void the_largest_sectors_work(void **unused)
{
	enum {
		LARGE = 32768
	};
	struct test_disk large;
	struct block_ccm_state large_state;
	const struct block_ccm on_large = {
		.state = &large_state, .below = &large.block, .random = &numbers, .key = &key
	};
	const struct block block = { .ops = &block_ccm_ops, .self = &on_large };

	(void)unused;
	test_disk_init(&large, (uint64_t)LARGE * 10, LARGE);
	assert_int_equal(block_ccm_connect(&on_large), 0);
	test_pattern(model, 4 * LARGE, 0, 0);
	assert_int_equal(block_write(&block, 1, model, 4 * LARGE, NEVER), 0);
	assert_int_equal(block_read(&block, 1, bytes, 4 * LARGE, NEVER), 0);
	assert_memory_equal(model, bytes, 4 * LARGE);
	block_ccm_disconnect(&on_large);
	test_disk_fini(&large);
	test_disk_init(&large, 65536 * 4, 65536);
	assert_int_equal(block_ccm_connect(&on_large), -EINVAL);
	test_disk_fini(&large);
}

static void random_requests_agree_with_an_array(void **unused)
{
	(void)unused;
	test_agrees_with_array(&disk, model, bytes, 300);
}

static void the_same_bytes_never_look_the_same(void **unused)
{
	uint8_t first[2 * SIZE];

	(void)unused;
	memset(bytes, 0, 2 * SIZE);
	assert_int_equal(block_write(&disk, 0, bytes, SIZE, NEVER), 0);
	memcpy(first, medium.state.bytes, 2 * SIZE);
	assert_int_equal(block_write(&disk, 0, bytes, 2 * SIZE, NEVER), 0);
	assert_memory_not_equal(medium.state.bytes, first, 2 * SIZE);
	assert_memory_not_equal(medium.state.bytes, medium.state.bytes + 2 * SIZE, SIZE);
}

static void every_changed_byte_is_found(void **unused)
{
	(void)unused;
	test_pattern(model, 3 * SIZE, 0, 0);
	assert_int_equal(block_write(&disk, 0, model, 3 * SIZE, NEVER), 0);
	for (size_t i = 0; i < 2 * SIZE; i++) {
		medium.state.bytes[2 * SIZE + i] ^= 0x10;
		memset(bytes, 0, 3 * SIZE);
		assert_int_equal(block_read(&disk, 0, bytes, 3 * SIZE, NEVER), -EBADMSG);
		assert_memory_not_equal(bytes + SIZE, model + SIZE, SIZE);
		assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), 0);
		medium.state.bytes[2 * SIZE + i] ^= 0x10;
	}
	assert_int_equal(state.damaged, 2 * SIZE);
	assert_int_equal(block_read(&disk, 0, bytes, 3 * SIZE, NEVER), 0);
	assert_memory_equal(bytes, model, 3 * SIZE);
}

static void what_was_never_written_or_with_another_key_is_no_sector(void **unused)
{
	(void)unused;
	assert_int_equal(block_read(&disk, 5, bytes, SIZE, NEVER), -EBADMSG);
	assert_int_equal(block_write(&disk, 5, bytes, SIZE, NEVER), 0);
	assert_int_equal(block_read(&disk, 5, bytes, SIZE, NEVER), 0);
	block_ccm_disconnect(&ccm);
	set_key("404142434445464748494a4b4c4d4e4f");
	assert_int_equal(block_ccm_connect(&ccm), 0);
	assert_int_equal(block_read(&disk, 5, bytes, SIZE, NEVER), -EBADMSG);
}

static void without_random_numbers_nothing_is_written(void **unused)
{
	(void)unused;
	test_pattern(model, 3 * SIZE, 0, 0);
	random_fails = true;
	assert_int_equal(block_write(&disk, 0, model, 3 * SIZE, NEVER), -EIO);
	for (size_t i = 0; i < 6 * SIZE; i++)
		assert_int_equal(medium.state.bytes[i], 0);
}

static void a_batch_has_its_results(void **unused)
{
	const struct slice slices[] = { slice_of(bytes, SIZE), slice_of(bytes + SIZE, SIZE),
		                        slice_of(bytes + 2 * SIZE, SIZE) };
	struct block_request requests[] = {
		{ .operation = BLOCK_READ, .sector = 1, .slices = &slices[0], .slice_count = 1 },
		{ .operation = BLOCK_FLUSH },
		{ .operation = BLOCK_READ, .sector = 9, .slices = &slices[2], .slice_count = 1 },
		{ .operation = BLOCK_WRITE, .sector = 2, .slices = &slices[1], .slice_count = 1 },
		{ .operation = BLOCK_DISCARD, .sector = 3, .sector_count = 1 },
		{ .operation = BLOCK_READ, .sector = SECTORS, .slices = slices, .slice_count = 1 },
	};
	static const int results[] = { 0, 0, -EBADMSG, 0, 0, -ERANGE };

	(void)unused;
	test_pattern(model, SIZE, 1, 1);
	assert_int_equal(block_write(&disk, 1, model, SIZE, NEVER), 0);
	assert_int_equal(block_submit(&disk, requests, 6, NEVER), -EBADMSG);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(requests[i].result, results[i]);
	assert_memory_equal(bytes, model, SIZE);
	block_faulty_start(&faulty, &(struct block_faulty_plan){ .fail_at = 1, .fail_count = 9 });
	assert_int_equal(block_submit(&disk, requests, 5, NEVER), -EIO);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(requests[i].result, -EIO);
}

/* The byte that a key's value has, 0 for no value; littlefs on the disk. */
static int value_byte(const struct kv_rw *kv, const char *name)
{
	struct kv_ro reader = kv_rw_reader(kv);
	struct kv_value value;
	int error = kv_ro_get(&reader, name, &value);

	if (error == -ENOENT)
		return 0;
	assert_int_equal(error, 0);
	int byte = value.bytes[0];
	for (size_t i = 0; i < value.length; i++)
		assert_int_equal(value.bytes[i], byte);
	kv_value_release(&value);
	return byte;
}

/* Sets two keys in turn; returns how often it did. */
static int set_values(const struct kv_rw *kv)
{
	uint8_t value[1500];
	int done = 0;

	for (; done < 8; done++) {
		memset(value, done + 1, sizeof(value));
		if (kv_rw_set(kv, done % 2 == 0 ? "a" : "d/b", value, sizeof(value)) != 0)
			break;
	}
	return done;
}

static void littlefs_above_keeps_its_values_through_power_cuts(void **unused)
{
	struct littlefs_kv_state store_state;
	struct mock_clock_state time;
	const struct mock_clock mock = { .state = &time };
	const struct wall_clock clock = { .ops = &mock_wall_clock_ops, .self = &mock };
	const struct littlefs_kv store = { .state = &store_state, .block = &disk, .clock = &clock };
	const struct kv_rw kv = { .ops = &littlefs_kv_ops, .self = &store };
	int done = 0;

	(void)unused;
	assert_int_equal(mock_clock_connect(&mock), 0);
	for (uint64_t cut = 1; done < 8; cut++) {
		block_faulty_start(&faulty, NULL);
		memset(medium.state.bytes, 0, medium.ramdisk.size);
		assert_int_equal(littlefs_format(&disk, 4096), 0);
		assert_int_equal(littlefs_kv_connect(&store), 0);
		block_faulty_start(&faulty, &(struct block_faulty_plan){
						    .cut_at = cut,
						    .unflushed = BLOCK_FAULTY_SHUFFLE,
						    .tear = BLOCK_FAULTY_TEAR_BYTES,
						    .seed = cut,
					    });
		done = set_values(&kv);
		littlefs_kv_disconnect(&store);
		block_faulty_start(&faulty, NULL);
		assert_int_equal(littlefs_kv_connect(&store), 0);
		for (int which = 0; which < 2; which++) {
			int found = value_byte(&kv, which == 0 ? "a" : "d/b");
			int before = done - (done + which + 1) % 2; /* the last that set it */
			bool next = done % 2 == which && found == done + 1;

			assert_true(next || found == (before > 0 ? before : 0));
		}
		littlefs_kv_disconnect(&store);
	}
	assert_true(state.damaged > 0); /* sectors were torn, and met */
}

static void what_is_no_key_is_refused(void **unused)
{
	static const char *const wrong[] = {
		NULL,
		"",
		"0x",
		"404142434445464748494a4b4c4d4e",
		"404142434445464748494a4b4c4d4e4",
		"404142434445464748494a4b4c4d4e4g",
		"404142434445464748494a4b4c4d4e4f50",
		"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60",
		"0x0x42434445464748494a4b4c4d4e4f",
	};

	(void)unused;
	block_ccm_disconnect(&ccm);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -ENXIO);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set_key(wrong[i]);
		assert_int_equal(block_ccm_connect(&ccm), -EINVAL);
	}
	set_key("404142434445464748494a4b4c4d4e4f5051525354555657"); /* AES-192 */
	assert_int_equal(block_ccm_connect(&ccm), 0);
	block_ccm_disconnect(&ccm);
	test_disk_fini(&medium);
	block_faulty_disconnect(&faulty);
	assert_int_equal(block_ccm_connect(&ccm), -ENXIO);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_sector_lies_on_the_disk_as_specified),
		EACH(lengths_of_nonces_and_tags_and_sectors_can_be_others),
		EACH(the_largest_sectors_work),
		EACH(random_requests_agree_with_an_array),
		EACH(the_same_bytes_never_look_the_same),
		EACH(every_changed_byte_is_found),
		EACH(what_was_never_written_or_with_another_key_is_no_sector),
		EACH(without_random_numbers_nothing_is_written),
		EACH(a_batch_has_its_results),
		EACH(littlefs_above_keeps_its_values_through_power_cuts),
		EACH(what_is_no_key_is_refused),
	};

	return cmocka_run_group_tests_name("block_ccm", tests, NULL, NULL);
}
