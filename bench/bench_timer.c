/* SPDX-License-Identifier: ISC */
/*
 * Timers against a binary heap, with a million pending: starting, restarting, stopping, expiring.
 * The heap is intrusive too and knows each timer's place, so that stopping is logarithmic; both
 * get the same deadlines in the same order.
 *
 * Figures are the least of several rounds: what is slower was disturbed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/timer_wheel.h"
#include "targets/unix/unix_target.h"

enum {
	ROUNDS = 5,
	TIMERS = 1000000,
	RESTARTS = 1000000,
	STEPS = 100000, /* in which time passes while the timers expire */
};

static const nanoseconds SPAN = UINT64_C(10) * 1000000000; /* deadlines lie in the next 10 s */

struct entry {
	struct timer timer;
	nanoseconds deadline; /* the heap's */
	size_t place;
};

static struct entry *entries;
static size_t expired_count;
static nanoseconds now;

/* The heap. */
static struct entry **heap;
static size_t heap_size;

static void heap_put(size_t place, struct entry *entry)
{
	heap[place] = entry;
	entry->place = place;
}

static void heap_up(size_t place, struct entry *entry)
{
	while (place > 0 && heap[(place - 1) / 2]->deadline > entry->deadline) {
		heap_put(place, heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	heap_put(place, entry);
}

static void heap_down(size_t place, struct entry *entry)
{
	for (;;) {
		size_t child = 2 * place + 1;

		if (child >= heap_size)
			break;
		if (child + 1 < heap_size && heap[child + 1]->deadline < heap[child]->deadline)
			child++;
		if (heap[child]->deadline >= entry->deadline)
			break;
		heap_put(place, heap[child]);
		place = child;
	}
	heap_put(place, entry);
}

static void heap_start(struct entry *entry, nanoseconds deadline)
{
	entry->deadline = deadline;
	heap_up(heap_size++, entry);
}

static void heap_stop(struct entry *entry)
{
	struct entry *last = heap[--heap_size];
	size_t place = entry->place;

	if (last == entry)
		return;
	if (place > 0 && heap[(place - 1) / 2]->deadline > last->deadline)
		heap_up(place, last);
	else
		heap_down(place, last);
}

static void heap_advance(nanoseconds until)
{
	while (heap_size > 0 && heap[0]->deadline <= until) {
		heap_stop(heap[0]);
		expired_count++;
	}
}

/* The wheel. */
static struct timer_wheel wheel;

static void wheel_expired(struct timer *timer)
{
	(void)timer;
	expired_count++;
}

static void wheel_start(struct entry *entry, nanoseconds deadline)
{
	entry->timer.deadline = deadline;
	timer_wheel_insert(&wheel, &entry->timer);
}

static void wheel_stop(struct entry *entry)
{
	list_remove(&entry->timer.link);
}

static void wheel_advance(nanoseconds until)
{
	timer_wheel_advance(&wheel, until);
}

struct peer {
	void (*start)(struct entry *entry, nanoseconds deadline);
	void (*stop)(struct entry *entry);
	void (*advance)(nanoseconds until);
};

static const struct peer wheel_peer = { wheel_start, wheel_stop, wheel_advance };
static const struct peer heap_peer = { heap_start, heap_stop, heap_advance };

struct figures {
	double start, restart, stop, expire; /* nanoseconds each */
};

static uint64_t random_state;

static uint64_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static nanoseconds clock_now(void)
{
	return unix_target.ops->clock_monotonic(unix_target.state);
}

static double lap(nanoseconds *since, double count)
{
	nanoseconds at = clock_now();
	double each = (double)(at - *since) / count;

	*since = at;
	return each;
}

static void start_all(const struct peer *peer)
{
	for (size_t i = 0; i < TIMERS; i++)
		peer->start(&entries[i], now + 1 + draw() % SPAN);
}

/* As timeouts of connections are: stopped and started again long before they expire. */
static void restart_some(const struct peer *peer)
{
	for (size_t i = 0; i < RESTARTS; i++) {
		struct entry *entry = &entries[draw() % TIMERS];

		peer->stop(entry);
		peer->start(entry, now + 1 + draw() % SPAN);
	}
}

static void expire_all(const struct peer *peer)
{
	expired_count = 0;
	for (int i = 0; i < STEPS; i++) {
		now += SPAN / STEPS;
		peer->advance(now);
	}
	if (expired_count != TIMERS)
		abort();
}

static void run_round(const struct peer *peer, struct figures *best)
{
	struct figures each;
	nanoseconds since = clock_now();

	start_all(peer);
	each.start = lap(&since, TIMERS);
	restart_some(peer);
	each.restart = lap(&since, RESTARTS);
	expire_all(peer);
	each.expire = lap(&since, TIMERS);
	start_all(peer);
	since = clock_now();
	for (size_t i = 0; i < TIMERS; i++)
		peer->stop(&entries[(i * 7919) % TIMERS]);
	each.stop = lap(&since, TIMERS);
	best->start = each.start < best->start ? each.start : best->start;
	best->restart = each.restart < best->restart ? each.restart : best->restart;
	best->expire = each.expire < best->expire ? each.expire : best->expire;
	best->stop = each.stop < best->stop ? each.stop : best->stop;
}

static struct figures measure(const struct peer *peer)
{
	struct figures best = { 1e18, 1e18, 1e18, 1e18 };

	random_state = 88172645463325252;
	now = UINT64_C(1000000000) * 86400;
	timer_wheel_init(&wheel, now);
	for (int i = 0; i < ROUNDS; i++)
		run_round(peer, &best);
	return best;
}

static void report(const char *name, double each, double peer)
{
	printf("%-22s %8.1f ns  1/%-5.1f of a binary heap (%.1f ns)\n", name, each, peer / each,
	       peer);
}

int main(void)
{
	entries = calloc(TIMERS, sizeof(*entries));
	heap = calloc(TIMERS, sizeof(struct entry *));
	if (entries == NULL || heap == NULL)
		return 1;
	for (size_t i = 0; i < TIMERS; i++) {
		list_init(&entries[i].timer.link);
		entries[i].timer.expired = wheel_expired;
	}
	struct figures by_wheel = measure(&wheel_peer), by_heap = measure(&heap_peer);

	report("start", by_wheel.start, by_heap.start);
	report("stop and start again", by_wheel.restart, by_heap.restart);
	report("stop", by_wheel.stop, by_heap.stop);
	report("expire", by_wheel.expire, by_heap.expire);
	free(heap);
	free(entries);
	return 0;
}
