/* SPDX-License-Identifier: ISC */
/*
 * A bare switch of stacks, and a whole fiber_yield() among few and many fibers, against
 * swapcontext() in the same run. bench_fiber.c has what a fiber's life costs.
 *
 * Every figure is the least of several rounds: what is slower was disturbed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include <mirage/fiber.h>
#include <mirage/runtime.h>

#include "runtime/switch.h"
#include "targets/unix/unix_target.h"

enum {
	ROUNDS = 9,
	SWITCHES = 4000000, /* per round; there and back are two */
	SLOW_SWITCHES = 200000,
	STACK_SIZE = 64 << 10,
	YIELDERS = 2,
	YIELDERS_MANY = 200,
	CALLS = 4,
};

/* Nanoseconds per unit of what `round` does `units` of. */
static double measure(void (*round)(void), double units)
{
	double best = 1e18;

	for (int i = 0; i < ROUNDS; i++) {
		nanoseconds start = runtime_now();

		round();
		double each = (double)(runtime_now() - start) / units;
		best = each < best ? each : best;
	}
	return best;
}

/* A bare switch: two stacks, nothing else. */
static struct {
	void *here, *there;
	char stack[STACK_SIZE] __attribute__((aligned(16)));
} bare;

/*
 * One place that calls it, as in fiber.c: the processor's predictions depend on it. The two that call
 * this one differ, so its own return is predicted wrongly each time: the price of unlike paths.
 */
static __attribute__((noinline)) void bare_switch(void **save, void *const *load)
{
	runtime_switch(save, *load);
	__asm__ volatile("" ::: "memory"); /* no tail call: that would be two places */
}

static void bare_other(void *argument)
{
	(void)argument;
	for (;;)
		bare_switch(&bare.there, &bare.here);
}

static void bare_round(void)
{
	bare.there = runtime_stack_init(bare.stack + STACK_SIZE, bare_other, NULL);
	for (int i = 0; i < SWITCHES / 2; i++)
		bare_switch(&bare.here, &bare.there);
}

/* fiber_yield() between fibers. */
static int yielder(void *argument)
{
	int count = *(const int *)argument;

	for (int i = 0; i < count; i++)
		if (fiber_yield() != 0)
			return -1;
	return 0;
}

/* The same below some calls that are not inlined, as in real code: returning has its price. */
static __attribute__((noipa)) int yield_below(int calls)
{
	int result = calls == 0 ? fiber_yield() : yield_below(calls - 1);

	__asm__ volatile("" ::: "memory"); /* no tail call */
	return result;
}

static int deep_yielder(void *argument)
{
	int count = *(const int *)argument;

	for (int i = 0; i < count; i++)
		if (yield_below(CALLS) != 0)
			return -1;
	return 0;
}

static void yield_among(int fibers, int (*entry)(void *argument))
{
	struct scope scope;
	int each = SWITCHES / fibers;

	scope_open(&scope);
	for (int i = 0; i < fibers; i++)
		if (fiber_start(&scope, "yielder", entry, &each) != 0)
			abort();
	if (scope_wait_all(&scope, NEVER) != 0)
		abort();
	scope_close(&scope);
}

static void yield_round(void)
{
	yield_among(YIELDERS, yielder);
}

static void yield_deep_round(void)
{
	yield_among(YIELDERS, deep_yielder);
}

static void yield_many_round(void)
{
	yield_among(YIELDERS_MANY, yielder);
}

/* The same with ucontext. */
static struct {
	ucontext_t here, there;
	char stack[STACK_SIZE] __attribute__((aligned(16)));
} context;

static void context_other(void)
{
	for (;;)
		swapcontext(&context.there, &context.here);
}

static void context_make(void)
{
	if (getcontext(&context.there) != 0)
		abort();
	context.there.uc_stack.ss_sp = context.stack;
	context.there.uc_stack.ss_size = STACK_SIZE;
	makecontext(&context.there, context_other, 0);
}

static void context_round(void)
{
	context_make();
	for (int i = 0; i < SLOW_SWITCHES / 2; i++)
		if (swapcontext(&context.here, &context.there) != 0)
			abort();
}

static void report(const char *name, double each, double peer, const char *peer_name)
{
	printf("%-34s %8.2f ns  1/%-6.1f of %s (%.1f ns)\n", name, each, peer / each, peer_name,
	       peer);
}

static int bench_main(void *argument)
{
	double swap = measure(context_round, SLOW_SWITCHES);

	(void)argument;
	report("bare switch, unlike paths", measure(bare_round, SWITCHES), swap, "swapcontext()");
	report("fiber_yield() among 2", measure(yield_round, SWITCHES), swap, "swapcontext()");
	report("the same below 4 calls", measure(yield_deep_round, SWITCHES), swap,
	       "swapcontext()");
	report("fiber_yield() among 200", measure(yield_many_round, SWITCHES), swap,
	       "swapcontext()");
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
