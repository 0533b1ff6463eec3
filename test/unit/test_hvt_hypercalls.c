// SPDX-License-Identifier: ISC
/* Hypercalls, over a guest that is only memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>

#include <cmocka.h>

#include "test/unit/hvt_guest.h"

static int set_up(void **state)
{
	struct test_guest *guest = malloc(sizeof(*guest));

	assert_non_null(guest);
	test_guest_init(guest);
	*state = guest;
	return 0;
}

static int tear_down(void **state)
{
	test_guest_fini(*state);
	free(*state);
	return 0;
}

/* Put `argument` into the guest's memory, make the call, and take it out again. */
static int call(struct test_guest *guest, enum hvt_hypercall number, void *argument, size_t size)
{
	memcpy(test_guest_at(guest, GUEST_ARGUMENT), argument, size);
	int status = hypercall(&guest->calls, (uint16_t)(0x500 + (int)number), GUEST_ARGUMENT,
	                       &guest->reason);
	memcpy(argument, test_guest_at(guest, GUEST_ARGUMENT), size);
	return status;
}

static void assert_says(const struct test_guest *guest, const char *text)
{
	if (strstr(guest->reason.text, text) == NULL)
		fail_msg("'%s' does not say '%s'", guest->reason.text, text);
}

static int32_t block_call(struct test_guest *guest, enum hvt_hypercall number, uint64_t handle,
                          uint64_t offset, uint64_t data, uint64_t length)
{
	struct hvt_block block = { handle, offset, data, length, -1 };

	assert_int_equal(call(guest, number, &block, sizeof(block)), 0);
	assert_int_equal(block.length, length);
	return block.result;
}

static int32_t net_call(struct test_guest *guest, enum hvt_hypercall number, uint64_t handle,
                        uint64_t data, uint64_t *length)
{
	struct hvt_net net = { handle, data, *length, -1 };

	assert_int_equal(call(guest, number, &net, sizeof(net)), 0);
	*length = net.length;
	return net.result;
}

static void puts_writes_the_bytes_to_the_console(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_puts puts = { GUEST_DATA, 5 };
	char text[16];

	memcpy(test_guest_at(guest, GUEST_DATA), "Hello", 5);
	assert_int_equal(call(guest, HVT_PUTS, &puts, sizeof(puts)), 0);
	assert_int_equal(read(guest->console_out, text, sizeof(text)), 5);
	assert_memory_equal(text, "Hello", 5);
}

static void puts_of_nothing_is_nothing(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_puts puts = { 0, 0 };
	char text[16];

	assert_int_equal(call(guest, HVT_PUTS, &puts, sizeof(puts)), 0);
	assert_int_equal(read(guest->console_out, text, sizeof(text)), -1);
}

static void a_console_that_is_gone_does_not_end_the_guest(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_puts puts = { GUEST_DATA, 5 };
	int console = guest->calls.console;

	guest->calls.console = -1;
	assert_int_equal(call(guest, HVT_PUTS, &puts, sizeof(puts)), 0);
	guest->calls.console = console;
}

static void wall_time_is_the_hosts(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_wall_time wall = { 0 };
	struct timespec before, after;

	clock_gettime(CLOCK_REALTIME, &before);
	assert_int_equal(call(guest, HVT_WALL_TIME, &wall, sizeof(wall)), 0);
	clock_gettime(CLOCK_REALTIME, &after);
	assert_in_range(wall.nanoseconds / 1000000000, (uint64_t)before.tv_sec,
	                (uint64_t)after.tv_sec);
}

static void poll_waits_for_its_timeout_and_no_shorter(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_poll poll = { .timeout_ns = 20000000, .ready_set = 99, .result = 99 };
	struct timespec before, after;

	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(call(guest, HVT_POLL, &poll, sizeof(poll)), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_int_equal(poll.ready_set, 0);
	assert_int_equal(poll.result, 0);
	assert_true((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >=
	            20000000);
}

static void poll_tells_which_networks_can_be_read(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_poll poll = { .timeout_ns = UINT64_MAX };

	assert_int_equal(send(guest->other_peer, "frame", 5, 0), 5);
	assert_int_equal(call(guest, HVT_POLL, &poll, sizeof(poll)), 0);
	assert_int_equal(poll.ready_set, 1 << GUEST_OTHER_NET);
	assert_int_equal(poll.result, 1);

	assert_int_equal(send(guest->net_peer, "frame", 5, 0), 5);
	poll.timeout_ns = 0;
	assert_int_equal(call(guest, HVT_POLL, &poll, sizeof(poll)), 0);
	assert_int_equal(poll.ready_set, 1 << GUEST_OTHER_NET | 1 << GUEST_NET);
	assert_int_equal(poll.result, 2);
}

static void a_network_that_is_gone_is_told_of_once(void **state)
{
	struct test_guest *guest = *state;
	int epoll = guest->calls.readiness.epoll_descriptor, ends[2];
	int *descriptor = &guest->manifest.entries[GUEST_NET].descriptor, before = *descriptor;
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = GUEST_NET };
	struct hvt_poll poll = { .timeout_ns = UINT64_MAX };

	/* A pipe without a reader is ready as a deleted tap is: with an error, and nothing to read. */
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_DEL, before, NULL), 0);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event), 0);
	*descriptor = ends[1];
	assert_int_equal(call(guest, HVT_POLL, &poll, sizeof(poll)), 0);
	assert_int_equal(poll.ready_set, 1 << GUEST_NET);
	poll.timeout_ns = 1;
	assert_int_equal(call(guest, HVT_POLL, &poll, sizeof(poll)), 0);
	assert_int_equal(poll.ready_set, 0);
	*descriptor = before;
	close(ends[1]);
}

static void a_poll_that_only_looks_is_not_fooled_by_an_old_timer(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_poll poll = { .timeout_ns = 1 };

	assert_int_equal(call(guest, HVT_POLL, &poll, sizeof(poll)), 0);
	poll.timeout_ns = 0;
	assert_int_equal(call(guest, HVT_POLL, &poll, sizeof(poll)), 0);
	assert_int_equal(poll.ready_set, 0);
	assert_int_equal(poll.result, 0);
}

static void blocks_go_to_the_disk_and_back(void **state)
{
	struct test_guest *guest = *state;
	uint8_t *data = test_guest_at(guest, GUEST_DATA);

	memset(data, 0xa5, 1024);
	assert_int_equal(block_call(guest, HVT_BLOCK_WRITE, GUEST_DISK, 512, GUEST_DATA, 1024), 0);
	memset(data, 0, 1024);
	assert_int_equal(block_call(guest, HVT_BLOCK_READ, GUEST_DISK, 1024, GUEST_DATA, 512), 0);
	assert_int_equal(data[0], 0xa5);
	assert_int_equal(data[511], 0xa5);
	assert_int_equal(data[512], 0);
	assert_int_equal(block_call(guest, HVT_BLOCK_READ, GUEST_DISK, GUEST_DISK_SIZE - 512,
	                            GUEST_DATA, 512),
	                 0);
	assert_int_equal(data[0], 0);
}

static void a_request_beyond_the_disk_is_invalid(void **state)
{
	struct test_guest *guest = *state;
	const struct {
		uint64_t offset, length;
	} wrong[] = {
		{ GUEST_DISK_SIZE, 512 },     { GUEST_DISK_SIZE - 512, 1024 },
		{ UINT64_MAX - 511, 512 },    { UINT64_MAX, 1 },
		{ 0, GUEST_DISK_SIZE + 512 },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(block_call(guest, HVT_BLOCK_READ, GUEST_DISK, wrong[i].offset,
		                            GUEST_DATA, wrong[i].length),
		                 SOLO5_EINVAL);
		assert_int_equal(block_call(guest, HVT_BLOCK_WRITE, GUEST_DISK, wrong[i].offset,
		                            GUEST_DATA, wrong[i].length),
		                 SOLO5_EINVAL);
	}
}

static void handles_of_no_or_another_device_are_invalid(void **state)
{
	struct test_guest *guest = *state;
	const uint64_t no_disks[] = { 0, GUEST_NET, 3, 5, 63, 64, UINT32_MAX, UINT64_MAX };
	const uint64_t no_nets[] = { 0, GUEST_DISK, 3, 5, 63, 64, UINT32_MAX, UINT64_MAX };
	uint64_t length = 60;

	for (size_t i = 0; i < sizeof(no_disks) / sizeof(no_disks[0]); i++) {
		assert_int_equal(block_call(guest, HVT_BLOCK_READ, no_disks[i], 0, GUEST_DATA, 512),
		                 SOLO5_EINVAL);
		assert_int_equal(net_call(guest, HVT_NET_READ, no_nets[i], GUEST_DATA, &length),
		                 SOLO5_EINVAL);
		assert_int_equal(net_call(guest, HVT_NET_WRITE, no_nets[i], GUEST_DATA, &length),
		                 SOLO5_EINVAL);
		assert_int_equal(length, 60);
	}
}

static void a_disk_that_shrank_ends_the_guest(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_block block = { GUEST_DISK, 0, GUEST_DATA, 512, 0 };

	assert_int_equal(ftruncate(guest->manifest.entries[GUEST_DISK].descriptor, 0), 0);
	assert_int_equal(call(guest, HVT_BLOCK_READ, &block, sizeof(block)), -EFAULT);
	assert_says(guest, "Fatal error when reading");
}

static void frames_go_out_and_come_in(void **state)
{
	struct test_guest *guest = *state;
	uint64_t length = 60;
	char frame[100];

	memset(test_guest_at(guest, GUEST_DATA), 'x', 60);
	assert_int_equal(net_call(guest, HVT_NET_WRITE, GUEST_NET, GUEST_DATA, &length), SOLO5_OK);
	assert_int_equal(recv(guest->net_peer, frame, sizeof(frame), 0), 60);

	length = 1514;
	assert_int_equal(net_call(guest, HVT_NET_READ, GUEST_NET, GUEST_DATA, &length),
	                 SOLO5_AGAIN);
	assert_int_equal(length, 1514);
	assert_int_equal(send(guest->net_peer, "incoming", 8, 0), 8);
	assert_int_equal(net_call(guest, HVT_NET_READ, GUEST_NET, GUEST_DATA, &length), SOLO5_OK);
	assert_int_equal(length, 8);
	assert_memory_equal(test_guest_at(guest, GUEST_DATA), "incoming", 8);
}

static void frames_for_a_full_queue_are_lost_without_a_word(void **state)
{
	struct test_guest *guest = *state;
	uint64_t length = 60;

	for (int i = 0; i < 5000; i++)
		assert_int_equal(net_call(guest, HVT_NET_WRITE, GUEST_NET, GUEST_DATA, &length),
		                 SOLO5_OK);
}

static void a_network_that_is_gone_is_an_answer(void **state)
{
	struct test_guest *guest = *state;
	int descriptor = guest->manifest.entries[GUEST_NET].descriptor;
	uint64_t length = 60;

	guest->manifest.entries[GUEST_NET].descriptor = -1;
	assert_int_equal(net_call(guest, HVT_NET_WRITE, GUEST_NET, GUEST_DATA, &length),
	                 SOLO5_EUNSPEC);
	assert_int_equal(net_call(guest, HVT_NET_READ, GUEST_NET, GUEST_DATA, &length),
	                 SOLO5_EUNSPEC);
	guest->manifest.entries[GUEST_NET].descriptor = descriptor;
}

static void halting_gives_the_status_and_the_cookie(void **state)
{
	struct test_guest *guest = *state;
	const struct hvt_trap_cookie cookie = { 1, 2, 3, 4, 5, 6, 7 };
	struct hvt_halt halt = { 0, 300 };

	assert_int_equal(call(guest, HVT_HALT, &halt, sizeof(halt)), HYPERCALL_HALTED);
	assert_int_equal(guest->calls.exit_status, 44);
	assert_false(guest->calls.has_cookie);

	memcpy(test_guest_at(guest, GUEST_DATA), &cookie, sizeof(cookie));
	halt = (struct hvt_halt){ GUEST_DATA, -1 };
	assert_int_equal(call(guest, HVT_HALT, &halt, sizeof(halt)), HYPERCALL_HALTED);
	assert_int_equal(guest->calls.exit_status, 255);
	assert_true(guest->calls.has_cookie);
	assert_int_equal(guest->calls.cookie.rip, 3);
}

static void arguments_out_of_memory_end_the_guest(void **state)
{
	struct test_guest *guest = *state;
	const uint32_t wrong[] = {
		0, 0x1000, 0xfff8, GUEST_MEMORY - 8, GUEST_MEMORY, GUEST_MEMORY + 8, 0xffffffff
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		for (int number = 1; number <= 8; number++) {
			guest->reason.text[0] = '\0';
			assert_int_equal(hypercall(&guest->calls, (uint16_t)(0x500 + number),
			                           wrong[i], &guest->reason),
			                 -EFAULT);
			assert_says(guest, "Invalid guest access: gpa=0x");
		}
	}
}

static void results_are_not_written_to_code_or_below_the_image(void **state)
{
	struct test_guest *guest = *state;
	const uint32_t places[] = { GUEST_CODE, GUEST_CODE_END - 64, 0x10000, 0xffff8 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const enum hvt_hypercall numbers[] = { HVT_WALL_TIME,  HVT_POLL,
			                               HVT_BLOCK_READ, HVT_BLOCK_WRITE,
			                               HVT_NET_READ,   HVT_NET_WRITE };
		for (size_t j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j++)
			assert_int_equal(hypercall(&guest->calls,
			                           (uint16_t)(0x500 + (int)numbers[j]), places[i],
			                           &guest->reason),
			                 -EFAULT);
	}
	for (size_t i = GUEST_CODE; i < GUEST_CODE_END; i++)
		assert_int_equal(guest->calls.memory.bytes[i], 0);
}

static void buffers_out_of_memory_end_the_guest(void **state)
{
	struct test_guest *guest = *state;
	const struct {
		uint64_t data, length;
	} wrong[] = {
		{ GUEST_MEMORY - 512, 512 }, /* the last byte is never part of a buffer */
		{ GUEST_MEMORY - 511, 512 },
		{ GUEST_MEMORY, 0 },
		{ GUEST_MEMORY, 512 },
		{ UINT64_MAX, 1 },
		{ UINT64_MAX - 255, 512 },
		{ GUEST_DATA, UINT64_MAX },
		{ GUEST_DATA, UINT64_MAX - GUEST_DATA + 1 },
		{ 0, 512 },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct hvt_puts puts = { wrong[i].data, wrong[i].length };
		assert_int_equal(call(guest, HVT_PUTS, &puts, sizeof(puts)), -EFAULT);
		struct hvt_block block = { GUEST_DISK, 0, wrong[i].data, wrong[i].length, 0 };
		assert_int_equal(call(guest, HVT_BLOCK_READ, &block, sizeof(block)), -EFAULT);
		assert_int_equal(call(guest, HVT_BLOCK_WRITE, &block, sizeof(block)), -EFAULT);
		struct hvt_net net = { GUEST_NET, wrong[i].data, wrong[i].length, 0 };
		assert_int_equal(call(guest, HVT_NET_READ, &net, sizeof(net)), -EFAULT);
		assert_int_equal(call(guest, HVT_NET_WRITE, &net, sizeof(net)), -EFAULT);
		assert_says(guest, "Invalid guest access: gpa=0x");
	}
	struct hvt_halt halt = { GUEST_MEMORY - 511, 0 };
	assert_int_equal(call(guest, HVT_HALT, &halt, sizeof(halt)), -EFAULT);
}

static void code_is_written_from_but_not_read_to(void **state)
{
	struct test_guest *guest = *state;
	struct hvt_block block = { GUEST_DISK, 0, GUEST_CODE_END - 256, 512, 0 };

	assert_int_equal(call(guest, HVT_BLOCK_WRITE, &block, sizeof(block)), 0);
	assert_int_equal(call(guest, HVT_BLOCK_READ, &block, sizeof(block)), -EFAULT);
}

static void other_ports_end_the_guest(void **state)
{
	struct test_guest *guest = *state;
	const uint16_t wrong[] = { 0, 0x80, 0x4ff, 0x500, 0x509, 0x600, 0xffff };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(hypercall(&guest->calls, wrong[i], GUEST_ARGUMENT, &guest->reason),
		                 -EFAULT);
		assert_says(guest, "Invalid guest port access: port=0x");
	}
}

static void calls_to_kinds_of_device_that_are_not_attached_end_the_guest(void **state)
{
	struct test_guest *guest = *state;

	guest->manifest.entries[GUEST_DISK].attached = 0;
	assert_int_equal(hypercall(&guest->calls, 0x505, GUEST_ARGUMENT, &guest->reason), -EFAULT);
	assert_says(guest, "Invalid guest hypercall: num=5");
	guest->manifest.entry_count = 1;
	assert_int_equal(hypercall(&guest->calls, 0x506, GUEST_ARGUMENT, &guest->reason), -EFAULT);
	assert_says(guest, "Invalid guest hypercall: num=6");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(puts_writes_the_bytes_to_the_console),
		TEST(puts_of_nothing_is_nothing),
		TEST(a_console_that_is_gone_does_not_end_the_guest),
		TEST(wall_time_is_the_hosts),
		TEST(poll_waits_for_its_timeout_and_no_shorter),
		TEST(poll_tells_which_networks_can_be_read),
		TEST(a_network_that_is_gone_is_told_of_once),
		TEST(a_poll_that_only_looks_is_not_fooled_by_an_old_timer),
		TEST(blocks_go_to_the_disk_and_back),
		TEST(a_request_beyond_the_disk_is_invalid),
		TEST(handles_of_no_or_another_device_are_invalid),
		TEST(a_disk_that_shrank_ends_the_guest),
		TEST(frames_go_out_and_come_in),
		TEST(frames_for_a_full_queue_are_lost_without_a_word),
		TEST(a_network_that_is_gone_is_an_answer),
		TEST(halting_gives_the_status_and_the_cookie),
		TEST(arguments_out_of_memory_end_the_guest),
		TEST(results_are_not_written_to_code_or_below_the_image),
		TEST(buffers_out_of_memory_end_the_guest),
		TEST(code_is_written_from_but_not_read_to),
		TEST(other_ports_end_the_guest),
		TEST(calls_to_kinds_of_device_that_are_not_attached_end_the_guest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
