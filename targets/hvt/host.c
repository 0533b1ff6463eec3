// SPDX-License-Identifier: ISC
/* The tender as a host: a hypercall for everything but the monotonic clock. */
#include "targets/hvt/host.h"

#include <errno.h>
#include <stdbool.h>

#include "targets/hvt/net_ring.h"
#include "targets/solo5/host.h"
#include "targets/x86_64/tsc.h"

enum {
	EXIT_ABORT = 255,
	BLOCK_SPAN_MAX = 256 * 1024, /* bytes */
};

static void kick(void)
{
	__asm__ volatile("outl %0, %w1" : : "a"(0), "d"(HVT_PORT_NET_RING_KICK) : "memory");
}

static const struct solo5_manifest *manifest;
static struct net_ring_writer net_ring = { .kick = kick };

void hvt_host_start(const struct hvt_boot *boot)
{
	net_ring.ring = net_ring_of_boot(boot);
	manifest = (const struct solo5_manifest *)(uintptr_t)boot->manifest;
}

const struct solo5_manifest *host_manifest(void)
{
	return manifest;
}

/* `argument` lies below 4 GiB, as all memory does. */
static void hypercall(enum hvt_hypercall number, void *argument)
{
	__asm__ volatile("outl %0, %w1"
	                 :
	                 : "a"((uint32_t)(uintptr_t)argument), "d"(HVT_PORT_BASE + number)
	                 : "memory");
}

static uint64_t guest_address(const void *pointer)
{
	return (uintptr_t)pointer;
}

void host_console_write(const void *bytes, size_t length)
{
	struct hvt_puts puts = { .data = guest_address(bytes), .length = length };

	hypercall(HVT_PUTS, &puts);
}

nanoseconds host_clock_monotonic(void)
{
	return tsc_clock();
}

nanoseconds host_clock_wall(void)
{
	struct hvt_wall_time now = { .nanoseconds = 0 };

	hypercall(HVT_WALL_TIME, &now);
	return now.nanoseconds;
}

uint64_t host_wait(nanoseconds deadline)
{
	nanoseconds now = deadline > 0 ? tsc_clock() : 0;
	struct hvt_poll poll = { .timeout_ns = deadline > now ? deadline - now : 0 };

	/* The tender's timer counts to 2^63. */
	if (poll.timeout_ns > INT64_MAX)
		poll.timeout_ns = INT64_MAX;
	hypercall(HVT_POLL, &poll);
	return poll.ready_set;
}

static int error_of(int32_t result)
{
	switch (result) {
	case SOLO5_OK:
		return 0;
	case SOLO5_AGAIN:
		return -EAGAIN;
	case SOLO5_EINVAL:
		return -EINVAL;
	default:
		return -EIO;
	}
}

/* The tender's poll leaves out what is gone. */
void host_net_forget(unsigned int handle)
{
	(void)handle;
}

int host_net_write(unsigned int handle, const void *frame, size_t length)
{
	struct hvt_net net = {
		.handle = handle,
		.data = guest_address(frame),
		.length = length,
		.result = SOLO5_EUNSPEC,
	};

	if (net_ring_write(&net_ring, handle, frame, length) == 0)
		return 0;
	hypercall(HVT_NET_WRITE, &net);
	return error_of(net.result);
}

ssize_t host_net_read(unsigned int handle, void *frame, size_t size)
{
	struct hvt_net net = {
		.handle = handle,
		.data = guest_address(frame),
		.length = size,
		.result = SOLO5_EUNSPEC,
	};

	hypercall(HVT_NET_READ, &net);
	if (net.result != SOLO5_OK)
		return error_of(net.result);
	return net.length > size ? -EIO : (ssize_t)net.length;
}

/*
 * Every tender takes any length (Solo5's too, whose bindings offer one block). What is moved at once
 * is bounded, because nothing else runs meanwhile.
 */
size_t host_block_span_max(unsigned int handle)
{
	size_t block_size = manifest->entries[handle].block.block_size;

	return BLOCK_SPAN_MAX - BLOCK_SPAN_MAX % block_size;
}

/* The tender checks the range, but neither length nor alignment. */
static bool block_allows(unsigned int handle, uint64_t offset, size_t length)
{
	const struct solo5_manifest_block *block = &manifest->entries[handle].block;

	return length <= BLOCK_SPAN_MAX && length % block->block_size == 0 &&
	       offset % block->block_size == 0 && length <= block->capacity &&
	       offset <= block->capacity - length;
}

static int block_call(enum hvt_hypercall number, struct hvt_block block)
{
	if (!block_allows((unsigned int)block.handle, block.offset, block.length))
		return -EINVAL;
	block.result = SOLO5_EUNSPEC;
	hypercall(number, &block);
	return error_of(block.result);
}

int host_block_read(unsigned int handle, uint64_t offset, void *bytes, size_t length)
{
	return block_call(HVT_BLOCK_READ, (struct hvt_block){
						  .handle = handle,
						  .offset = offset,
						  .data = guest_address(bytes),
						  .length = length,
					  });
}

int host_block_write(unsigned int handle, uint64_t offset, const void *bytes, size_t length)
{
	return block_call(HVT_BLOCK_WRITE, (struct hvt_block){
						   .handle = handle,
						   .offset = offset,
						   .data = guest_address(bytes),
						   .length = length,
					   });
}

void hvt_halt(int status, const struct hvt_trap_cookie *cookie)
{
	struct hvt_halt halt = { .cookie = guest_address(cookie), .exit_status = status };

	for (;;)
		hypercall(HVT_HALT, &halt);
}

void host_exit(int status)
{
	hvt_halt(status, NULL);
}

void host_abort(void)
{
	hvt_halt(EXIT_ABORT, NULL);
}
