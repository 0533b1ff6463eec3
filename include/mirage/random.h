/* SPDX-License-Identifier: ISC */
/*
 * Device type `random`: unpredictable bytes.
 *
 * Implementations.  default_random: the target's entropy (getrandom on unix).
 */
#ifndef MIRAGE_RANDOM_H
#define MIRAGE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

struct random_ops {
	int (*fill)(const void *self, void *bytes, size_t length);
};

struct random {
	const struct random_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* Fill `bytes` with `length` bytes fit for keys. 0, or -EIO with nothing promised of `bytes`. */
static inline must_check int random_fill(const struct random *random, void *bytes, size_t length)
{
	return random->ops->fill(random->self, bytes, length);
}

/*
 * A number from 0 to bound-1, each equally likely.
 *
 * -EINVAL  bound is 0
 * -EIO
 */
must_check int random_below(const struct random *random, uint32_t bound, uint32_t *number);

/* default_random has no state: its `self` is NULL. */
extern const struct random_ops default_random_ops;

#endif
