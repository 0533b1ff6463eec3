// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mirage/block_of_file.h>
#include <mirage/fiber.h>
#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"

enum {
	SECTORS = 4096,
	SIZE = 512,
};

static char path[] = "/tmp/mirage-block-XXXXXX";
static struct block_of_file_state state;
static struct block_of_file file;
static const struct block disk = { .ops = &block_of_file_ops, .self = &file };
static uint8_t *model, *bytes;

/* Run a test as a fiber on the unix target. */
static void on_unix(int (*entry)(void *argument), void *argument)
{
	struct runtime *runtime;

	assert_int_equal(runtime_new(&runtime, &unix_target, NULL), 0);
	assert_int_equal(runtime_run(runtime, entry, argument), 0);
	runtime_free(runtime);
}

/* A file of SECTORS sectors with random contents, of which `model` has a copy. */
static int begin(void **unused)
{
	(void)unused;
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	int fd = mkstemp(path);

	model = malloc(SECTORS * SIZE);
	bytes = malloc(SECTORS * SIZE);
	if (fd < 0 || model == NULL || bytes == NULL)
		return -1;
	test_pattern(model, SECTORS * SIZE, 0, 0);
	if (write(fd, model, SECTORS * SIZE) != SECTORS * SIZE || fdatasync(fd) != 0)
		return -1;
	close(fd);
	file = (struct block_of_file){ .state = &state, .name = path };
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	free(model);
	free(bytes);
	return unlink(path);
}

static int without_ring;

static void connect_file(void)
{
	assert_int_equal(block_of_file_connect(&file), 0);
	state.without_ring = without_ring;
}

/* What follows is not in the page cache, if the file system can do that. */
static void make_cold(void)
{
	assert_int_equal(fdatasync(state.descriptor), 0);
	assert_int_equal(posix_fadvise(state.descriptor, 0, 0, POSIX_FADV_DONTNEED), 0);
}

static int is_what_the_file_is(void *argument)
{
	const struct block_info *info;

	(void)argument;
	connect_file();
	info = block_info(&disk);
	assert_int_equal(info->sector_count, SECTORS);
	assert_int_equal(info->sector_size, SIZE);
	assert_true(info->read_write && info->can_discard && info->durable);
	block_of_file_disconnect(&file);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -ENXIO);
	return 0;
}

static void a_file_is_a_block_device(void **unused)
{
	(void)unused;
	on_unix(is_what_the_file_is, NULL);
}

static void one_random_operation(uint64_t *random, uint32_t round)
{
	uint64_t sector = test_random(random) % SECTORS;
	size_t count = 1 + test_random(random) % 40;

	if (count > SECTORS - sector)
		count = SECTORS - sector;
	size_t cut = test_random(random) % (count + 1);
	const struct slice slices[] = { slice_of(bytes, cut * SIZE),
		                        slice_of(bytes + cut * SIZE, (count - cut) * SIZE) };

	switch (test_random(random) % 8) {
	case 0:
		make_cold();
		break;
	case 1:
		assert_int_equal(block_flush(&disk, NEVER), 0);
		break;
	case 2:
	case 3:
		test_pattern(bytes, count * SIZE, sector, round);
		memcpy(model + sector * SIZE, bytes, count * SIZE);
		assert_int_equal(block_write_slices(&disk, sector, slices, 2, NEVER), 0);
		break;
	default:
		assert_int_equal(block_read_slices(&disk, sector, slices, 2, NEVER), 0);
		assert_memory_equal(bytes, model + sector * SIZE, count * SIZE);
	}
}

static int agrees_with_the_model(void *argument)
{
	uint64_t random = 5;

	(void)argument;
	connect_file();
	for (uint32_t round = 0; round < 400; round++)
		one_random_operation(&random, round);
	make_cold();
	assert_int_equal(block_read(&disk, 0, bytes, SECTORS * SIZE, NEVER), 0);
	assert_memory_equal(bytes, model, SECTORS * SIZE);
	assert_int_equal(state.ring != NULL, !without_ring && !state.without_ring);
	block_of_file_disconnect(&file);
	return 0;
}

static void reads_see_what_was_written(void **unused)
{
	(void)unused;
	on_unix(agrees_with_the_model, NULL);
}

static void reads_see_what_was_written_without_io_uring_too(void **unused)
{
	(void)unused;
	without_ring = 1;
	on_unix(agrees_with_the_model, NULL);
	without_ring = 0;
}

/* More than one turn of the ring, of hits and misses. */
static int reads_a_batch(void *argument)
{
	enum {
		COUNT = 200
	};
	static struct block_request requests[COUNT];
	static struct slice slices[COUNT];

	(void)argument;
	connect_file();
	make_cold();
	assert_int_equal(block_read(&disk, 1000, bytes, 100 * SIZE, NEVER), 0);
	for (size_t i = 0; i < COUNT; i++) {
		slices[i] = slice_of(bytes + i * 8 * SIZE, 8 * SIZE);
		requests[i] = (struct block_request){
			.operation = BLOCK_READ,
			.sector = (i * 37 % 500) * 8,
			.slices = &slices[i],
			.slice_count = 1,
		};
	}
	requests[7].sector = SECTORS;
	requests[77].operation = BLOCK_FLUSH;
	assert_int_equal(block_submit(&disk, requests, COUNT, NEVER), -ERANGE);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(requests[i].result, i == 7 ? -ERANGE : 0);
		if (i != 7 && i != 77)
			assert_memory_equal(slices[i].bytes, model + requests[i].sector * SIZE,
			                    8 * SIZE);
	}
	block_of_file_disconnect(&file);
	return 0;
}

static void each_request_of_a_batch_has_its_own_result(void **unused)
{
	(void)unused;
	on_unix(reads_a_batch, NULL);
}

/* More slices than the kernel takes at once. */
static int reads_many_slices(void *argument)
{
	static struct slice slices[SECTORS];

	(void)argument;
	connect_file();
	for (size_t i = 0; i < SECTORS; i++)
		slices[i] = slice_of(bytes + (SECTORS - 1 - i) * SIZE, SIZE);
	for (int cold = 0; cold < 2; cold++) {
		memset(bytes, 0, SECTORS * SIZE);
		if (cold)
			make_cold();
		assert_int_equal(block_read_slices(&disk, 0, slices, SECTORS, NEVER), 0);
		for (size_t i = 0; i < SECTORS; i++)
			assert_memory_equal(slices[i].bytes, model + i * SIZE, SIZE);
	}
	/* Reversed, and back into place. */
	assert_int_equal(block_write(&disk, 0, bytes, SECTORS * SIZE, NEVER), 0);
	assert_int_equal(block_read(&disk, 0, bytes, SECTORS * SIZE, NEVER), 0);
	assert_int_equal(block_write_slices(&disk, 0, slices, SECTORS, NEVER), 0);
	assert_int_equal(block_read(&disk, 0, bytes, SECTORS * SIZE, NEVER), 0);
	assert_memory_equal(bytes, model, SECTORS * SIZE);
	block_of_file_disconnect(&file);
	return 0;
}

static void a_request_may_have_thousands_of_slices(void **unused)
{
	(void)unused;
	on_unix(reads_many_slices, NULL);
}

/* Copied by a thread of the kernel's. */
static int moves_megabytes(void *argument)
{
	const size_t length = 8 << 20, cut = 3 << 20;
	uint8_t *large = malloc(length), *back = malloc(length);
	const struct slice slices[] = { slice_of(back, cut), slice_of(back + cut, length - cut) };

	(void)argument;
	assert_true(large != NULL && back != NULL);
	assert_int_equal(truncate(path, (off_t)length + SIZE), 0);
	connect_file();
	test_pattern(large, length, 0, 1);
	assert_int_equal(block_write(&disk, 1, large, length, NEVER), 0);
	for (int cold = 0; cold < 2; cold++) {
		memset(back, 0, length);
		if (cold)
			make_cold();
		assert_int_equal(block_read_slices(&disk, 1, slices, 2, NEVER), 0);
		assert_memory_equal(back, large, length);
	}
	assert_int_equal(block_write(&disk, 1, large, length, 0), -ETIMEDOUT);
	assert_int_equal(block_read(&disk, 1, large, length, 0), -ETIMEDOUT);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), 0);
	assert_memory_equal(bytes, model, SIZE);
	block_of_file_disconnect(&file);
	free(large);
	free(back);
	return 0;
}

static void requests_of_megabytes_come_through(void **unused)
{
	(void)unused;
	on_unix(moves_megabytes, NULL);
	without_ring = 1;
	on_unix(moves_megabytes, NULL);
	without_ring = 0;
}

/* As in a container that does not allow it. */
static void forbid_io_uring(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = 4, .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(2);
}

static int reads_cold(void *argument)
{
	(void)argument;
	if (block_of_file_connect(&file) != 0)
		return 3;
	make_cold();
	if (block_read(&disk, 0, bytes, SECTORS * SIZE, NEVER) != 0 ||
	    block_flush(&disk, NEVER) != 0 || !state.without_ring)
		return 4;
	block_of_file_disconnect(&file);
	return memcmp(bytes, model, SECTORS * SIZE) == 0 ? 0 : 5;
}

static void a_kernel_that_forbids_io_uring_is_no_obstacle(void **unused)
{
	int status;

	(void)unused;
	pid_t child = fork();
	if (child == 0) {
		struct runtime *runtime;

		forbid_io_uring();
		if (runtime_new(&runtime, &unix_target, NULL) != 0)
			_exit(1);
		_exit(runtime_run(runtime, reads_cold, NULL));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int reader(void *argument)
{
	uint64_t random = (uintptr_t)argument;
	uint8_t *mine = malloc(16 * SIZE);

	assert_non_null(mine);
	for (int i = 0; i < 100; i++) {
		uint64_t sector = test_random(&random) % (SECTORS - 16);

		if (i % 10 == 0)
			make_cold();
		assert_int_equal(block_read(&disk, sector, mine, 16 * SIZE, NEVER), 0);
		assert_memory_equal(mine, model + sector * SIZE, 16 * SIZE);
		if (i % 25 == 0)
			assert_int_equal(block_flush(&disk, NEVER), 0);
	}
	free(mine);
	return 0;
}

static int read_by_many(void *argument)
{
	struct scope scope;

	(void)argument;
	connect_file();
	scope_open(&scope);
	for (uintptr_t i = 0; i < 100; i++)
		assert_int_equal(fiber_start(&scope, "reader", reader, (void *)(i + 1)), 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(scope_close(&scope), 0);
	block_of_file_disconnect(&file);
	return 0;
}

static void many_fibers_may_use_a_device(void **unused)
{
	(void)unused;
	on_unix(read_by_many, NULL);
}

/* 1024 sectors from `argument` on. */
static int discards(void *argument)
{
	uint64_t first = (uintptr_t)argument;
	struct stat before, after;

	connect_file();
	assert_int_equal(fstat(state.descriptor, &before), 0);
	int result = block_discard(&disk, first, 1024, NEVER);
	if (result == -EOPNOTSUPP) {
		print_message("the file system of /tmp cannot discard\n");
	} else {
		assert_int_equal(result, 0);
		assert_int_equal(block_flush(&disk, NEVER), 0);
		assert_int_equal(fstat(state.descriptor, &after), 0);
		assert_true(after.st_blocks <= before.st_blocks - 1000);
		assert_int_equal(after.st_size, before.st_size);
		assert_int_equal(block_read(&disk, first - 1, bytes, 1026 * SIZE, NEVER), 0);
		assert_memory_equal(bytes, model + (first - 1) * SIZE, SIZE);
		assert_memory_equal(bytes + 1025 * SIZE, model + (first + 1024) * SIZE, SIZE);
	}
	block_of_file_disconnect(&file);
	return 0;
}

static void discarding_frees_storage(void **unused)
{
	(void)unused;
	on_unix(discards, (void *)(uintptr_t)512);
	without_ring = 1;
	on_unix(discards, (void *)(uintptr_t)2048);
	without_ring = 0;
}

static int is_cancelled(void *argument)
{
	(void)argument;
	assert_int_equal(block_write(&disk, 0, bytes, SIZE, NEVER), -ECANCELED);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -ECANCELED);
	assert_int_equal(block_flush(&disk, NEVER), -ECANCELED);
	return 0;
}

static int has_no_time(void *argument)
{
	struct scope scope;

	(void)argument;
	connect_file();
	memset(bytes, 0xee, SIZE);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), 0);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, 0), 0); /* in the page cache */
	assert_memory_equal(bytes, model, SIZE);
	assert_int_equal(block_flush(&disk, 0), -ETIMEDOUT);
	assert_int_equal(block_discard(&disk, 0, 1, 1), -ETIMEDOUT);
	memset(bytes, 0xee, SIZE);
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "cancelled", is_cancelled, NULL), 0);
	scope_cancel(&scope);
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), 0);
	assert_memory_equal(bytes, model, SIZE);
	block_of_file_disconnect(&file);
	return 0;
}

static void what_has_not_begun_ends_with_its_deadline_or_fiber(void **unused)
{
	(void)unused;
	on_unix(has_no_time, NULL);
}

static int reads_a_file_cut_short(void *argument)
{
	(void)argument;
	connect_file();
	assert_int_equal(ftruncate(state.descriptor, SECTORS / 2 * SIZE), 0);
	assert_int_equal(block_read(&disk, SECTORS / 2, bytes, SIZE, NEVER), -EIO);
	assert_int_equal(block_read(&disk, SECTORS / 2 - 1, bytes, 2 * SIZE, NEVER), -EIO);
	assert_int_equal(block_read(&disk, SECTORS / 2 - 1, bytes, SIZE, NEVER), 0);
	block_of_file_disconnect(&file);
	return 0;
}

static void a_file_cut_short_is_an_error_of_the_medium(void **unused)
{
	(void)unused;
	on_unix(reads_a_file_cut_short, NULL);
	without_ring = 1;
	assert_int_equal(truncate(path, SECTORS * SIZE), 0);
	on_unix(reads_a_file_cut_short, NULL);
	without_ring = 0;
}

static int is_locked(void *argument)
{
	struct block_of_file_state other_state;
	struct block_of_file other = { .state = &other_state, .name = path };

	(void)argument;
	connect_file();
	assert_int_equal(block_of_file_connect(&other), -EBUSY);
	other.read_only = true;
	assert_int_equal(block_of_file_connect(&other), -EBUSY);
	block_of_file_disconnect(&file);
	assert_int_equal(block_of_file_connect(&other), 0);
	assert_int_equal(block_of_file_connect(&file), -EBUSY);
	file.read_only = true;
	connect_file();
	assert_false(block_info(&disk)->read_write);
	assert_int_equal(block_write(&disk, 0, bytes, SIZE, NEVER), -EROFS);
	assert_int_equal(block_flush(&disk, NEVER), 0);
	block_of_file_disconnect(&file);
	block_of_file_disconnect(&other);
	return 0;
}

static void a_file_has_one_writer_or_many_readers(void **unused)
{
	(void)unused;
	on_unix(is_locked, NULL);
}

static int cannot_be_connected(void *argument)
{
	(void)argument;
	file.name = "/nonexistent/disk.img";
	assert_int_equal(block_of_file_connect(&file), -ENOENT);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -ENXIO);
	file.name = "/tmp";
	assert_true(block_of_file_connect(&file) < 0);
	file.name = "/dev/null";
	assert_int_equal(block_of_file_connect(&file), -ENODEV);
	file.name = path;
	file.sector_size = 1000;
	assert_int_equal(block_of_file_connect(&file), -EINVAL);
	file.sector_size = 4096;
	assert_int_equal(truncate(path, 4096 * 3 + 512), 0);
	assert_int_equal(block_of_file_connect(&file), -EINVAL);
	assert_int_equal(truncate(path, 4096 * 3), 0);
	assert_int_equal(block_of_file_connect(&file), 0);
	assert_int_equal(block_info(&disk)->sector_count, 3);
	assert_int_equal(block_read(&disk, 0, bytes, 512, NEVER), -EINVAL);
	block_of_file_disconnect(&file);
	return 0;
}

static void what_is_no_disk_is_refused(void **unused)
{
	(void)unused;
	on_unix(cannot_be_connected, NULL);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_file_is_a_block_device),
		EACH(reads_see_what_was_written),
		EACH(reads_see_what_was_written_without_io_uring_too),
		EACH(each_request_of_a_batch_has_its_own_result),
		EACH(a_request_may_have_thousands_of_slices),
		EACH(requests_of_megabytes_come_through),
		EACH(a_kernel_that_forbids_io_uring_is_no_obstacle),
		EACH(many_fibers_may_use_a_device),
		EACH(discarding_frees_storage),
		EACH(what_has_not_begun_ends_with_its_deadline_or_fiber),
		EACH(a_file_cut_short_is_an_error_of_the_medium),
		EACH(a_file_has_one_writer_or_many_readers),
		EACH(what_is_no_disk_is_refused),
	};

	return cmocka_run_group_tests_name("block_of_file", tests, NULL, NULL);
}
