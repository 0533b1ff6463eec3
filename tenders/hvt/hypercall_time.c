/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "tenders/hvt/hypercall.h"

#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)

int hypercall_wall_time(struct hypercalls *hypercalls, guest_address argument,
                        struct reason *reason)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return reason_set(reason, -EFAULT, "wall time: %s", strerror(errno));
	struct hvt_wall_time time = {
		.nanoseconds =
			(uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec,
	};
	if (guest_memory_write(&hypercalls->memory, argument, &time, sizeof(time)) != 0)
		return hypercall_bad_address(reason, "wall time", argument, sizeof(time));
	return 0;
}

static int arm_timer(int timer, uint64_t timeout_ns)
{
	const struct itimerspec spec = {
		.it_value.tv_sec = (time_t)(timeout_ns / NANOSECONDS_PER_SECOND),
		/* Zero would disarm it. */
		.it_value.tv_nsec = (long)(timeout_ns % NANOSECONDS_PER_SECOND) | 1,
	};

	return timerfd_settime(timer, 0, &spec, NULL);
}

static void forget(const struct readiness *readiness, const struct manifest *manifest,
                   uint64_t handle)
{
	error_ignore(epoll_ctl(readiness->epoll_descriptor, EPOLL_CTL_DEL,
	                       manifest->entries[handle].descriptor, NULL) != 0,
	             "the poll only costs more then");
}

/* Wait, and put the devices that can be read into poll->ready_set. */
static int wait_ready(const struct hypercalls *hypercalls, struct hvt_poll *poll)
{
	const struct readiness *readiness = &hypercalls->readiness;
	struct epoll_event events[SOLO5_MANIFEST_ENTRIES_MAX + 1];
	int limit = poll->timeout_ns == 0 ? 0 : -1;
	int count;

	if (limit != 0 && arm_timer(readiness->timer_descriptor, poll->timeout_ns) != 0)
		return -errno;
	do {
		count = epoll_pwait(readiness->epoll_descriptor, events,
		                    sizeof(events) / sizeof(events[0]), limit, NULL);
		if (count < 0 && errno == EINTR && hypercalls->poll_interruptible)
			count = 0;
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return -errno;

	poll->ready_set = 0;
	poll->result = 0;
	for (int i = 0; i < count; i++) {
		uint64_t handle = events[i].data.u64;
		if (handle == READINESS_TIMER || handle >= SOLO5_MANIFEST_ENTRIES_MAX)
			continue;
		poll->ready_set |= UINT64_C(1) << handle;
		poll->result++;
		/* A tap that was deleted: tell the guest once, or no poll would ever wait again. */
		if ((events[i].events & EPOLLIN) == 0)
			forget(readiness, hypercalls->manifest, handle);
	}
	return 0;
}

int hypercall_poll(struct hypercalls *hypercalls, guest_address argument, struct reason *reason)
{
	struct hvt_poll poll;

	if (guest_memory_read(&hypercalls->memory, argument, &poll, sizeof(poll)) != 0)
		return hypercall_bad_address(reason, "poll", argument, sizeof(poll));
	int error = wait_ready(hypercalls, &poll);
	if (error != 0)
		return reason_set(reason, -EFAULT, "poll: %s", strerror(-error));
	if (guest_memory_write(&hypercalls->memory, argument, &poll, sizeof(poll)) != 0)
		return hypercall_bad_address(reason, "poll", argument, sizeof(poll));
	return 0;
}
