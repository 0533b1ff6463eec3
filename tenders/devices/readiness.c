/* SPDX-License-Identifier: ISC */
#include "tenders/devices/readiness.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

static int add(int epoll_descriptor, int descriptor, uint64_t data)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = data };

	return epoll_ctl(epoll_descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

int readiness_open(struct readiness *readiness, const struct manifest *manifest,
                   struct reason *reason)
{
	readiness->net_count = 0;
	readiness->epoll_descriptor = epoll_create1(EPOLL_CLOEXEC);
	readiness->timer_descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (readiness->epoll_descriptor < 0 || readiness->timer_descriptor < 0)
		return reason_set(reason, -errno, "Could not make what to wait on: %s",
		                  strerror(errno));

	int error = add(readiness->epoll_descriptor, readiness->timer_descriptor, READINESS_TIMER);
	if (error != 0)
		return reason_set(reason, error, "Could not wait for the timer: %s",
		                  strerror(-error));
	for (size_t i = 1; i < manifest->entry_count; i++) {
		const struct solo5_manifest_entry *entry = &manifest->entries[i];
		if (entry->type != SOLO5_DEVICE_NET_BASIC || entry->attached == 0)
			continue;
		error = add(readiness->epoll_descriptor, entry->descriptor, i);
		if (error != 0)
			return reason_set(reason, error, "Could not wait for the device '%s': %s",
			                  entry->name, strerror(-error));
		readiness->net_count++;
	}
	return 0;
}
