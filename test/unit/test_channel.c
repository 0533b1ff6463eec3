/* SPDX-License-Identifier: ISC */
/*
 * Channels: order, bounds, closing, deadlines, cancellation; every message arrives exactly once.
 */
#include <mirage/channel.h>

#include "test/unit/on_virtual.h"

enum {
	MESSAGES = 1000,
	PEERS = 4,
};

static int init_main(void *argument)
{
	struct channel channel;
	char storage[4];

	(void)argument;
	assert_int_equal(channel_init(&channel, storage, 0, 4), -EINVAL);
	assert_int_equal(channel_init(&channel, storage, 4, 0), -EINVAL);
	assert_int_equal(channel_init(&channel, storage, SIZE_MAX / 2, 3), -EINVAL);
	assert_int_equal(channel_init(&channel, storage, 2, 2), 0);
	return 0;
}

static void bad_sizes_are_refused(void **state)
{
	(void)state;
	on_virtual(init_main, NULL);
}

static int bounds_main(void *argument)
{
	struct channel channel;
	int storage[3], in, out;

	(void)argument;
	assert_int_equal(channel_init(&channel, storage, sizeof(int), 3), 0);
	assert_int_equal(channel_receive(&channel, &out, 0), -ETIMEDOUT);
	for (int round = 0; round < 5; round++) { /* around the ring */
		for (in = 0; in < 3; in++)
			assert_int_equal(channel_send(&channel, &in, 0), 0);
		assert_int_equal(channel_send(&channel, &in, 0), -ETIMEDOUT);
		assert_int_equal(channel_send(&channel, &in, runtime_now() + 10), -ETIMEDOUT);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(channel_receive(&channel, &out, 0), 0);
			assert_int_equal(out, i);
		}
		in = round;
		assert_int_equal(channel_send(&channel, &in, 0), 0);
		assert_int_equal(channel_receive(&channel, &out, 0), 0);
		assert_int_equal(out, round);
	}
	assert_int_equal(channel_receive(&channel, &out, runtime_now() + 10), -ETIMEDOUT);
	return 0;
}

static void a_channel_holds_its_capacity_in_order(void **state)
{
	(void)state;
	on_virtual(bounds_main, NULL);
}

struct peers {
	struct channel channel;
	int next;               /* to be sent */
	int received[MESSAGES]; /* how often */
	size_t senders;
};

static int sender_main(void *argument)
{
	struct peers *peers = argument;

	while (peers->next < MESSAGES) {
		int message = peers->next++;

		assert_int_equal(channel_send(&peers->channel, &message, NEVER), 0);
		if (message % 7 == 0)
			assert_int_equal(fiber_sleep(3), 0);
	}
	if (--peers->senders == 0)
		channel_close(&peers->channel);
	return 0;
}

static int receiver_main(void *argument)
{
	struct peers *peers = argument;
	int message, result;

	while ((result = channel_receive(&peers->channel, &message, NEVER)) == 0) {
		peers->received[message]++;
		if (message % 5 == 0)
			assert_int_equal(fiber_sleep(4), 0);
	}
	assert_int_equal(result, -EPIPE);
	return 0;
}

static int many_main(void *argument)
{
	size_t capacity = *(const size_t *)argument;
	int storage[8];
	struct peers peers = { .senders = PEERS };
	struct scope scope;

	assert_int_equal(channel_init(&peers.channel, storage, sizeof(int), capacity), 0);
	scope_open(&scope);
	for (int i = 0; i < PEERS; i++) {
		assert_int_equal(fiber_start(&scope, "sender", sender_main, &peers), 0);
		assert_int_equal(fiber_start(&scope, "receiver", receiver_main, &peers), 0);
	}
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(peers.received[i], 1);
	return scope_close(&scope);
}

static void every_message_arrives_once(void **state)
{
	(void)state;
	for (size_t capacity = 1; capacity <= 8; capacity++)
		on_virtual(many_main, &capacity);
}

struct end {
	struct channel *channel;
	int message;
	int result;
};

static int receive_main(void *argument)
{
	struct end *end = argument;

	end->result = channel_receive(end->channel, &end->message, NEVER);
	return 0;
}

static int send_main(void *argument)
{
	struct end *end = argument;

	end->result = channel_send(end->channel, &end->message, NEVER);
	return 0;
}

static int close_main(void *argument)
{
	struct channel channel;
	int storage[1], in = 7, out = 0;
	struct end sender = { &channel, 8, 1 }, receiver = { &channel, 0, 1 };
	struct scope scope;

	(void)argument;
	assert_int_equal(channel_init(&channel, storage, sizeof(int), 1), 0);
	scope_open(&scope);
	assert_int_equal(channel_send(&channel, &in, 0), 0);
	assert_int_equal(fiber_start(&scope, "sender", send_main, &sender), 0);
	assert_int_equal(fiber_yield(), 0);
	channel_close(&channel);
	channel_close(&channel);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(sender.result, -EPIPE);
	assert_int_equal(channel_send(&channel, &in, 0), -EPIPE);
	assert_int_equal(channel_receive(&channel, &out, 0), 0); /* queued before */
	assert_int_equal(out, 7);
	assert_int_equal(channel_receive(&channel, &out, 0), -EPIPE);
	assert_int_equal(channel_init(&channel, storage, sizeof(int), 1), 0);
	assert_int_equal(fiber_start(&scope, "receiver", receive_main, &receiver), 0);
	assert_int_equal(fiber_yield(), 0);
	channel_close(&channel);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(receiver.result, -EPIPE);
	return scope_close(&scope);
}

static void closing_wakes_everybody_and_keeps_what_is_queued(void **state)
{
	(void)state;
	on_virtual(close_main, NULL);
}

static int cancel_main(void *argument)
{
	struct channel channel;
	int storage[1], in = 7;
	struct end woken = { &channel, 0, 1 }, cancelled = { &channel, 0, 1 };
	struct scope scope;

	(void)argument;
	assert_int_equal(channel_init(&channel, storage, sizeof(int), 1), 0);
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "woken", receive_main, &woken), 0);
	assert_int_equal(fiber_start(&scope, "cancelled", receive_main, &cancelled), 0);
	assert_int_equal(fiber_yield(), 0);
	assert_int_equal(channel_send(&channel, &in, 0), 0);
	assert_int_equal(scope_close(&scope), 0); /* before the woken one runs */
	assert_int_equal(woken.result, 0);
	assert_int_equal(woken.message, 7);
	assert_int_equal(cancelled.result, -ECANCELED);
	return 0;
}

static void no_message_is_lost_to_cancellation(void **state)
{
	(void)state;
	on_virtual(cancel_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_sizes_are_refused),
		cmocka_unit_test(a_channel_holds_its_capacity_in_order),
		cmocka_unit_test(every_message_arrives_once),
		cmocka_unit_test(closing_wakes_everybody_and_keeps_what_is_queued),
		cmocka_unit_test(no_message_is_lost_to_cancellation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
