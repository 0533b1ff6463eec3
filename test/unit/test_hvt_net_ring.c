// SPDX-License-Identifier: ISC
/* The ring, with guests that keep to the rules and guests that do not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "tenders/hvt/net_ring.h"
#include "test/unit/hvt_guest.h"

struct fixture {
	struct test_guest guest;
	struct hvt_net_ring *shared;
	struct net_ring ring;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	test_guest_init(&fixture->guest);
	fixture->shared = calloc(1, sizeof(*fixture->shared));
	net_ring_init(&fixture->ring, fixture->shared, &fixture->guest.calls.memory,
	              &fixture->guest.manifest, eventfd(0, EFD_CLOEXEC));
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	close(fixture->ring.event);
	free(fixture->shared);
	test_guest_fini(&fixture->guest);
	free(fixture);
	return 0;
}

static void put(struct fixture *fixture, struct hvt_net_ring_entry entry)
{
	struct hvt_net_ring *shared = fixture->shared;
	uint32_t tail = shared->entry_tail;

	shared->entries[tail % 1024] = entry;
	__atomic_store_n(&shared->entry_tail, tail + 1, __ATOMIC_SEQ_CST);
}

static void put_write(struct fixture *fixture, uint32_t handle, uint64_t data, uint32_t length)
{
	put(fixture, (struct hvt_net_ring_entry){
			     .operation = 1, .handle = handle, .data = data, .length = length });
}

static int service(struct fixture *fixture)
{
	return net_ring_service(&fixture->ring, &fixture->guest.reason);
}

static void written_frames_go_out_in_order_without_commits(void **state)
{
	struct fixture *fixture = *state;
	char frame[64];

	for (int i = 0; i < 3; i++) {
		uint64_t at = GUEST_DATA + 2048U * (uint64_t)i;
		memset(test_guest_at(&fixture->guest, at), 'a' + i, 60);
		put_write(fixture, GUEST_NET, at, 60);
	}
	assert_int_equal(service(fixture), 3);
	assert_int_equal(fixture->shared->entry_head, 3);
	assert_int_equal(fixture->shared->commit_tail, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(recv(fixture->guest.net_peer, frame, sizeof(frame), 0), 60);
		assert_int_equal(frame[59], 'a' + i);
	}
	assert_int_equal(service(fixture), 0);
}

static void reads_are_committed_with_result_length_and_id(void **state)
{
	struct fixture *fixture = *state;
	const struct hvt_net_ring_commit *commits = fixture->shared->commits;

	assert_int_equal(send(fixture->guest.net_peer, "incoming", 8, 0), 8);
	put(fixture, (struct hvt_net_ring_entry){ 2, GUEST_NET, GUEST_DATA, 1514, 77, 0 });
	put(fixture, (struct hvt_net_ring_entry){ 2, GUEST_NET, GUEST_DATA + 2048, 1514, 78, 0 });
	put(fixture, (struct hvt_net_ring_entry){ 2, GUEST_DISK, GUEST_DATA + 2048, 1514, 79, 0 });
	assert_int_equal(service(fixture), 3);
	assert_int_equal(fixture->shared->commit_tail, 3);
	assert_int_equal(commits[0].id, 77);
	assert_int_equal(commits[0].result, SOLO5_OK);
	assert_int_equal(commits[0].length, 8);
	assert_memory_equal(test_guest_at(&fixture->guest, GUEST_DATA), "incoming", 8);
	assert_int_equal(commits[1].id, 78);
	assert_int_equal(commits[1].result, SOLO5_AGAIN);
	assert_int_equal(commits[2].result, SOLO5_EINVAL);
}

static void indices_run_round(void **state)
{
	struct fixture *fixture = *state;
	char frame[64];

	fixture->shared->entry_tail = UINT32_MAX - 1;
	fixture->ring.entry_head = UINT32_MAX - 1;
	for (int i = 0; i < 4; i++)
		put_write(fixture, GUEST_NET, GUEST_DATA, 60);
	assert_int_equal(fixture->shared->entry_tail, 2);
	assert_int_equal(service(fixture), 4);
	assert_int_equal(fixture->shared->entry_head, 2);
	for (int i = 0; i < 4; i++)
		assert_int_equal(recv(fixture->guest.net_peer, frame, sizeof(frame), 0), 60);
}

static void unknown_operations_and_devices_are_passed_over(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, (struct hvt_net_ring_entry){ 0, GUEST_NET, GUEST_DATA, 60, 0, 0 });
	put(fixture, (struct hvt_net_ring_entry){ 3, GUEST_NET, UINT64_MAX, 60, 0, 0 });
	put_write(fixture, 0, GUEST_DATA, 60);
	put_write(fixture, GUEST_DISK, GUEST_DATA, 60);
	put_write(fixture, UINT32_MAX, GUEST_DATA, 60);
	assert_int_equal(service(fixture), 5);
	assert_int_equal(fixture->shared->entry_head, 5);
	assert_int_equal(fixture->ring.lost, 3);
}

static void more_entries_than_slots_end_the_guest(void **state)
{
	struct fixture *fixture = *state;

	fixture->shared->entry_tail = 1025;
	assert_int_equal(service(fixture), -EFAULT);
	assert_non_null(strstr(fixture->guest.reason.text, "claims 1025 entries of 1024"));
	fixture->shared->entry_tail = UINT32_MAX; /* before the head */
	assert_int_equal(service(fixture), -EFAULT);
}

static void frames_out_of_memory_end_the_guest(void **state)
{
	struct fixture *fixture = *state;
	const struct hvt_net_ring_entry wrong[] = {
		{ 1, GUEST_NET, GUEST_MEMORY - 60, 60, 0, 0 },
		{ 1, GUEST_NET, UINT64_MAX, 60, 0, 0 },
		{ 1, GUEST_NET, GUEST_DATA, UINT32_MAX, 0, 0 },
		{ 2, GUEST_NET, GUEST_MEMORY, 60, 0, 0 },
		{ 2, GUEST_NET, GUEST_CODE, 60, 0, 0 },
		{ 2, GUEST_NET, 0x2000, 60, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fixture->shared->entries[0] = wrong[i];
		fixture->shared->entry_tail = 1;
		fixture->ring.entry_head = 0;
		assert_int_equal(service(fixture), -EFAULT);
		assert_non_null(strstr(fixture->guest.reason.text, "Invalid guest access"));
	}
}

static void the_tenders_own_indices_are_never_believed(void **state)
{
	struct fixture *fixture = *state;
	char frame[64];

	put_write(fixture, GUEST_NET, GUEST_DATA, 60);
	fixture->shared->entry_head = 0x80000000;
	fixture->shared->commit_tail = 5000;
	fixture->shared->commit_head = 77777;
	assert_int_equal(service(fixture), 1);
	assert_int_equal(recv(fixture->guest.net_peer, frame, sizeof(frame), 0), 60);
	assert_int_equal(fixture->shared->entry_head, 1);
	put(fixture, (struct hvt_net_ring_entry){ 2, GUEST_NET, GUEST_DATA, 60, 5, 0 });
	assert_int_equal(service(fixture), 1);
	assert_int_equal(fixture->shared->commit_tail, 1);
	assert_int_equal(fixture->shared->commits[0].id, 5);
}

static void *run_ring(void *argument)
{
	struct fixture *fixture = argument;

	return (void *)(intptr_t)net_ring_run(&fixture->ring, &fixture->guest.reason);
}

/* Wait for one frame at the other end, however long the machine takes. */
static void receive_frame(struct fixture *fixture)
{
	char frame[64];

	while (recv(fixture->guest.net_peer, frame, sizeof(frame), 0) != 60)
		assert_int_equal(errno, EAGAIN);
}

/* Frames at moments when the thread sleeps and when it does not; none may be left lying. */
static void a_guest_that_kicks_when_it_must_loses_nothing(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t kick = 1;
	pthread_t thread;
	void *result;
	int kicks = 0;

	assert_int_equal(pthread_create(&thread, NULL, run_ring, fixture), 0);
	for (int i = 0; i < 2000; i++) {
		if (i % 100 == 0)
			while (!__atomic_load_n(&fixture->shared->needs_kick, __ATOMIC_SEQ_CST))
				continue;
		put_write(fixture, GUEST_NET, GUEST_DATA, 60);
		if (__atomic_load_n(&fixture->shared->needs_kick, __ATOMIC_SEQ_CST)) {
			kicks++;
			assert_int_equal(write(fixture->ring.event, &kick, sizeof(kick)),
			                 sizeof(kick));
		}
		receive_frame(fixture);
	}
	assert_true(kicks >= 20);

	/* An index out of range is how it ends. */
	__atomic_store_n(&fixture->shared->entry_tail, 1U << 31, __ATOMIC_SEQ_CST);
	assert_int_equal(write(fixture->ring.event, &kick, sizeof(kick)), sizeof(kick));
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_int_equal((intptr_t)result, -EFAULT);
}

static void draining_takes_what_is_left(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 5; i++)
		put_write(fixture, GUEST_NET, GUEST_DATA, 60);
	assert_int_equal(net_ring_drain(&fixture->ring, &fixture->guest.reason), 0);
	assert_int_equal(fixture->shared->entry_head, 5);
	assert_int_equal(net_ring_drain(&fixture->ring, &fixture->guest.reason), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(written_frames_go_out_in_order_without_commits),
		TEST(reads_are_committed_with_result_length_and_id),
		TEST(indices_run_round),
		TEST(unknown_operations_and_devices_are_passed_over),
		TEST(more_entries_than_slots_end_the_guest),
		TEST(frames_out_of_memory_end_the_guest),
		TEST(the_tenders_own_indices_are_never_believed),
		TEST(a_guest_that_kicks_when_it_must_loses_nothing),
		TEST(draining_takes_what_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
