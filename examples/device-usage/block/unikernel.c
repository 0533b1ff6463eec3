#include <mirage/block.h>
#include <mirage/log.h>
#include <mirage/time.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LOG_SOURCE(log_block, "block");

/* What the tests use, and how they went. */
struct tester {
	const struct time *time;
	const struct block *block;
	const struct block_info *info;
	int started, passed, failed;
};

/* No operation may take longer than this. */
static nanoseconds soon(const struct tester *tester)
{
	return deadline_after(time_now(tester->time), duration_of_sec(5));
}

/* `count` sectors, each full of a line that has its number in it. */
static uint8_t *sectors_new(const struct tester *tester, size_t count)
{
	size_t size = tester->info->sector_size;
	uint8_t *sectors = malloc(count * size);

	for (size_t i = 0; sectors != NULL && i < count; i++) {
		char phrase[64];
		int length =
			snprintf(phrase, sizeof(phrase), "%zu: the quick brown fox jumps\n", i);

		for (size_t j = 0; j < size; j++)
			sectors[i * size + j] = (uint8_t)phrase[j % (size_t)length];
	}
	return sectors;
}

/* Write, read back, compare. */
static int write_and_read(const struct tester *tester, uint64_t sector, size_t count)
{
	size_t length = count * tester->info->sector_size;
	uint8_t *written = sectors_new(tester, count), *read = calloc(1, length);
	int result = -ENOMEM;

	if (written != NULL && read != NULL) {
		result = block_write(tester->block, sector, written, length, soon(tester));
		if (result == 0)
			result = block_read(tester->block, sector, read, length, soon(tester));
		if (result == 0 && memcmp(written, read, length) != 0)
			result = -EIO;
	}
	free(written);
	free(read);
	return result;
}

static void check_write(struct tester *tester, uint64_t sector, size_t count)
{
	tester->started++;
	int result = write_and_read(tester, sector, count);
	if (result == 0) {
		tester->passed++;
		return;
	}
	log_error_from(&log_block, "%zu sectors at %" PRIu64 ": %s", count, sector,
	               strerror(-result));
	tester->failed++;
}

/* A read or a write that passes the end. */
static void check_failure(struct tester *tester, enum block_operation operation, uint64_t sector,
                          size_t count)
{
	uint8_t *sectors = sectors_new(tester, count);
	struct slice slice = slice_of(sectors, count * tester->info->sector_size);
	struct block_request request = {
		.operation = operation,
		.sector = sector,
		.slices = &slice,
		.slice_count = 1,
	};

	tester->started++;
	log_error_from(&log_block, "Expecting error output from the following operation...");
	if (sectors != NULL && block_submit(tester->block, &request, 1, soon(tester)) == -ERANGE) {
		tester->passed++;
	} else {
		log_error_from(&log_block, "-- expected failure; got something else");
		tester->failed++;
	}
	free(sectors);
}

int block_test_start(const struct time *time, const struct block *block)
{
	struct tester tester = { .time = time, .block = block, .info = block_info(block) };
	uint64_t end = tester.info->sector_count;

	log_info_from(&log_block, "sectors = %" PRIu64 "\nread_write=%s\nsector_size=%" PRIu32 "\n",
	              end, tester.info->read_write ? "true" : "false", tester.info->sector_size);
	check_write(&tester, 0, 1);
	check_write(&tester, end - 1, 1);
	check_write(&tester, 0, 2);
	check_write(&tester, end - 2, 2);
	check_write(&tester, 0, 12);
	check_write(&tester, end - 12, 12);
	check_failure(&tester, BLOCK_WRITE, end, 1);
	check_failure(&tester, BLOCK_WRITE, end - 11, 12);
	check_failure(&tester, BLOCK_READ, end, 1);
	check_failure(&tester, BLOCK_READ, end - 11, 12);
	log_info_from(&log_block, "Test sequence finished\n");
	log_info_from(&log_block, "Total tests started: %d\n", tester.started);
	log_info_from(&log_block, "Total tests passed:  %d\n", tester.passed);
	log_info_from(&log_block, "Total tests failed:  %d\n", tester.failed);
	return tester.failed == 0 ? 0 : 1;
}
