/* SPDX-License-Identifier: ISC */
/*
 * Random devices: random_below() for any, and default_random, the target's entropy.
 */
#include <mirage/random.h>

#include <errno.h>

#include <mirage/runtime.h>

int random_below(const struct random *random, uint32_t bound, uint32_t *number)
{
	uint32_t drawn;

	if (bound == 0)
		return -EINVAL;
	/* 2^32 is rarely a multiple of `bound`. The lowest 2^32 mod `bound` numbers are too many
	   for each remainder to be equally likely; draw again. Fewer than two draws on average. */
	uint32_t surplus = -bound % bound;

	do {
		int result = random_fill(random, &drawn, sizeof(drawn));

		if (result != 0)
			return result;
	} while (drawn < surplus);
	*number = drawn % bound;
	return 0;
}

static int default_random_fill(const void *self, void *bytes, size_t length)
{
	const struct target *target = runtime_target(runtime_current());

	(void)self;
	return target->ops->entropy(target->state, bytes, length);
}

const struct random_ops default_random_ops = {
	.fill = default_random_fill,
};
