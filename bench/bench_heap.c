/* SPDX-License-Identifier: ISC */
/*
 * The heap of images against the malloc() of the C library, and against others that are installed
 * (Debian's libmimalloc2.0, libjemalloc2, libtcmalloc-minimal4), in one run on one thread. Times are
 * the process's own, but for those of single calls.
 *
 *   pairs      allocate and free one block of 64 bytes, again and again
 *   churn      10,000 blocks live, of mixed sizes as servers have them; one is freed and another
 *              allocated, at random
 *   growing    a block that doubles from 16 bytes to 1 MiB, with others in between
 *   worst      the longest single call of churn but for the last thousandth, which interrupts make
 *
 * Then what the same blocks take: bytes of the region that churn needed for each byte asked for.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mirage/duration.h>
#include <mirage/heap.h>

enum {
	ROUNDS = 5,
	PAIRS = 2000000,
	LIVE = 10000,
	CHURN = 1000000,
	GROWING = 2000,
	TIMED = 200000,
	REGION_SIZE = 256 << 20,
};

struct peer {
	const char *name;
	void *(*allocate)(size_t size);
	void *(*resize)(void *block, size_t size);
	void (*release)(void *block);
};

struct figures {
	double pairs, churn, growing, worst; /* nanoseconds */
};

static struct heap *heap;

static void *our_allocate(size_t size)
{
	return heap_allocate(heap, size, HEAP_ALIGNMENT);
}

static void *our_resize(void *block, size_t size)
{
	return heap_resize(heap, block, size);
}

static void our_release(void *block)
{
	heap_free(heap, block);
}

static uint64_t random_state;

static uint64_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Most are small, some are buffers, a few are large. */
static size_t draw_size(void)
{
	uint64_t number = draw();

	if (number % 64 == 0)
		return 4096 + (number >> 32) % 61440;
	if (number % 8 == 0)
		return 256 + (number >> 32) % 2048;
	return 8 + (number >> 32) % 248;
}

static nanoseconds clock_read(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (nanoseconds)now.tv_sec * 1000000000 + (nanoseconds)now.tv_nsec;
}

/* Others use the machine too. */
static nanoseconds time_spent(void)
{
	return clock_read(CLOCK_PROCESS_CPUTIME_ID);
}

static double run_pairs(const struct peer *peer)
{
	nanoseconds start = time_spent();

	for (int i = 0; i < PAIRS; i++) {
		char *volatile block = peer->allocate(64);

		block[0] = 1;
		peer->release(block);
	}
	return (double)(time_spent() - start) / PAIRS;
}

static void *blocks[LIVE];
static size_t sizes[LIVE];
static size_t asked;

static void replace(const struct peer *peer, size_t place)
{
	peer->release(blocks[place]);
	asked -= sizes[place];
	sizes[place] = draw_size();
	asked += sizes[place];
	blocks[place] = peer->allocate(sizes[place]);
	if (blocks[place] == NULL)
		abort();
	*(char *)blocks[place] = 1;
}

static void begin_churn(const struct peer *peer)
{
	random_state = 88172645463325252;
	asked = 0;
	memset(sizes, 0, sizeof(sizes));
	memset(blocks, 0, sizeof(blocks));
	for (size_t i = 0; i < LIVE; i++)
		replace(peer, i);
}

static void end_churn(const struct peer *peer)
{
	for (size_t i = 0; i < LIVE; i++)
		peer->release(blocks[i]);
}

static double run_churn(const struct peer *peer)
{
	begin_churn(peer);
	nanoseconds start = time_spent();

	for (int i = 0; i < CHURN; i++)
		replace(peer, draw() % LIVE);
	double each = (double)(time_spent() - start) / CHURN;

	end_churn(peer);
	return each;
}

static int compare_times(const void *a, const void *b)
{
	nanoseconds x = *(const nanoseconds *)a, y = *(const nanoseconds *)b;

	return (x > y) - (x < y);
}

static double run_worst(const struct peer *peer)
{
	static nanoseconds times[TIMED];

	begin_churn(peer);
	for (int i = 0; i < TIMED; i++) {
		nanoseconds start = clock_read(CLOCK_MONOTONIC);

		replace(peer, draw() % LIVE);
		times[i] = clock_read(CLOCK_MONOTONIC) - start;
	}
	end_churn(peer);
	qsort(times, TIMED, sizeof(times[0]), compare_times);
	return (double)times[TIMED - TIMED / 1000];
}

static double run_growing(const struct peer *peer)
{
	nanoseconds start = time_spent();

	for (int i = 0; i < GROWING; i++) {
		void *between[17];
		char *block = NULL;

		for (size_t step = 0; step < 17; step++) {
			block = peer->resize(block, (size_t)16 << step);
			block[0] = 1;
			between[step] = peer->allocate(40);
		}
		for (size_t step = 0; step < 17; step++)
			peer->release(between[step]);
		peer->release(block);
	}
	return (double)(time_spent() - start) / GROWING;
}

static void keep_least(double *best, double value)
{
	*best = value < *best ? value : *best;
}

static struct figures measure(const struct peer *peer)
{
	struct figures best = { 1e18, 1e18, 1e18, 1e18 };

	for (int i = 0; i < ROUNDS; i++) {
		keep_least(&best.pairs, run_pairs(peer));
		keep_least(&best.churn, run_churn(peer));
		keep_least(&best.growing, run_growing(peer));
		keep_least(&best.worst, run_worst(peer));
	}
	return best;
}

static void report(const char *name, double ours, double theirs)
{
	printf("  %-10s %9.1f ns  %5.2f times (%.1f ns)\n", name, ours, ours / theirs, theirs);
}

static void compare(const struct figures *ours, const struct peer *peer)
{
	struct figures theirs = measure(peer);

	printf("against %s\n", peer->name);
	report("pairs", ours->pairs, theirs.pairs);
	report("churn", ours->churn, theirs.churn);
	report("growing", ours->growing, theirs.growing);
	report("worst", ours->worst, theirs.worst);
}

static void compare_installed(const struct figures *ours, const char *name, const char *file)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	struct peer peer = { .name = name };

	if (library == NULL) {
		printf("against %s: %s is not installed\n", name, file);
		return;
	}
	/* POSIX lets a pointer to data hold one to a function. */
	*(void **)&peer.allocate = dlsym(library, "malloc");
	*(void **)&peer.resize = dlsym(library, "realloc");
	*(void **)&peer.release = dlsym(library, "free");
	if (peer.allocate != NULL && peer.resize != NULL && peer.release != NULL)
		compare(ours, &peer);
}

/* Bytes that the blocks of churn take, for each byte that was asked for. */
static void report_overhead(const struct peer *peer)
{
	struct heap_statistics statistics;

	begin_churn(peer);
	for (int i = 0; i < CHURN; i++)
		replace(peer, draw() % LIVE);
	heap_statistics(heap, &statistics);
	printf("churn asked for %zu bytes and took %zu: 1.%03zu times; the most at once %zu\n",
	       asked, statistics.in_use, (statistics.in_use - asked) * 1000 / asked,
	       statistics.peak);
	end_churn(peer);
}

int main(void)
{
	static const struct peer our_peer = { "ours", our_allocate, our_resize, our_release };
	static const struct peer library_peer = { "malloc()", malloc, realloc, free };

	heap = heap_init(malloc(REGION_SIZE), REGION_SIZE, 1);
	if (heap == NULL)
		return 1;
	struct figures ours = measure(&our_peer);

	compare(&ours, &library_peer);
	compare_installed(&ours, "mimalloc", "libmimalloc.so.2");
	compare_installed(&ours, "jemalloc", "libjemalloc.so.2");
	compare_installed(&ours, "tcmalloc", "libtcmalloc_minimal.so.4");
	report_overhead(&our_peer);
	return 0;
}
