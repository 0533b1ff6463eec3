// SPDX-License-Identifier: ISC
/* Does what --act says, good or bad, so that a test can see what comes of it. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/fiber.h>
#include <mirage/heap.h>
#include <mirage/log.h>
#include <mirage/random.h>
#include <mirage/time.h>
#include <mirage/wall_clock.h>

#include "mirage/key_gen.h"

struct world {
	const struct time *time;
	const struct wall_clock *wall;
	const struct random *random;
	int number;
};

/* ------------------------------------------------------------------ what should work */

static _Thread_local int thread_data = 42;
static _Thread_local char thread_zero[100];

static int tls(const struct world *world)
{
	thread_zero[99] = (char)world->number;
	log_info("tls %d %d %d", thread_data, thread_zero[0], thread_zero[99]);
	errno = ERANGE;
	log_info("errno %d", errno == ERANGE);
	return 0;
}

static int floats(const struct world *world)
{
	double root = sqrt(world->number);
	long double third = 1.0L / (world->number + 1);

	log_info("root %.6f third %.18Lf e %.3e", root, third, exp(1));
	log_info("parsed %g", strtod("2.5e3", NULL));
	return 0;
}

static int spin_floats(void *argument)
{
	double *sum = argument;

	for (int i = 1; i <= 1000; i++) {
		*sum += 1.0 / i;
		if (i % 10 == 0)
			error_ignore(fiber_yield(), "nothing cancels it");
	}
	return 0;
}

/* Floating point in several fibers at once. */
static int float_fibers(const struct world *world)
{
	struct scope scope;
	double sums[4] = { 0 };

	(void)world;
	scope_open(&scope);
	for (int i = 0; i < 4; i++)
		if (fiber_start(&scope, "floats", spin_floats, &sums[i]) != 0)
			return -ENOMEM;
	int error = scope_wait_all(&scope, NEVER);

	scope_close(&scope);
	log_info("sums %.10f %.10f %.10f %.10f", sums[0], sums[1], sums[2], sums[3]);
	return error;
}

static int clocks(const struct world *world)
{
	nanoseconds before = time_now(world->time);
	int error = time_sleep_ns(world->time, duration_of_ms(20));
	nanoseconds slept = time_now(world->time) - before;

	log_info("slept %s", slept >= duration_of_ms(20) ? "enough" : "too little");
	log_info("wall %" PRIu64, wall_clock_now(world->wall) / duration_of_sec(1));
	return error;
}

static int heap(const struct world *world)
{
	struct list {
		struct list *next;
	} *first = NULL;
	size_t count = 0;

	(void)world;
	for (;;) {
		struct list *block = malloc(64 << 10);

		if (block == NULL)
			break;
		block->next = first;
		first = block;
		count++;
	}
	log_info("heap full %s, errno %d", count > 0 ? "after some" : "at once", errno == ENOMEM);
	while (first != NULL) {
		struct list *next = first->next;

		free(first);
		first = next;
	}
	void *large = malloc((count - 2) * (64 << 10));

	log_info("heap %s again", large != NULL ? "whole" : "broken");
	free(large);
	return 0;
}

static int random_numbers(const struct world *world)
{
	uint64_t numbers[2];
	int error = random_fill(world->random, numbers, sizeof(numbers));

	log_info("random %016" PRIx64 "%016" PRIx64, numbers[0], numbers[1]);
	return error;
}

static int say(const struct world *world)
{
	(void)world;
	log_info("text '%s'", key_text());
	return 0;
}

static int leave(const struct world *world)
{
	return world->number;
}

/* ------------------------------------------------------------------ what must end the image */

static int stop(const struct world *world)
{
	(void)world;
	abort();
}

/* Not inlined, and the compiler is not to know what is wrong with the pointers. */
static __attribute__((noinline)) void write_to(volatile char *bytes)
{
	*bytes = (char)(*bytes + 1);
}

static int write_code(const struct world *world)
{
	(void)world;
	write_to((char *)(uintptr_t)write_to);
	return 0;
}

static int write_constant(const struct world *world)
{
	static const char constant[] = "constant";
	char *volatile pointer = (char *)(uintptr_t)constant;

	(void)world;
	write_to(pointer);
	return 0;
}

static int write_null(const struct world *world)
{
	char *volatile pointer = NULL;

	write_to(pointer + world->number);
	return 0;
}

static const uint8_t RETURN[] = {
#if defined(__x86_64__)
	0xc3
#else
	0xc0, 0x03, 0x5f, 0xd6
#endif
};

static int execute(void *code)
{
	memcpy(code, RETURN, sizeof(RETURN));
	((void (*)(void))(uintptr_t)code)();
	return 0;
}

static int execute_heap(const struct world *world)
{
	(void)world;
	return execute(malloc(16));
}

static int execute_data(const struct world *world)
{
	static uint8_t code[16];

	(void)world;
	return execute(code);
}

static int execute_stack(const struct world *world)
{
	uint8_t code[16];

	(void)world;
	return execute(code);
}

static __attribute__((noinline)) void smash(char *volatile bytes, size_t length)
{
	memset(bytes, 'x', length);
}

static int smash_stack(const struct world *world)
{
	char frame[16];

	smash(frame, sizeof(frame) + (size_t)world->number);
	return frame[0] == 'y';
}

static __attribute__((noinline)) int recurse(int depth)
{
	volatile char frame[512];

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (char)depth;
	return depth == 0 ? frame[0] : recurse(depth - 1) + frame[0];
}

/* A little more than the stack, and then a switch: where there is no guard page the canary tells. */
static int overflow_stack(const struct world *world)
{
	int result = recurse(world->number);

	error_ignore(fiber_yield(), "nothing cancels it");
	return result == 1 << 30;
}

static int print_float(void *argument)
{
	char text[32];
	volatile double number = 1.5;

	(void)argument;
	snprintf(text, sizeof(text), "%f", number);
	log_info("printed %s %g", text, strtod(text, NULL));
	return 0;
}

/* On a stack of so many bytes. */
static int small_stack(const struct world *world)
{
	struct scope scope;

	scope_open(&scope);
	int error = fiber_start_sized(&scope, "small", (size_t)world->number, print_float, NULL);

	if (error == 0)
		error = scope_wait_all(&scope, NEVER);
	scope_close(&scope);
	return error;
}

static int divide(const struct world *world)
{
	volatile int zero = world->number;

	return 1000 / zero;
}

static int free_twice(const struct world *world)
{
	char *volatile block = malloc(100);

	(void)world;
	free(block);
	free(block);
	return 0;
}

static int wait_for_ever(const struct world *world)
{
	return time_sleep_ns(world->time, NEVER);
}

static const struct {
	const char *name;
	int (*act)(const struct world *world);
} acts[] = {
	{ "tls", tls },
	{ "floats", floats },
	{ "float-fibers", float_fibers },
	{ "clocks", clocks },
	{ "heap", heap },
	{ "random", random_numbers },
	{ "say", say },
	{ "leave", leave },
	{ "stop", stop },
	{ "write-code", write_code },
	{ "write-constant", write_constant },
	{ "write-null", write_null },
	{ "execute-heap", execute_heap },
	{ "execute-data", execute_data },
	{ "execute-stack", execute_stack },
	{ "smash-stack", smash_stack },
	{ "overflow-stack", overflow_stack },
	{ "small-stack", small_stack },
	{ "divide", divide },
	{ "free-twice", free_twice },
	{ "wait-for-ever", wait_for_ever },
};

int probe_start(const struct time *time, const struct wall_clock *wall, const struct random *random)
{
	const struct world world = { time, wall, random, (int)key_number() };

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, key_act()) == 0) {
			int result = acts[i].act(&world);

			if (result == 0)
				log_info("still here");
			return result;
		}
	log_error("no such act: %s", key_act());
	return 99;
}
