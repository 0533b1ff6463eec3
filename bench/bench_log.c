/* SPDX-License-Identifier: ISC */
/*
 * What a log line costs: one that is off against a loop that compares a volatile byte, and one
 * that is on against fprintf() of the same text; both of these go to /dev/null.
 *
 * Every figure is the least of several rounds: what is slower was disturbed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <mirage/log.h>
#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"

enum {
	ROUNDS = 7,
	FAST = 20000000, /* calls per round */
	SLOW = 200000,
};

static FILE *devnull;

static void compare_volatile(int i)
{
	static volatile uint8_t threshold = LOG_INFO;

	if (LOG_DEBUG <= threshold)
		abort();
	(void)i;
}

static void log_off(int i)
{
	log_debug("request %d took %d us", i, i / 3);
}

static void log_on(int i)
{
	log_info("request %d took %d us", i, i / 3);
}

static void print(int i)
{
	/* Unbuffered, as the console is. */
	fprintf(devnull, "2017-02-08 09:54:44 -01:00: INF [application] request %d took %d us\n", i,
	        i / 3);
}

/* Nanoseconds per call. Inlined, so that `call` is, too. */
static inline __attribute__((always_inline)) double measure(void (*call)(int), int count)
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		nanoseconds start = runtime_now();

		for (int i = 0; i < count; i++) {
			call(i);
			__asm__ volatile("" ::: "memory"); /* the threshold is read each time */
		}
		double each = (double)(runtime_now() - start) / count;

		best = each < best ? each : best;
	}
	return best;
}

static void report(const char *name, double each, double peer, const char *peer_name)
{
	fprintf(stderr, "%-8s %8.2f ns  %6.2f times %s (%.2f ns)\n", name, each, each / peer,
	        peer_name, peer);
}

static int bench_main(void *argument)
{
	(void)argument;
	report("log off", measure(log_off, FAST), measure(compare_volatile, FAST),
	       "a volatile compare");
	report("log on", measure(log_on, SLOW), measure(print, SLOW), "unbuffered fprintf()");
	return 0;
}

int main(void)
{
	struct runtime *runtime;
	int console = open("/dev/null", O_WRONLY | O_CLOEXEC);

	devnull = fopen("/dev/null", "we");
	if (devnull == NULL || console < 0 || dup2(console, STDOUT_FILENO) < 0 ||
	    setvbuf(devnull, NULL, _IONBF, 0) != 0 ||
	    runtime_new(&runtime, &unix_target, NULL) != 0)
		return 1;
	int result = runtime_run(runtime, bench_main, NULL);

	runtime_free(runtime);
	return result != 0;
}
