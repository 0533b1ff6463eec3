// SPDX-License-Identifier: ISC
/* block_of_file of Solo5 targets, over a tender that is an array. */
#include "test/unit/on_ramdisk.h"

#include <mirage/block_of_file.h>
#include <mirage/fiber.h>

#include "test/unit/on_virtual.h"

#include "targets/solo5/host.h"

enum {
	DISK = 1,
	SPARE = 2,
	DEVICES = 3,
	SIZE = 1024,
	SECTORS = 64,
};

static struct {
	struct {
		struct solo5_manifest header;
		struct solo5_manifest_entry entries[DEVICES];
	} manifest;
	uint8_t bytes[SECTORS * SIZE];
	size_t span_max;
	size_t calls;
	size_t fail_at; /* the call that fails; 0: none */
	size_t others;  /* times that another fiber ran */
} tender;

const struct solo5_manifest *host_manifest(void)
{
	return &tender.manifest.header;
}

size_t host_block_span_max(unsigned int handle)
{
	assert_int_equal(handle, DISK);
	return tender.span_max;
}

static int call(unsigned int handle, uint64_t offset, size_t length)
{
	assert_int_equal(handle, DISK);
	assert_true(length > 0 && length <= tender.span_max);
	assert_int_equal(length % SIZE, 0);
	assert_int_equal(offset % SIZE, 0);
	assert_true(offset <= sizeof(tender.bytes) && length <= sizeof(tender.bytes) - offset);
	return ++tender.calls == tender.fail_at ? -EIO : 0;
}

int host_block_read(unsigned int handle, uint64_t offset, void *bytes, size_t length)
{
	memcpy(bytes, tender.bytes + offset, length);
	return call(handle, offset, length);
}

int host_block_write(unsigned int handle, uint64_t offset, const void *bytes, size_t length)
{
	memcpy(tender.bytes + offset, bytes, length);
	return call(handle, offset, length);
}

/* What other members of the library want of a tender. */
void host_console_write(const void *bytes, size_t length)
{
	(void)bytes;
	(void)length;
}

static struct block_of_file_state state;
static struct block_of_file file;
static const struct block disk = { .ops = &block_of_file_ops, .self = &file };
static uint8_t model[SECTORS * SIZE], bytes[SECTORS * SIZE];

static int begin(void **unused)
{
	(void)unused;
	memset(&tender, 0, sizeof(tender));
	tender.manifest.header = (struct solo5_manifest){ 1, DEVICES };
	for (unsigned int i = DISK; i <= SPARE; i++) {
		struct solo5_manifest_entry *entry = &tender.manifest.entries[i];

		strcpy(entry->name, i == DISK ? "storage" : "spare");
		entry->type = SOLO5_DEVICE_BLOCK_BASIC;
		entry->attached = i == DISK;
		entry->block.capacity = sizeof(tender.bytes);
		entry->block.block_size = SIZE;
	}
	tender.span_max = SIZE;
	test_pattern(tender.bytes, sizeof(tender.bytes), 0, 0);
	memcpy(model, tender.bytes, sizeof(model));
	file = (struct block_of_file){ .state = &state, .name = "storage" };
	return 0;
}

static int knows_its_device(void *argument)
{
	(void)argument;
	assert_int_equal(block_of_file_connect(&file), 0);
	assert_int_equal(block_info(&disk)->sector_count, SECTORS);
	assert_int_equal(block_info(&disk)->sector_size, SIZE);
	assert_true(block_info(&disk)->read_write);
	assert_false(block_info(&disk)->can_discard);
	assert_false(block_info(&disk)->durable);
	assert_int_equal(block_flush(&disk, NEVER), 0);
	assert_int_equal(block_discard(&disk, 0, 1, NEVER), -EOPNOTSUPP);
	block_of_file_disconnect(&file);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -ENXIO);
	return 0;
}

static void the_manifest_says_what_the_device_is(void **unused)
{
	(void)unused;
	on_virtual(knows_its_device, NULL);
}

static int finds_none(void *argument)
{
	(void)argument;
	file.name = "spare";
	assert_int_equal(block_of_file_connect(&file), -ENODEV);
	file.name = "nothing";
	assert_int_equal(block_of_file_connect(&file), -ENODEV);
	file.name = "storage";
	tender.manifest.entries[DISK].block.block_size = 0;
	assert_int_equal(block_of_file_connect(&file), -EINVAL);
	tender.manifest.entries[DISK].block.block_size = 768;
	assert_int_equal(block_of_file_connect(&file), -EINVAL);
	tender.manifest.entries[DISK].block.block_size = SIZE;
	tender.manifest.entries[DISK].block.capacity = SIZE + 1;
	assert_int_equal(block_of_file_connect(&file), -EINVAL);
	assert_int_equal(block_info(&disk)->sector_size, 0);
	return 0;
}

static void devices_that_are_not_there_or_cannot_be_are_refused(void **unused)
{
	(void)unused;
	on_virtual(finds_none, NULL);
}

/* Random requests of up to three slices agree with the model. */
static int agrees_with_the_model(void *argument)
{
	uint64_t random = 3;

	(void)argument;
	assert_int_equal(block_of_file_connect(&file), 0);
	for (uint32_t round = 0; round < 1000; round++) {
		uint64_t sector = test_random(&random) % SECTORS;
		size_t count = 1 + test_random(&random) % (SECTORS - sector);
		size_t cut = test_random(&random) % (count + 1);
		const struct slice slices[] = { slice_of(bytes, cut * SIZE), slice_of(NULL, 0),
			                        slice_of(bytes + cut * SIZE,
			                                 (count - cut) * SIZE) };

		if (round % 2 == 0) {
			test_pattern(bytes, count * SIZE, sector, round);
			memcpy(model + sector * SIZE, bytes, count * SIZE);
			assert_int_equal(block_write_slices(&disk, sector, slices, 3, NEVER), 0);
		} else {
			assert_int_equal(block_read_slices(&disk, sector, slices, 3, NEVER), 0);
			assert_memory_equal(bytes, model + sector * SIZE, count * SIZE);
		}
	}
	assert_memory_equal(tender.bytes, model, sizeof(model));
	return 0;
}

static void requests_go_to_the_tender_block_by_block(void **unused)
{
	(void)unused;
	on_virtual(agrees_with_the_model, NULL);
}

static void a_tender_that_takes_more_gets_more(void **unused)
{
	(void)unused;
	tender.span_max = 5 * SIZE;
	on_virtual(agrees_with_the_model, NULL);
}

static int meets_an_error(void *argument)
{
	const struct slice slice = slice_of(bytes, 4 * SIZE);
	struct block_request requests[] = {
		{ .operation = BLOCK_READ, .sector = 0, .slices = &slice, .slice_count = 1 },
		{ .operation = BLOCK_READ, .sector = 8, .slices = &slice, .slice_count = 1 },
	};

	(void)argument;
	assert_int_equal(block_of_file_connect(&file), 0);
	tender.fail_at = 2;
	assert_int_equal(block_submit(&disk, requests, 2, NEVER), -EIO);
	assert_int_equal(requests[0].result, -EIO);
	assert_int_equal(requests[1].result, 0);
	assert_memory_equal(bytes, model + 8 * SIZE, 4 * SIZE);
	return 0;
}

static void an_error_of_one_request_is_not_the_others(void **unused)
{
	(void)unused;
	on_virtual(meets_an_error, NULL);
}

static int runs_too(void *argument)
{
	(void)argument;
	while (fiber_yield() == 0)
		tender.others++;
	return 0;
}

static int is_cancelled(void *argument)
{
	(void)argument;
	assert_int_equal(block_write(&disk, 0, bytes, SIZE, NEVER), -ECANCELED);
	return 0;
}

static int shares_the_core(void *argument)
{
	struct scope scope;

	(void)argument;
	assert_int_equal(block_of_file_connect(&file), 0);
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "other", runs_too, NULL), 0);
	assert_int_equal(block_read(&disk, 0, bytes, sizeof(bytes), NEVER), 0);
	assert_true(tender.others >= SECTORS / 16);
	assert_int_equal(block_write(&disk, 0, bytes, SIZE, 0), -ETIMEDOUT);
	assert_int_equal(fiber_start(&scope, "cancelled", is_cancelled, NULL), 0);
	scope_cancel(&scope);
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(tender.calls, SECTORS);
	return 0;
}

static void other_fibers_run_during_long_requests(void **unused)
{
	(void)unused;
	on_virtual(shares_the_core, NULL);
}

#define EACH(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(the_manifest_says_what_the_device_is),
		EACH(devices_that_are_not_there_or_cannot_be_are_refused),
		EACH(requests_go_to_the_tender_block_by_block),
		EACH(a_tender_that_takes_more_gets_more),
		EACH(an_error_of_one_request_is_not_the_others),
		EACH(other_fibers_run_during_long_requests),
	};

	return cmocka_run_group_tests_name("solo5_block", tests, NULL, NULL);
}
