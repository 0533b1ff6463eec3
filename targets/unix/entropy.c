/* SPDX-License-Identifier: ISC */
/*
 * The unix target's entropy: the kernel's generator, once it is seeded.
 */
#include "targets/unix/operations.h"

#include <errno.h>
#include <sys/random.h>

int unix_entropy(void *state, void *bytes, size_t length)
{
	uint8_t *next = bytes;

	(void)state;
	while (length > 0) {
		ssize_t count = getrandom(next, length, 0);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -EIO;
		next += count;
		length -= (size_t)count;
	}
	return 0;
}
