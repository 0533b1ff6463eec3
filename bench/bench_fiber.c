/* SPDX-License-Identifier: ISC */
/*
 * What fibers cost beside ucontext(3): a message, and a fiber's whole life. See bench_switch.c for
 * giving up the core.
 *
 * Both sides do the same: two contexts that switch to each other, and a context that is made on
 * a stack used before, runs, and ends. Every figure is the least of several rounds: what is slower
 * was disturbed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include <mirage/channel.h>
#include <mirage/fiber.h>
#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"

enum {
	ROUNDS = 7,
	SWAPS = 200000,
	LIVES = 200000,
	MESSAGES = 1000000,
	STACK_SIZE = 64 * 1024,
};

static ucontext_t ucontext_of[2], ucontext_home;
static unsigned char ucontext_stack[STACK_SIZE];

static void swap_often(void)
{
	for (int i = 0; i < SWAPS; i++)
		if (swapcontext(&ucontext_of[1], &ucontext_of[0]) != 0)
			abort();
}

static void ucontext_prepare(void (*entry)(void))
{
	if (getcontext(&ucontext_of[1]) != 0)
		abort();
	ucontext_of[1].uc_stack.ss_sp = ucontext_stack;
	ucontext_of[1].uc_stack.ss_size = sizeof(ucontext_stack);
	ucontext_of[1].uc_link = &ucontext_home;
	makecontext(&ucontext_of[1], entry, 0);
}

static double time_swaps(void)
{
	ucontext_prepare(swap_often);
	nanoseconds start = runtime_now();

	for (int i = 0; i < SWAPS; i++)
		if (swapcontext(&ucontext_of[0], &ucontext_of[1]) != 0)
			abort();
	return (double)(runtime_now() - start) / (2.0 * SWAPS);
}

static void end_at_once(void)
{
}

static int fiber_end_at_once(void *argument)
{
	(void)argument;
	return 0;
}

static double time_ucontext_lives(void)
{
	nanoseconds start = runtime_now();

	for (int i = 0; i < LIVES; i++) {
		ucontext_prepare(end_at_once);
		if (swapcontext(&ucontext_home, &ucontext_of[1]) != 0)
			abort();
	}
	return (double)(runtime_now() - start) / LIVES;
}

static double time_fiber_lives(void)
{
	struct scope scope;
	nanoseconds start = runtime_now();

	scope_open(&scope);
	for (int i = 0; i < LIVES; i++)
		if (fiber_start(&scope, "short", fiber_end_at_once, NULL) != 0 ||
		    scope_wait_all(&scope, NEVER) != 0)
			abort();
	scope_close(&scope);
	return (double)(runtime_now() - start) / LIVES;
}

static int send_often(void *argument)
{
	for (int i = 0; i < MESSAGES; i++)
		if (channel_send(argument, &i, NEVER) != 0)
			abort();
	return 0;
}

static double time_messages(void)
{
	struct scope scope;
	struct channel channel;
	int storage[1], message;

	if (channel_init(&channel, storage, sizeof(int), 1) != 0)
		abort();
	scope_open(&scope);
	if (fiber_start(&scope, "sends", send_often, &channel) != 0)
		abort();
	nanoseconds start = runtime_now();

	for (int i = 0; i < MESSAGES; i++)
		if (channel_receive(&channel, &message, NEVER) != 0 || message != i)
			abort();
	double each = (double)(runtime_now() - start) / MESSAGES;

	scope_close(&scope);
	return each;
}

static double best_of(double (*measure)(void))
{
	double best = measure();

	for (int round = 1; round < ROUNDS; round++) {
		double each = measure();

		best = each < best ? each : best;
	}
	return best;
}

static void report(const char *name, double each, double peer, const char *peer_name)
{
	printf("%-24s %8.2f ns  1/%-6.1f of %s (%.1f ns)\n", name, each, peer / each, peer_name,
	       peer);
}

static int bench_main(void *argument)
{
	double swap = best_of(time_swaps);
	double life = best_of(time_ucontext_lives);

	(void)argument;
	report("message, 1 place", best_of(time_messages), swap, "swapcontext()");
	report("start, run and end", best_of(time_fiber_lives), life, "makecontext()");
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
