// SPDX-License-Identifier: ISC
/* The tender's process as a host: a system call for everything. */
#include "targets/spt/host.h"

#include <errno.h>
#include <stdbool.h>

#include "abi/spt_extension.h"
#include "targets/solo5/host.h"
#include "targets/spt/system_call.h"

enum {
	CONSOLE = 1,
	CLOCK_REAL = 0,
	CLOCK_MONO = 1,
	TIMER_ABSOLUTE = 1,
	EPOLL_DELETE = 2,
	EXIT_ABORT = 255,
	EVENTS_MAX = 32, /* a look; what does not fit comes at the next */
};

/* Of Linux; packed on x86-64 only. */
struct event {
	uint32_t events;
	uint64_t data;
}
#if defined(__x86_64__)
__attribute__((packed))
#endif
;

struct time_value {
	int64_t seconds;
	int64_t nanoseconds;
};

struct timer_value {
	struct time_value interval;
	struct time_value value;
};

static struct {
	const struct spt_boot *boot;
	const struct solo5_manifest *manifest;
	bool timer_armed;
} host;

void spt_host_start(const struct spt_boot *boot)
{
	host.boot = boot;
	host.manifest = (const struct solo5_manifest *)(uintptr_t)boot->manifest;
}

const struct solo5_manifest *host_manifest(void)
{
	return host.manifest;
}

void host_console_write(const void *bytes, size_t length)
{
	const char *next = bytes;

	while (length > 0) {
		long count = spt_system_call(CONSOLE, (long)next, (long)length, 0, 0, 0, SPT_WRITE);

		if (count == -EINTR)
			continue;
		if (count <= 0)
			return;
		next += count;
		length -= (size_t)count;
	}
}

static nanoseconds clock_read(long clock)
{
	struct time_value now = { 0, 0 };

	spt_system_call(clock, (long)&now, 0, 0, 0, 0, SPT_CLOCK_GETTIME);
	if (now.seconds < 0) /* a wall clock set before 1970 */
		return 0;
	return (nanoseconds)now.seconds * 1000000000 + (nanoseconds)now.nanoseconds;
}

nanoseconds host_clock_monotonic(void)
{
	return clock_read(CLOCK_MONO);
}

nanoseconds host_clock_wall(void)
{
	return clock_read(CLOCK_REAL);
}

/* Setting the timer also takes back that it has fired, which would end every wait at once. */
static void timer_set(nanoseconds deadline)
{
	struct timer_value value = { .interval = { 0, 0 } };

	if (deadline != NEVER) {
		value.value.seconds = (int64_t)(deadline / 1000000000);
		value.value.nanoseconds = (int64_t)(deadline % 1000000000) | 1;
	} else if (!host.timer_armed) {
		return;
	}
	host.timer_armed = deadline != NEVER;
	spt_system_call(host.boot->timer_descriptor, TIMER_ABSOLUTE, (long)&value, 0, 0, 0,
	                SPT_TIMERFD_SETTIME);
}

uint64_t host_wait(nanoseconds deadline)
{
	struct event events[EVENTS_MAX];
	uint64_t ready = 0;

	if (deadline > 0)
		timer_set(deadline);
	long count = spt_system_call(host.boot->epoll_descriptor, (long)events, EVENTS_MAX,
	                             deadline > 0 ? -1 : 0, 0, 0, SPT_EPOLL_PWAIT);

	for (long i = 0; i < count; i++)
		if (events[i].data != SPT_TIMER_EVENT)
			ready |= UINT64_C(1) << (events[i].data & 63);
	return ready;
}

/* The caller's handles come from solo5_manifest_find(). */
static const struct solo5_manifest_entry *entry_of(unsigned int handle)
{
	return &host.manifest->entries[handle];
}

static bool tender_forgets(void)
{
	const struct spt_extension *extension =
		(const struct spt_extension *)(uintptr_t)spt_extension_address(
			host.boot->command_line);

	return extension->mark == SPT_EXTENSION_MARK &&
	       (extension->features & SPT_FEATURE_FORGET) != 0;
}

void host_net_forget(unsigned int handle)
{
	if (tender_forgets())
		spt_system_call(host.boot->epoll_descriptor, EPOLL_DELETE,
		                entry_of(handle)->descriptor, 0, 0, 0, SPT_EPOLL_CTL);
}

int host_net_write(unsigned int handle, const void *frame, size_t length)
{
	long count = spt_system_call(entry_of(handle)->descriptor, (long)frame, (long)length, 0, 0,
	                             0, SPT_WRITE);

	return count == (long)length ? 0 : -EIO;
}

ssize_t host_net_read(unsigned int handle, void *frame, size_t size)
{
	long count = spt_system_call(entry_of(handle)->descriptor, (long)frame, (long)size, 0, 0, 0,
	                             SPT_READ);

	if (count > 0)
		return count;
	return count == 0 || count == -EAGAIN ? -EAGAIN : -EIO;
}

/* The tender's filter allows one block at a time. */
size_t host_block_span_max(unsigned int handle)
{
	return entry_of(handle)->block.block_size;
}

/* What the tender's filter would kill the image for. */
static bool block_allows(const struct solo5_manifest_entry *entry, uint64_t offset, size_t length)
{
	return length == entry->block.block_size && offset % length == 0 &&
	       length <= entry->block.capacity && offset <= entry->block.capacity - length;
}

int host_block_read(unsigned int handle, uint64_t offset, void *bytes, size_t length)
{
	const struct solo5_manifest_entry *entry = entry_of(handle);

	if (!block_allows(entry, offset, length))
		return -EINVAL;
	long count = spt_system_call(entry->descriptor, (long)bytes, (long)length, (long)offset, 0,
	                             0, SPT_PREAD64);

	return count == (long)length ? 0 : -EIO;
}

int host_block_write(unsigned int handle, uint64_t offset, const void *bytes, size_t length)
{
	const struct solo5_manifest_entry *entry = entry_of(handle);

	if (!block_allows(entry, offset, length))
		return -EINVAL;
	long count = spt_system_call(entry->descriptor, (long)bytes, (long)length, (long)offset, 0,
	                             0, SPT_PWRITE64);

	return count == (long)length ? 0 : -EIO;
}

no_return static void leave(long status)
{
	for (;;)
		spt_system_call(status, 0, 0, 0, 0, 0, SPT_EXIT_GROUP);
}

void host_exit(int status)
{
	leave(status);
}

void host_abort(void)
{
	leave(EXIT_ABORT);
}
