// SPDX-License-Identifier: ISC
/* The guest's side of the network ring, with a tender that does as the test says. */
#include "targets/hvt/net_ring.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct hvt_net_ring ring;
static unsigned int kicks;
static bool serves_when_kicked; /* the tender's thread: empties the ring */

static void tender_takes(uint32_t count)
{
	ring.entry_head += count;
}

static void kick(void)
{
	kicks++;
	ring.needs_kick = 0;
	if (serves_when_kicked)
		ring.entry_head = ring.entry_tail;
}

static int set_up(void **state)
{
	struct net_ring_writer *writer = calloc(1, sizeof(*writer));

	memset(&ring, 0, sizeof(ring));
	kicks = 0;
	serves_when_kicked = false;
	*writer = (struct net_ring_writer){ .ring = &ring, .kick = kick };
	*state = writer;
	return 0;
}

static int tear_down(void **state)
{
	struct net_ring_writer *writer = *state;

	free(writer->slots);
	free(writer);
	return 0;
}

static const struct hvt_net_ring_entry *entry_at(uint32_t index)
{
	return &ring.entries[index % HVT_NET_RING_SLOTS];
}

static void a_frame_is_copied_and_described(void **state)
{
	struct net_ring_writer *writer = *state;
	uint8_t frame[60];

	memset(frame, 0xab, sizeof(frame));
	assert_int_equal(net_ring_write(writer, 5, frame, sizeof(frame)), 0);
	memset(frame, 0, sizeof(frame));
	assert_int_equal(ring.entry_tail, 1);
	assert_int_equal(entry_at(0)->operation, HVT_NET_RING_WRITE);
	assert_int_equal(entry_at(0)->handle, 5);
	assert_int_equal(entry_at(0)->length, 60);
	const uint8_t *copy = (const uint8_t *)(uintptr_t)entry_at(0)->data;

	assert_int_equal(copy[0], 0xab);
	assert_int_equal(copy[59], 0xab);
}

static void frames_in_flight_have_slots_of_their_own(void **state)
{
	struct net_ring_writer *writer = *state;

	for (uint32_t i = 0; i < HVT_NET_RING_SLOTS - 1; i++) {
		uint32_t number = i;

		assert_int_equal(net_ring_write(writer, 1, &number, sizeof(number)), 0);
	}
	for (uint32_t i = 0; i < HVT_NET_RING_SLOTS - 1; i++)
		assert_memory_equal((const void *)(uintptr_t)entry_at(i)->data, &i, sizeof(i));
	assert_int_equal(ring.entry_tail, HVT_NET_RING_SLOTS - 1);
}

static void a_full_ring_waits_for_the_tender(void **state)
{
	struct net_ring_writer *writer = *state;
	uint8_t frame[60] = { 0 };

	for (uint32_t i = 0; i < HVT_NET_RING_SLOTS - 1; i++)
		assert_int_equal(net_ring_write(writer, 1, frame, sizeof(frame)), 0);
	assert_int_equal(kicks, 0);
	ring.needs_kick = 1;
	serves_when_kicked = true;
	assert_int_equal(net_ring_write(writer, 1, frame, sizeof(frame)), 0);
	assert_int_equal(kicks, 1);
	assert_int_equal(ring.entry_tail, HVT_NET_RING_SLOTS);
}

static void a_sleeping_tender_is_kicked_and_a_waking_one_is_not(void **state)
{
	struct net_ring_writer *writer = *state;
	uint8_t frame[60] = { 0 };

	ring.needs_kick = 1;
	assert_int_equal(net_ring_write(writer, 1, frame, sizeof(frame)), 0);
	assert_int_equal(kicks, 1);
	assert_int_equal(net_ring_write(writer, 1, frame, sizeof(frame)), 0);
	assert_int_equal(kicks, 1);
}

static void indices_run_over(void **state)
{
	struct net_ring_writer *writer = *state;
	uint8_t frame[60] = { 0 };

	writer->tail = ring.entry_tail = ring.entry_head = UINT32_MAX - 2;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(net_ring_write(writer, 1, frame, sizeof(frame)), 0);
		tender_takes(1);
	}
	assert_int_equal(ring.entry_tail, 7);
	assert_int_equal(ring.entry_head, 7);
}

static void a_frame_larger_than_a_slot_waits_for_those_before_it(void **state)
{
	struct net_ring_writer *writer = *state;
	static uint8_t frame[HVT_NET_RING_FRAME_MAX + 1];

	assert_int_equal(net_ring_write(writer, 1, frame, HVT_NET_RING_FRAME_MAX), 0);
	ring.needs_kick = 1;
	serves_when_kicked = true;
	assert_int_equal(net_ring_write(writer, 1, frame, sizeof(frame)), -ENOTSUP);
	assert_int_equal(ring.entry_head, 1);
	assert_int_equal(ring.entry_tail, 1);
}

static void without_a_ring_there_is_nothing_to_write_to(void **state)
{
	struct net_ring_writer *writer = *state;

	writer->ring = NULL;
	assert_int_equal(net_ring_write(writer, 1, "frame", 5), -ENOTSUP);
	assert_null(writer->slots);
}

static void a_ring_is_believed_only_of_a_tender_that_knows_it(void **state)
{
	struct hvt_boot boot = { .host_features = HVT_FEATURE_NET_RING, .memory_size = 64 << 20 };

	(void)state;
	boot.manifest = (uintptr_t)(&boot + 1);
	assert_null(net_ring_of_boot(&boot));
	boot.net_ring = 0x400000;
	assert_int_equal((uintptr_t)net_ring_of_boot(&boot), 0x400000);
	/* A tender before 0.11: the manifest begins where the features would be. */
	boot.manifest = (uintptr_t)&boot.host_features;
	assert_null(net_ring_of_boot(&boot));
	boot.manifest = (uintptr_t)(&boot + 1);
	boot.memory_size = 16 << 20;
	assert_null(net_ring_of_boot(&boot));
	boot.memory_size = 64 << 20;
	boot.host_features = 0;
	assert_null(net_ring_of_boot(&boot));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_frame_is_copied_and_described, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frames_in_flight_have_slots_of_their_own, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_full_ring_waits_for_the_tender, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_sleeping_tender_is_kicked_and_a_waking_one_is_not,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(indices_run_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_frame_larger_than_a_slot_waits_for_those_before_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_ring_there_is_nothing_to_write_to, set_up,
		                                tear_down),
		cmocka_unit_test(a_ring_is_believed_only_of_a_tender_that_knows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
