/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tenders/launch/launch.h"

enum {
	/* All devices, epoll and timer, and what a tender has of its own. */
	KEPT_MAX = SOLO5_MANIFEST_ENTRIES_MAX + 2 + 16,
};

struct kept {
	unsigned descriptors[KEPT_MAX];
	size_t count;
};

static void keep(struct kept *kept, int descriptor)
{
	if (descriptor > STDERR_FILENO && kept->count < KEPT_MAX)
		kept->descriptors[kept->count++] = (unsigned)descriptor;
}

static int compare(const void *a, const void *b)
{
	unsigned first = *(const unsigned *)a;
	unsigned second = *(const unsigned *)b;

	return (first > second) - (first < second);
}

/* False before Linux 5.9, which cannot. */
static bool close_from_to(unsigned first, unsigned last)
{
	return first > last || syscall(SYS_close_range, first, last, 0) == 0;
}

void launch_close_descriptors(struct launch *launch, const int *others, size_t other_count)
{
	struct kept kept = { .count = 0 };
	unsigned first = STDERR_FILENO + 1;
	bool closed = true;

	for (size_t i = 1; i < launch->manifest.entry_count; i++)
		keep(&kept, launch->manifest.entries[i].descriptor);
	keep(&kept, launch->readiness.epoll_descriptor);
	keep(&kept, launch->readiness.timer_descriptor);
	for (size_t i = 0; i < other_count; i++)
		keep(&kept, others[i]);

	qsort(kept.descriptors, kept.count, sizeof(kept.descriptors[0]), compare);
	for (size_t i = 0; i < kept.count; i++) {
		if (kept.descriptors[i] > first)
			closed &= close_from_to(first, kept.descriptors[i] - 1);
		first = kept.descriptors[i] + 1;
	}
	closed &= close_from_to(first, ~0U);
	/* Others that were inherited stay then; the image has no call to use them with. */
	if (!closed)
		executable_close(&launch->executable);
	launch->executable.descriptor = -1;
}
