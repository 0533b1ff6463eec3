/* SPDX-License-Identifier: ISC */
/* A network that loses and spoils, over a pair: the same each time, and as often as it is told. */
#include "on_virtual.h"

#include <stdlib.h>

#include <mirage/net_faulty.h>
#include <mirage/net_pair.h>

#include "net/device/held.h"

enum {
	FRAMES = 4000,
	LENGTH = 100,
};

/* A device under test and the other end of its cable. */
struct bench {
	struct net_pair *pair;
	struct net_faulty_state state;
	struct net_faulty faulty;
	struct net net;
	const struct net *peer;
};

static void bench_open(struct bench *bench, struct net_faulty faulty)
{
	assert_int_equal(
		net_pair_new(&bench->pair, &(struct net_pair_options){ .depth = 2 * FRAMES,
	                                                               .frames_max = 3 * FRAMES }),
		0);
	faulty.state = &bench->state;
	faulty.below = net_pair_end(bench->pair, 0);
	bench->faulty = faulty;
	bench->net = (struct net){ .ops = &net_faulty_ops, .self = &bench->faulty };
	bench->peer = net_pair_end(bench->pair, 1);
	assert_int_equal(net_faulty_connect(&bench->faulty), 0);
}

/* Aborts if a frame was lost without being released. */
static void bench_close(struct bench *bench)
{
	net_faulty_disconnect(&bench->faulty);
	net_pair_free(bench->pair);
}

/* A frame with a number; odd ones have their second half as a fragment. */
static struct frame *numbered(const struct net *net, uint32_t number)
{
	static const uint8_t second_half[LENGTH / 2];
	struct net_info info;
	struct frame *frame;

	net_info(net, &info);
	assert_int_equal(frame_new(&frame, info.frames, FRAME_HEAD_ROOM), 0);
	memset(frame_append(frame, LENGTH / 2), 0, LENGTH / 2);
	memcpy(frame_bytes(frame) + 14, &number, sizeof(number));
	if (number % 2 == 0) {
		memset(frame_append(frame, LENGTH / 2), 0, LENGTH / 2);
		return frame;
	}
	struct view view = { .slice = slice_of((uint8_t *)(uintptr_t)second_half, LENGTH / 2) };

	assert_int_equal(frame_append_view(frame, &view), 0);
	return frame;
}

static uint32_t number_of(const struct frame *frame)
{
	uint32_t number;

	assert_int_equal(frame_read(frame, 14, &number, sizeof(number)), 0);
	return number;
}

static void send_numbers(const struct net *net, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct frame *frame = numbered(net, i);

		assert_int_equal(net_send(net, &frame, 1), 1);
	}
}

/* Which bits of the frame are not those of its number, counted where the number is not. */
static unsigned bits_wrong(const struct frame *frame)
{
	uint8_t bytes[LENGTH];
	unsigned wrong = 0;

	assert_int_equal(frame_length(frame), LENGTH);
	assert_int_equal(frame_read(frame, 0, bytes, LENGTH), 0);
	for (size_t i = 0; i < LENGTH; i++)
		if (i < 14 || i >= 18)
			wrong += (unsigned)__builtin_popcount(bytes[i]);
	return wrong;
}

static size_t take(const struct net *net, struct frame *frames[], size_t max)
{
	size_t count = 0;

	for (;;) {
		ssize_t taken = net_receive(net, frames + count, max - count);

		assert_true(taken >= 0);
		if (taken == 0)
			return count;
		count += (size_t)taken;
	}
}

static int without_faults_main(void *argument)
{
	struct bench bench;
	static struct frame *frames[FRAMES];

	(void)argument;
	bench_open(&bench, (struct net_faulty){ .seed = 1 });
	send_numbers(&bench.net, FRAMES);
	assert_int_equal(take(bench.peer, frames, FRAMES), FRAMES);
	for (uint32_t i = 0; i < FRAMES; i++) {
		assert_int_equal(number_of(frames[i]), i);
		assert_int_equal(bits_wrong(frames[i]), 0);
	}
	frame_release_all(frames, FRAMES);
	send_numbers(bench.peer, FRAMES);
	assert_int_equal(take(&bench.net, frames, FRAMES), FRAMES);
	for (uint32_t i = 0; i < FRAMES; i++)
		assert_int_equal(number_of(frames[i]), i);
	frame_release_all(frames, FRAMES);
	bench_close(&bench);
	return 0;
}

static void without_rates_it_changes_nothing(void **state)
{
	(void)state;
	on_virtual(without_faults_main, NULL);
}

static void about(uint64_t found, uint64_t expected)
{
	/* Five standard deviations of a binomial distribution are less than this. */
	if (found < expected * 7 / 10 || found > expected * 13 / 10)
		fail_msg("%llu instead of about %llu", (unsigned long long)found,
		         (unsigned long long)expected);
}

/* What arrived of FRAMES frames in one direction, added up. */
struct arrivals {
	size_t count;
	size_t spoilt;
	uint64_t digest;
};

static struct arrivals arrivals_of(const struct net *net)
{
	static struct frame *frames[2 * FRAMES];
	struct arrivals arrivals = { .digest = UINT64_C(14695981039346656037) };

	arrivals.count = take(net, frames, 2 * FRAMES);
	for (size_t i = 0; i < arrivals.count; i++) {
		uint8_t bytes[LENGTH];
		unsigned wrong = bits_wrong(frames[i]);

		assert_true(wrong <= 1);
		arrivals.spoilt += wrong;
		assert_int_equal(frame_read(frames[i], 0, bytes, LENGTH), 0);
		for (size_t j = 0; j < LENGTH; j++)
			arrivals.digest = (arrivals.digest ^ bytes[j]) * 1099511628211u;
	}
	frame_release_all(frames, arrivals.count);
	return arrivals;
}

struct run {
	struct net_faulty faulty;
	struct arrivals sent;
	struct arrivals received;
	struct net_faulty_counts counts[2];
};

static int run_main(void *argument)
{
	struct run *run = argument;
	struct bench bench;

	bench_open(&bench, run->faulty);
	send_numbers(&bench.net, FRAMES);
	send_numbers(bench.peer, FRAMES);
	assert_int_equal(net_wait_readable(&bench.net, NEVER), 0);
	assert_int_equal(fiber_sleep(duration_of_sec(1)), 0); /* all that was delayed arrives */
	/* What is received is delayed from when it is asked for. */
	struct frame *first;
	ssize_t taken = net_receive(&bench.net, &first, 0);

	assert_int_equal(taken, 0);
	run->sent = arrivals_of(bench.peer);
	run->received = arrivals_of(&bench.net);
	net_faulty_counts(&bench.faulty, NET_SENT, &run->counts[NET_SENT]);
	net_faulty_counts(&bench.faulty, NET_RECEIVED, &run->counts[NET_RECEIVED]);
	bench_close(&bench);
	return 0;
}

static struct run run_with(struct net_faulty faulty)
{
	struct run run = { .faulty = faulty };

	on_virtual(run_main, &run);
	return run;
}

static void rates_are_kept_in_both_directions(void **state)
{
	struct run run = run_with((struct net_faulty){
		.seed = 1, .drop_ppm = 100000, .duplicate_ppm = 200000, .corrupt_ppm = 50000 });

	(void)state;
	for (size_t direction = 0; direction < 2; direction++) {
		const struct net_faulty_counts *counts = &run.counts[direction];
		const struct arrivals *arrivals = direction == NET_SENT ? &run.sent : &run.received;

		assert_int_equal(counts->frames, FRAMES);
		about(counts->dropped, FRAMES / 10);
		about(counts->duplicated, FRAMES * 9 / 50);
		about(counts->corrupted, FRAMES * 9 / 200);
		assert_int_equal(counts->lost, 0);
		assert_int_equal(arrivals->count, FRAMES - counts->dropped + counts->duplicated);
		/* A flipped bit of the number is not seen here: 32 of 800. */
		about(arrivals->spoilt, FRAMES * 9 / 200 * 6 / 5);
	}
}

static void the_same_seed_gives_the_same_faults(void **state)
{
	const struct net_faulty faulty = {
		.seed = 7, .drop_ppm = 50000, .duplicate_ppm = 50000, .corrupt_ppm = 50000
	};
	struct net_faulty other = faulty;

	(void)state;
	other.seed = 8;
	struct run a = run_with(faulty), b = run_with(faulty), c = run_with(other);

	assert_int_equal(a.sent.digest, b.sent.digest);
	assert_int_equal(a.received.digest, b.received.digest);
	assert_int_not_equal(a.sent.digest, c.sent.digest);
	assert_int_not_equal(a.sent.digest, a.received.digest); /* each has its own */
}

static void one_fault_more_does_not_move_the_others(void **state)
{
	struct run a = run_with((struct net_faulty){ .seed = 7, .drop_ppm = 50000 });
	struct run b = run_with(
		(struct net_faulty){ .seed = 7, .drop_ppm = 50000, .duplicate_ppm = 500000 });

	(void)state;
	assert_int_equal(a.counts[NET_SENT].dropped, b.counts[NET_SENT].dropped);
	assert_int_equal(a.counts[NET_RECEIVED].dropped, b.counts[NET_RECEIVED].dropped);
}

static int delay_main(void *argument)
{
	struct bench bench;
	struct frame *frame;

	(void)argument;
	bench_open(&bench, (struct net_faulty){ .seed = 1, .delay = duration_of_ms(20) });
	nanoseconds start = runtime_now();

	send_numbers(&bench.net, 3);
	assert_int_equal(net_receive(bench.peer, &frame, 1), 0);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(net_receive_until(bench.peer, &frame, 1, NEVER), 1);
		assert_int_equal(runtime_now() - start, duration_of_ms(20));
		assert_int_equal(number_of(frame), i);
		frame_release(frame);
	}

	start = runtime_now();
	send_numbers(bench.peer, 3);
	assert_int_equal(net_receive_until(&bench.net, &frame, 1, start + 5), -ETIMEDOUT);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(net_receive_until(&bench.net, &frame, 1, NEVER), 1);
		assert_int_equal(number_of(frame), i);
		frame_release(frame);
	}
	assert_int_equal(runtime_now() - start, duration_of_ms(20));
	assert_int_equal(net_wait_readable(&bench.net, runtime_now() + 100), -ETIMEDOUT);
	bench_close(&bench);
	return 0;
}

static void delays_are_exact_in_both_directions(void **state)
{
	(void)state;
	on_virtual(delay_main, NULL);
}

static int jitter_main(void *argument)
{
	struct bench bench;
	struct frame *frame;
	nanoseconds last = 0, first = NEVER;

	(void)argument;
	bench_open(&bench, (struct net_faulty){ .seed = 5, .delay = 1000, .jitter = 500 });
	nanoseconds start = runtime_now();

	send_numbers(&bench.net, 200);
	for (uint32_t i = 0; i < 200; i++) {
		assert_int_equal(net_receive_until(bench.peer, &frame, 1, NEVER), 1);
		last = runtime_now() - start;
		first = last < first ? last : first;
		frame_release(frame);
	}
	assert_in_range(first, 1000, 1050);
	assert_in_range(last, 1450, 1500);
	bench_close(&bench);
	return 0;
}

static void jitter_is_spread_over_its_span(void **state)
{
	(void)state;
	on_virtual(jitter_main, NULL);
}

static int reorder_main(void *argument)
{
	struct bench bench;
	static struct frame *frames[FRAMES];
	size_t overtaken = 0;

	(void)argument;
	bench_open(&bench, (struct net_faulty){ .seed = 3, .reorder_ppm = 10000 });
	send_numbers(&bench.net, FRAMES);
	assert_int_equal(fiber_sleep(duration_of_ms(2)), 0);
	assert_int_equal(take(bench.peer, frames, FRAMES), FRAMES);
	for (size_t i = 1; i < FRAMES; i++)
		overtaken += number_of(frames[i]) < number_of(frames[i - 1]);
	assert_true(overtaken > 0);
	frame_release_all(frames, FRAMES);
	bench_close(&bench);
	return 0;
}

static void frames_that_are_held_back_are_overtaken(void **state)
{
	(void)state;
	on_virtual(reorder_main, NULL);
}

static int shared_main(void *argument)
{
	struct bench bench;
	struct frame *received;

	(void)argument;
	bench_open(&bench, (struct net_faulty){ .seed = 3, .corrupt_ppm = 1000000 });
	struct frame *frame = frame_acquire(numbered(&bench.net, 7));

	assert_int_equal(net_send(&bench.net, &frame, 1), 1);
	assert_int_equal(number_of(frame), 7);
	assert_int_equal(bits_wrong(frame), 0);
	assert_int_equal(net_receive(bench.peer, &received, 1), 1);
	assert_ptr_not_equal(received, frame);
	frame_release(received);
	frame_release(frame);
	bench_close(&bench);
	return 0;
}

static void a_frame_that_others_see_is_not_spoilt(void **state)
{
	(void)state;
	on_virtual(shared_main, NULL);
}

static int full_main(void *argument)
{
	struct bench bench;
	size_t taken = 0;

	(void)argument;
	bench_open(&bench, (struct net_faulty){ .seed = 1, .delay = 1000 });
	for (uint32_t i = 0; i < FRAMES; i++) {
		struct frame *frame = numbered(&bench.net, i);
		ssize_t sent = net_send(&bench.net, &frame, 1);

		taken += sent == 1;
		if (sent == 0) {
			frame_release(frame);
			break;
		}
	}
	assert_int_equal(taken, HELD_MAX);
	assert_int_equal(net_wait_writable(&bench.net, runtime_now() + 10), -ETIMEDOUT);
	assert_int_equal(net_wait_writable(&bench.net, NEVER), 0);
	send_numbers(&bench.net, 1);
	bench_close(&bench);
	return 0;
}

static void it_holds_only_so_many(void **state)
{
	(void)state;
	on_virtual(full_main, NULL);
}

static void a_rate_above_all_is_refused(void **state)
{
	const struct net_faulty faulty = { .drop_ppm = 1000001 };

	(void)state;
	assert_int_equal(net_faulty_connect(&faulty), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rates_it_changes_nothing),
		cmocka_unit_test(rates_are_kept_in_both_directions),
		cmocka_unit_test(the_same_seed_gives_the_same_faults),
		cmocka_unit_test(one_fault_more_does_not_move_the_others),
		cmocka_unit_test(delays_are_exact_in_both_directions),
		cmocka_unit_test(jitter_is_spread_over_its_span),
		cmocka_unit_test(frames_that_are_held_back_are_overtaken),
		cmocka_unit_test(a_frame_that_others_see_is_not_spoilt),
		cmocka_unit_test(it_holds_only_so_many),
		cmocka_unit_test(a_rate_above_all_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
