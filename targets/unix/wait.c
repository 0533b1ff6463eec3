/* SPDX-License-Identifier: ISC */
/*
 * Waiting: for time alone with clock_nanosleep(), for descriptors with epoll.
 *
 * Each waiting fiber has a `struct waiter` in its frame, in a list per descriptor. The kernel's
 * registrations are one-shot: an event disarms its descriptor, whoever still waits is armed again,
 * and a registration that nobody waits for any more costs at most one event. So a descriptor needs
 * one epoll_ctl() per wait and none when it is closed, and a number that the kernel has reused is
 * no danger: MOD then fails with ENOENT, and ADD follows.
 */
#include "targets/unix/unix_wait.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <mirage/fiber.h>
#include <mirage/wait_queue.h>

#include "targets/unix/operations.h"

enum {
	EVENTS_MAX = 64, /* per look: bounds the frame, not what can be ready */
	FIRST_TABLE_SIZE = 16,
};

struct waiter {
	struct list link; /* in its descriptor's list; empty once woken */
	uint32_t events;  /* EPOLLIN or EPOLLOUT */
	struct wait_queue queue;
};

struct descriptor {
	struct list waiters;
	bool registered; /* as far as we know */
};

/* One per thread, made when first needed and kept. */
static _Thread_local struct {
	bool open;
	int epoll;                 /* once open */
	struct descriptor **table; /* by number; NULL where nobody ever waited */
	size_t table_size;
	size_t waiters;
	bool without_pwait2; /* Linux before 5.11 */
} waiting;

bool unix_wait_pending(void)
{
	return waiting.waiters > 0;
}

bool unix_can_wake(void *state)
{
	(void)state;
	return unix_wait_pending();
}

static struct timespec timespec_of(nanoseconds time)
{
	return (struct timespec){
		.tv_sec = (time_t)(time / 1000000000),
		.tv_nsec = (long)(time % 1000000000),
	};
}

static nanoseconds time_left(nanoseconds deadline)
{
	nanoseconds now = deadline == 0 ? 0 : unix_clock_monotonic(NULL);

	return deadline > now ? deadline - now : 0;
}

/* epoll_wait() to the nanosecond; on old kernels by way of ppoll() on the epoll descriptor. */
static int epoll_wait_until(struct epoll_event *events, nanoseconds deadline)
{
	struct timespec left = timespec_of(time_left(deadline));
	const struct timespec *timeout = deadline == NEVER ? NULL : &left;

	if (!waiting.without_pwait2) {
		int count = epoll_pwait2(waiting.epoll, events, EVENTS_MAX, timeout, NULL);

		if (count >= 0 || errno != ENOSYS)
			return count;
		waiting.without_pwait2 = true;
	}
	struct pollfd ready = { .fd = waiting.epoll, .events = POLLIN };

	if (ppoll(&ready, 1, timeout, NULL) <= 0)
		return 0;
	return epoll_wait(waiting.epoll, events, EVENTS_MAX, 0);
}

/* Ask the kernel for the next event that any of the descriptor's waiters wants. */
static int descriptor_arm(struct descriptor *descriptor, int fd)
{
	struct epoll_event event = { .events = EPOLLONESHOT, .data.fd = fd };

	list_for_each(link, &descriptor->waiters)
		event.events |= list_entry(link, struct waiter, link)->events;
	if (descriptor->registered) {
		if (epoll_ctl(waiting.epoll, EPOLL_CTL_MOD, fd, &event) == 0)
			return 0;
		descriptor->registered = false; /* closed since, and perhaps opened anew */
	}
	if (epoll_ctl(waiting.epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		return -errno;
	descriptor->registered = true;
	return 0;
}

static void waiter_wake(struct waiter *waiter)
{
	list_remove(&waiter->link);
	waiting.waiters--;
	wait_queue_wake_all(&waiter->queue);
}

static void descriptor_ready(int fd, uint32_t events)
{
	struct descriptor *descriptor = waiting.table[fd];

	if ((events & (EPOLLERR | EPOLLHUP)) != 0)
		events |= EPOLLIN | EPOLLOUT;
	list_for_each_safe(link, &descriptor->waiters) {
		struct waiter *waiter = list_entry(link, struct waiter, link);

		if ((waiter->events & events) != 0)
			waiter_wake(waiter);
	}
	if (list_empty(&descriptor->waiters) || descriptor_arm(descriptor, fd) == 0)
		return;
	while (!list_empty(&descriptor->waiters)) /* let them find out what is wrong with it */
		waiter_wake(list_entry(descriptor->waiters.next, struct waiter, link));
}

static void sleep_until(nanoseconds deadline)
{
	struct timespec until = timespec_of(deadline);

	if (deadline == NEVER)
		error_ignore(ppoll(NULL, 0, NULL, NULL) < 0, "a signal ends it early");
	else if (deadline > 0)
		error_ignore(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0,
		             "a signal ends it early");
}

void unix_wait(void *state, nanoseconds deadline)
{
	struct epoll_event events[EVENTS_MAX];

	(void)state;
	if (waiting.waiters == 0) {
		sleep_until(deadline);
		return;
	}
	int count = epoll_wait_until(events, deadline);

	for (int i = 0; i < count; i++)
		descriptor_ready(events[i].data.fd, events[i].events);
}

/* Make `fd` an index of the table. */
static int table_grow(int fd)
{
	size_t size = waiting.table_size == 0 ? FIRST_TABLE_SIZE : waiting.table_size;

	if ((size_t)fd < waiting.table_size)
		return 0;
	while (size <= (size_t)fd)
		size *= 2;
	struct descriptor **table = reallocarray(waiting.table, size, sizeof(*table));

	if (table == NULL)
		return -ENOMEM;
	for (size_t i = waiting.table_size; i < size; i++)
		table[i] = NULL;
	waiting.table = table;
	waiting.table_size = size;
	return 0;
}

static int epoll_open(void)
{
	if (waiting.open)
		return 0;
	waiting.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (waiting.epoll < 0)
		return -ENOMEM;
	waiting.open = true;
	return 0;
}

static int descriptor_find(struct descriptor **descriptor, int fd)
{
	int result = fd < 0 ? -EBADF : epoll_open();

	if (result == 0)
		result = table_grow(fd);
	if (result != 0)
		return result;
	if (waiting.table[fd] == NULL) {
		waiting.table[fd] = calloc(1, sizeof(struct descriptor));
		if (waiting.table[fd] == NULL)
			return -ENOMEM;
		list_init(&waiting.table[fd]->waiters);
	}
	*descriptor = waiting.table[fd];
	return 0;
}

/* What epoll_ctl() says, in the words of unix_wait.h. */
static int arm_error(int error)
{
	switch (error) {
	case -EPERM: /* a regular file: always ready. Let others run, as waiting would. */
		return fiber_yield();
	case -ENOSPC:
		return -ENOMEM;
	default:
		return error;
	}
}

static int waiter_wait(struct waiter *waiter, nanoseconds deadline)
{
	while (!list_empty(&waiter->link)) {
		int result = wait_queue_wait(&waiter->queue, deadline);

		if (result != 0 && !list_empty(&waiter->link)) {
			list_remove(&waiter->link);
			waiting.waiters--;
			return result;
		}
	}
	return 0;
}

static int wait_for(int fd, uint32_t events, nanoseconds deadline)
{
	struct waiter waiter = { .events = events };
	struct pollfd look = { .fd = fd, .events = events == EPOLLIN ? POLLIN : POLLOUT };
	struct descriptor *descriptor;
	int result = descriptor_find(&descriptor, fd);

	if (result != 0)
		return result;
	wait_queue_init(&waiter.queue);
	list_append(&descriptor->waiters, &waiter.link);
	result = descriptor_arm(descriptor, fd);
	if (result != 0) {
		list_remove(&waiter.link);
		return arm_error(result);
	}
	waiting.waiters++;
	result = waiter_wait(&waiter, deadline);
	/* The run loop may not have looked before the deadline came. */
	if (result == -ETIMEDOUT && poll(&look, 1, 0) == 1)
		return 0;
	return result;
}

int unix_wait_readable(int fd, nanoseconds deadline)
{
	return wait_for(fd, EPOLLIN, deadline);
}

int unix_wait_writable(int fd, nanoseconds deadline)
{
	return wait_for(fd, EPOLLOUT, deadline);
}
