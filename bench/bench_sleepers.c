/* SPDX-License-Identifier: ISC */
/*
 * Many fibers that sleep: what each costs in memory, and how late it wakes. Nobody sleeps until all
 * have started; the deadlines then lie at random in some seconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <mirage/fiber.h>
#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"

enum {
	SLEEPERS_FEW = 1000, /* the instance is idle for milliseconds between two */
	SLEEPERS = 1000000,
	STACK_SIZE = 16 << 10, /* of addresses; memory is what the fiber touches */
};

static struct {
	nanoseconds begin;
	nanoseconds *offsets; /* of each deadline from `begin` */
	nanoseconds *late;    /* in order of waking */
	size_t woken;
	uint64_t random;
} all;

static int sleeper(void *argument)
{
	nanoseconds deadline = all.begin + *(const nanoseconds *)argument;
	int result = fiber_sleep_until(deadline);

	if (result == 0)
		all.late[all.woken++] = runtime_now() - deadline;
	return result;
}

/* Bytes of memory in use. */
static size_t resident(void)
{
	unsigned long total = 0, pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file == NULL || fscanf(file, "%lu %lu", &total, &pages) != 2)
		abort();
	fclose(file);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static int compare(const void *a, const void *b)
{
	nanoseconds x = *(const nanoseconds *)a, y = *(const nanoseconds *)b;

	return (x > y) - (x < y);
}

static double late_us(size_t count, double quantile)
{
	return (double)all.late[(size_t)((double)(count - 1) * quantile)] / 1000;
}

static void report(size_t count, double start_ns, double bytes)
{
	if (all.woken != count)
		abort();
	qsort(all.late, count, sizeof(*all.late), compare);
	printf("%7zu sleepers: %.0f ns to start and sleep, %.0f bytes each; late by %.1f us (p50), "
	       "%.1f us (p99), %.1f us (most)\n",
	       count, start_ns, bytes, late_us(count, 0.5), late_us(count, 0.99),
	       late_us(count, 1));
}

static void start_all(struct scope *scope, size_t count, nanoseconds spread)
{
	for (size_t i = 0; i < count; i++) {
		all.random = all.random * UINT64_C(6364136223846793005) + 1442695040888963407;
		all.offsets[i] = (all.random >> 20) % spread;
		all.late[i] = 1; /* touched */
		if (fiber_start_sized(scope, "sleeper", STACK_SIZE, sleeper, &all.offsets[i]) != 0)
			abort();
	}
}

static void run(size_t count, nanoseconds spread)
{
	struct scope scope;

	all.offsets = malloc(count * sizeof(*all.offsets));
	all.late = malloc(count * sizeof(*all.late));
	if (all.offsets == NULL || all.late == NULL)
		abort();
	all.woken = 0;

	size_t before = resident();
	nanoseconds start = runtime_now();

	scope_open(&scope);
	start_all(&scope, count, spread);
	all.begin = runtime_now() + duration_of_sec(3);
	if (fiber_yield() != 0) /* all of them are asleep after it */
		abort();
	double start_ns = (double)(runtime_now() - start) / (double)count;
	double arrays = 2 * sizeof(nanoseconds);
	double bytes = (double)(resident() - before) / (double)count - arrays;

	if (runtime_now() > all.begin)
		printf("the last sleepers began late: the figures are too large\n");
	if (scope_wait_all(&scope, NEVER) != 0)
		abort();
	scope_close(&scope);
	report(count, start_ns, bytes);
	free(all.late);
	free(all.offsets);
}

static int bench_main(void *argument)
{
	(void)argument;
	run(SLEEPERS_FEW, duration_of_sec(3));
	run(SLEEPERS, duration_of_sec(10));
	return 0;
}

int main(void)
{
	struct runtime *runtime;

	if (runtime_new(&runtime, &unix_target, NULL) != 0)
		return 1;
	int result = runtime_run(runtime, bench_main, NULL);

	runtime_free(runtime);
	return result != 0;
}
