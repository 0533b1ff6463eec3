// SPDX-License-Identifier: ISC
/*
 * Waiting for network devices. The tender says which can be read, of all that are attached. One that
 * no fiber waits for would keep an idle instance awake for ever: its frames are taken, kept by its
 * driver as far as that has room, and else dropped.
 */
#include "targets/solo5/wait.h"

#include <errno.h>

#include <mirage/fiber.h>
#include <mirage/wait_queue.h>

#include "targets/solo5/host.h"
#include "targets/solo5/target.h"

enum {
	SCRATCH_SIZE = 2048, /* the rest of a larger frame is dropped with it */
	DROPS_MAX = 256,     /* at a look: a flood must not hold up timers and the other devices */
};

static struct {
	struct wait_queue queues[SOLO5_MANIFEST_ENTRIES_MAX]; /* by handle */
	uint64_t initialised;
	uint64_t waited_for;
	uint64_t gone; /* reading gives an error */
	unsigned int waiters[SOLO5_MANIFEST_ENTRIES_MAX];
	uint64_t dropped[SOLO5_MANIFEST_ENTRIES_MAX];
	struct {
		bool (*keep)(void *context);
		void *context;
	} keepers[SOLO5_MANIFEST_ENTRIES_MAX];
} waiting;

bool solo5_can_wake(void *state)
{
	(void)state;
	return waiting.waited_for != 0;
}

static void wake(uint64_t ready)
{
	while (ready != 0) {
		int handle = __builtin_ctzll(ready);

		wait_queue_wake_all(&waiting.queues[handle]);
		ready &= ready - 1;
	}
}

/* A tap that was deleted is ready for ever. */
static void forget(unsigned int handle)
{
	waiting.gone |= UINT64_C(1) << handle;
	host_net_forget(handle);
}

static void drop(uint64_t ready)
{
	static uint8_t scratch[SCRATCH_SIZE];

	while (ready != 0) {
		unsigned int handle = (unsigned int)__builtin_ctzll(ready);

		ready &= ready - 1;
		/* A frame that comes after the keeper has looked is for its next look. */
		if (waiting.keepers[handle].keep != NULL &&
		    waiting.keepers[handle].keep(waiting.keepers[handle].context))
			continue;
		for (unsigned int i = 0; i < DROPS_MAX; i++) {
			ssize_t length = host_net_read(handle, scratch, sizeof(scratch));

			if (length == -EIO)
				forget(handle);
			if (length < 0)
				break;
			waiting.dropped[handle]++;
		}
	}
}

void solo5_wait(void *state, nanoseconds deadline)
{
	uint64_t ready = host_wait(deadline);

	(void)state;
	wake(ready & waiting.waited_for);
	if (deadline > 0)
		drop(ready & ~waiting.waited_for);
}

int solo5_wait_readable(unsigned int handle, nanoseconds deadline)
{
	uint64_t bit;

	if (handle == 0 || handle >= SOLO5_MANIFEST_ENTRIES_MAX)
		return -EINVAL;
	bit = UINT64_C(1) << handle;
	if ((waiting.initialised & bit) == 0) {
		wait_queue_init(&waiting.queues[handle]);
		waiting.initialised |= bit;
	}
	if ((waiting.gone & bit) != 0) /* let the caller find out */
		return fiber_yield();
	waiting.waiters[handle]++;
	waiting.waited_for |= bit;
	int result = wait_queue_wait(&waiting.queues[handle], deadline);

	if (--waiting.waiters[handle] == 0)
		waiting.waited_for &= ~bit;
	return result;
}

void solo5_wait_set_keeper(unsigned int handle, bool (*keep)(void *context), void *context)
{
	if (handle >= SOLO5_MANIFEST_ENTRIES_MAX)
		return;
	waiting.keepers[handle].keep = keep;
	waiting.keepers[handle].context = context;
}

uint64_t solo5_wait_dropped(unsigned int handle)
{
	return handle < SOLO5_MANIFEST_ENTRIES_MAX ? waiting.dropped[handle] : 0;
}
