/* SPDX-License-Identifier: ISC */
/*
 * The runtime on another architecture: switches, registers, timers, cancellation. A program of its
 * own without cmocka, so that it cross-compiles; run by aarch64.sh. Prints TAP.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <mirage/channel.h>
#include <mirage/fiber.h>
#include <mirage/runtime.h>
#include <mirage/virtual_target.h>

enum {
	FIBERS = 50,
	ROUNDS = 1000,
};

/* More values than there are callee-saved registers, of both kinds, live across each switch. */
static int mixer(void *argument)
{
	uint64_t *result = argument, a = *result, b = a * 3, c = a * 5, d = a * 7, e = a * 11,
		 f = a * 13, g = a * 17;
	double t = (double)a, u = t / 2, v = t / 4, w = t / 8, x = t / 16, y = t / 32, z = t / 64;

	for (int i = 0; i < ROUNDS; i++) {
		int yielded = fiber_yield();

		if (yielded != 0)
			return yielded;
		a += b ^ c, b += c ^ d, c += d ^ e, d += e ^ f, e += f ^ g, f += 1, g += 2;
		t += u, u += v, v += w, w += x, x += y, y += z, z += 0.125;
	}
	*result = a ^ b ^ c ^ d ^ e ^ f ^ g ^ (uint64_t)(t + u + v + w + x + y + z);
	return 0;
}

static int switching(void *argument)
{
	uint64_t results[FIBERS];
	struct scope scope;
	int failed = 0;

	(void)argument;
	scope_open(&scope);
	for (size_t i = 0; i < FIBERS; i++) {
		results[i] = 40 + i % 2;
		failed |= fiber_start(&scope, "mixer", mixer, &results[i]);
	}
	failed |= scope_wait_all(&scope, NEVER);
	for (size_t i = 2; i < FIBERS; i++)
		failed |= results[i] != results[i - 2];
	failed |= results[0] == results[1];
	return scope_close(&scope) | failed;
}

static int producer(void *argument)
{
	for (int i = 0; i < 100; i++) {
		int result = channel_send(argument, &i, NEVER);

		if (result == 0 && i % 10 == 0)
			result = fiber_sleep(5);
		if (result != 0)
			return result;
	}
	return 0;
}

static int messages(void *argument)
{
	struct channel channel;
	struct scope scope;
	int storage[4], message, failed = channel_init(&channel, storage, sizeof(int), 4);

	(void)argument;
	scope_open(&scope);
	failed |= fiber_start(&scope, "producer", producer, &channel);
	for (int i = 0; i < 100; i++) {
		failed |= channel_receive(&channel, &message, NEVER);
		failed |= message != i;
	}
	failed |= runtime_now() != 50;
	failed |= channel_receive(&channel, &message, 1000) != -ETIMEDOUT;
	failed |= scope_wait_all(&scope, NEVER);
	return scope_close(&scope) | failed;
}

static int sleeper(void *argument)
{
	*(int *)argument = fiber_sleep_until(NEVER);
	return *(int *)argument;
}

static int cancelling(void *argument)
{
	struct scope scope;
	int slept = 0, failed;

	(void)argument;
	scope_open(&scope);
	failed = fiber_start(&scope, "sleeper", sleeper, &slept);
	failed |= fiber_sleep(duration_of_hour(1));
	failed |= scope_close(&scope);
	return failed | (slept != -ECANCELED);
}

static int stuck(void *argument)
{
	return fiber_sleep_until(argument == NULL ? NEVER : 0);
}

static int report(int number, const char *name, int (*entry)(void *argument), int expected)
{
	struct virtual_target target;
	struct runtime *runtime;
	int result = -1;

	virtual_target_init(&target);
	if (runtime_new(&runtime, &target.target, NULL) == 0) {
		result = runtime_run(runtime, entry, NULL);
		runtime_free(runtime);
	}
	virtual_target_fini(&target);
	printf("%s %d - aarch64: %s\n", result == expected ? "ok" : "not ok", number, name);
	return result != expected;
}

int main(void)
{
	printf("1..4\n");
	return report(1, "registers survive switches", switching, 0) |
	       report(2, "messages and deadlines", messages, 0) |
	       report(3, "cancellation", cancelling, 0) | report(4, "deadlock", stuck, -EDEADLK);
}
