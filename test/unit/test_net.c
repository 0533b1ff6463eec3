/* SPDX-License-Identifier: ISC */
/* What every network device does, asked of a pair. */
#include "on_virtual.h"

#include <mirage/net_driver.h>
#include <mirage/net_pair.h>

static struct frame *new_frame(const struct net *net, size_t length)
{
	struct net_info info;
	struct frame *frame;

	net_info(net, &info);
	assert_int_equal(frame_new(&frame, info.frames, FRAME_HEAD_ROOM), 0);
	memset(frame_append(frame, length), (int)length, length);
	return frame;
}

static void send_one(const struct net *net, size_t length)
{
	struct frame *frame = new_frame(net, length);

	assert_int_equal(net_send(net, &frame, 1), 1);
}

static struct net_pair *new_pair(const struct net_pair_options *options)
{
	struct net_pair *pair;

	assert_int_equal(net_pair_new(&pair, options), 0);
	return pair;
}

static int frames_change_hands_main(void *argument)
{
	struct net_pair *pair = new_pair(NULL);
	const struct net *a = net_pair_end(pair, 0), *b = net_pair_end(pair, 1);
	struct frame *sent[3], *received[4];

	(void)argument;
	for (size_t i = 0; i < 3; i++)
		sent[i] = new_frame(a, 60 + i);
	assert_int_equal(net_receive(b, received, 4), 0);
	assert_int_equal(net_send(a, sent, 3), 3);
	assert_int_equal(net_receive(a, received, 4), 0);
	assert_int_equal(net_receive(b, received, 2), 2);
	assert_int_equal(net_receive(b, received + 2, 2), 1);
	for (size_t i = 0; i < 3; i++) {
		assert_ptr_equal(received[i], sent[i]);
		assert_int_equal(frame_length(received[i]), 60 + i);
	}
	frame_release_all(received, 3);

	struct net_statistics statistics;

	net_statistics(a, &statistics);
	assert_int_equal(statistics.sent_frames, 3);
	assert_int_equal(statistics.sent_bytes, 183);
	net_statistics(b, &statistics);
	assert_int_equal(statistics.received_frames, 3);
	assert_int_equal(statistics.received_bytes, 183);
	net_pair_free(pair);
	return 0;
}

static void frames_change_hands_in_order_without_a_copy(void **state)
{
	(void)state;
	on_virtual(frames_change_hands_main, NULL);
}

static int full_main(void *argument)
{
	struct net_pair *pair = new_pair(&(struct net_pair_options){ .depth = 2 });
	const struct net *a = net_pair_end(pair, 0), *b = net_pair_end(pair, 1);
	struct frame *frames[3];

	(void)argument;
	for (size_t i = 0; i < 3; i++)
		frames[i] = new_frame(a, 60);
	assert_int_equal(net_wait_writable(a, 0), 0);
	assert_int_equal(net_send(a, frames, 3), 2);
	assert_int_equal(net_send(a, &frames[2], 1), 0);
	assert_int_equal(net_wait_writable(a, 0), -ETIMEDOUT);
	assert_int_equal(net_wait_writable(a, runtime_now() + 10), -ETIMEDOUT);
	assert_int_equal(net_send_until(a, &frames[2], 1, runtime_now() + 10), -ETIMEDOUT);

	struct frame *received;

	assert_int_equal(net_receive(b, &received, 1), 1);
	frame_release(received);
	assert_int_equal(net_wait_writable(a, 0), 0);
	assert_int_equal(net_send(a, &frames[2], 1), 1);
	net_pair_free(pair); /* with two frames in it */
	return 0;
}

static void a_full_device_takes_no_more_and_tells_when_it_does(void **state)
{
	(void)state;
	on_virtual(full_main, NULL);
}

struct ends {
	const struct net *a;
	const struct net *b;
};

static int echo_main(void *argument)
{
	const struct ends *ends = argument;
	struct frame *frames[4];

	for (;;) {
		ssize_t taken = net_receive_until(ends->b, frames, 4, NEVER);

		if (taken < 0)
			return (int)taken;
		assert_int_equal(net_send_until(ends->b, frames, (size_t)taken, NEVER), taken);
	}
}

static int blocking_main(void *argument)
{
	struct net_pair *pair = new_pair(&(struct net_pair_options){ .depth = 3 });
	const struct ends ends = { net_pair_end(pair, 0), net_pair_end(pair, 1) };
	struct frame *frames[20];
	struct scope scope;
	size_t back = 0;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "echo", echo_main, (void *)(uintptr_t)&ends), 0);
	assert_int_equal(net_receive_until(ends.a, frames, 20, runtime_now() + 1000), -ETIMEDOUT);
	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < 3; i++)
			frames[i] = new_frame(ends.a, 60 + i);
		assert_int_equal(net_send_until(ends.a, frames, 3, NEVER), 3);
		for (size_t i = 0; i < 3;) {
			ssize_t taken = net_receive_until(ends.a, frames, 20, NEVER);

			assert_true(taken > 0);
			for (ssize_t j = 0; j < taken; j++, i++)
				assert_int_equal(frame_length(frames[j]), 60 + i);
			frame_release_all(frames, (size_t)taken);
			back += (size_t)taken;
		}
	}
	assert_int_equal(back, 15);
	scope_cancel(&scope); /* the echo is in net_receive_until() */
	assert_int_equal(scope_close(&scope), 0);
	net_pair_free(pair);
	return 0;
}

static void the_blocking_calls_block_and_are_cancelled(void **state)
{
	(void)state;
	on_virtual(blocking_main, NULL);
}

static int offers_main(void *argument)
{
	struct net_pair *pair = new_pair(NULL);
	const struct net *a = net_pair_end(pair, 0), *b = net_pair_end(pair, 1);
	struct net_info info;

	(void)argument;
	struct frame *frame = new_frame(a, 200);

	assert_int_equal(frame_set_checksum_partial(frame, 34, 16), 0);
	assert_int_equal(net_send(a, &frame, 1), -ENOTSUP);
	assert_int_equal(net_accept_offloads(b, NET_OFFLOAD_TCP4), -EINVAL);
	assert_int_equal(net_accept_offloads(b, NET_OFFLOAD_CHECKSUM | 1 << 20), -EINVAL);
	assert_int_equal(net_accept_offloads(b, NET_OFFLOAD_CHECKSUM), 0);
	net_info(a, &info);
	assert_int_equal(info.send_offloads, NET_OFFLOAD_CHECKSUM);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 100, 66), 0);
	assert_int_equal(net_send(a, &frame, 1), -ENOTSUP);
	frame_set_segmentation_none(frame);
	assert_int_equal(net_send(a, &frame, 1), 1);
	assert_int_equal(net_receive(b, &frame, 1), 1);
	assert_int_equal(frame_checksum(frame), FRAME_CHECKSUM_PARTIAL);
	frame_release(frame);
	net_pair_free(pair);
	return 0;
}

static void offloads_are_asked_for_before_they_are_used(void **state)
{
	(void)state;
	on_virtual(offers_main, NULL);
}

static int link_main(void *argument)
{
	struct net_pair *pair = new_pair(NULL);
	const struct net *a = net_pair_end(pair, 0), *b = net_pair_end(pair, 1);
	struct net_info info;
	struct net_statistics statistics;
	struct frame *received;

	(void)argument;
	net_pair_set_link(pair, false);
	net_info(a, &info);
	assert_false(info.link_up);
	send_one(a, 60);
	net_statistics(a, &statistics);
	assert_int_equal(statistics.sent_lost, 1);
	assert_int_equal(statistics.sent_frames, 0);
	net_pair_set_link(pair, true);
	send_one(a, 61);
	assert_int_equal(net_receive(b, &received, 1), 1);
	assert_int_equal(frame_length(received), 61);
	frame_release(received);
	net_pair_free(pair);
	return 0;
}

static void without_a_cable_frames_are_lost_and_counted(void **state)
{
	(void)state;
	on_virtual(link_main, NULL);
}

/* One frame after the other that cannot be sent, in a batch behind one that can. */
static int bad_main(void *argument)
{
	struct net_pair *pair = new_pair(&(struct net_pair_options){ .mtu = 1000 });
	const struct net *a = net_pair_end(pair, 0);
	const struct {
		size_t length;
		int result;
	} cases[] = {
		{ 13, -EINVAL }, { 14, 1 }, { 1014, 1 }, { 1015, -EMSGSIZE }, { 0, -EINVAL },
	};

	(void)argument;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame *frames[2] = { new_frame(a, 60), new_frame(a, cases[i].length) };

		assert_int_equal(net_send(a, frames, 2), cases[i].result == 1 ? 2 : 1);
		if (cases[i].result == 1)
			continue;
		assert_int_equal(net_send(a, &frames[1], 1), cases[i].result);
		frame_release(frames[1]);
	}
	net_pair_free(pair);
	return 0;
}

static void a_frame_that_cannot_be_sent_remains_the_callers(void **state)
{
	(void)state;
	on_virtual(bad_main, NULL);
}

static void a_tag_is_not_part_of_the_mtu(void **state)
{
	struct frame_pool *pool;
	struct frame *frame;

	(void)state;
	assert_int_equal(frame_pool_new(&pool, 2048, 1), 0);
	assert_int_equal(frame_new(&frame, pool, 0), 0);
	memset(frame_append(frame, 1518), 0, 1518);
	assert_int_equal(net_check_frame(frame, 1500, 0), -EMSGSIZE);
	frame_bytes(frame)[12] = 0x81;
	assert_int_equal(net_check_frame(frame, 1500, 0), 0);
	assert_int_equal(net_check_frame(frame, 1499, 0), -EMSGSIZE);
	frame_release(frame);
	frame_pool_free(pool);
}

static void metadata_that_contradict_the_bytes_are_refused(void **state)
{
	static uint8_t payload[20000];
	struct frame_pool *pool;
	struct frame *frame;

	(void)state;
	assert_int_equal(frame_pool_new(&pool, 2048, 1), 0);
	assert_int_equal(frame_new(&frame, pool, 0), 0);
	memset(frame_append(frame, 66), 0, 66);
	struct view view = { .slice = slice_of(payload, sizeof(payload)) };

	assert_int_equal(frame_append_view(frame, &view), 0);
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL), -EMSGSIZE);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 1448, 66), 0);
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL), -EINVAL); /* no checksum */
	assert_int_equal(frame_set_checksum_partial(frame, 34, 16), 0);
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL), 0);
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL & ~NET_OFFLOAD_TCP4),
	                 -ENOTSUP);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 1449, 66), 0);
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL), -EMSGSIZE);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 1448, 34), 0);
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL), -EINVAL);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 1448, 66), 0);
	assert_int_equal(frame_truncate(frame, 51), 0); /* into the checksum field */
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL), -EINVAL);
	frame_set_segmentation_none(frame);
	frame_set_checksum_verified(frame);
	assert_int_equal(net_check_frame(frame, 1500, NET_OFFLOAD_ALL), -EINVAL);
	frame_release(frame);
	frame_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_change_hands_in_order_without_a_copy),
		cmocka_unit_test(a_full_device_takes_no_more_and_tells_when_it_does),
		cmocka_unit_test(the_blocking_calls_block_and_are_cancelled),
		cmocka_unit_test(offloads_are_asked_for_before_they_are_used),
		cmocka_unit_test(without_a_cable_frames_are_lost_and_counted),
		cmocka_unit_test(a_frame_that_cannot_be_sent_remains_the_callers),
		cmocka_unit_test(a_tag_is_not_part_of_the_mtu),
		cmocka_unit_test(metadata_that_contradict_the_bytes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
