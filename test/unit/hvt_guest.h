/* SPDX-License-Identifier: ISC */
/*
 * A guest of the hvt tender without KVM: memory, two disks and two networks, for tests of what the
 * tender does for guests.
 */
#ifndef TEST_UNIT_HVT_GUEST_H
#define TEST_UNIT_HVT_GUEST_H

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abi/hvt.h"
#include "tenders/hvt/hypercall.h"

enum {
	GUEST_MEMORY = 0x400000,
	GUEST_CODE = 0x100000, /* read only */
	GUEST_CODE_END = 0x103000,
	GUEST_ARGUMENT = 0x200000,
	GUEST_DATA = 0x210000,
	GUEST_DISK = 1,
	GUEST_NET = 2,
	GUEST_OTHER_NET = 4,
	GUEST_DISK_SIZE = 8192,
};

struct test_guest {
	struct hypercalls calls;
	struct manifest manifest;
	struct reason reason;
	int net_peer, other_peer; /* the other ends of the networks */
	int console_out;          /* what the guest prints */
};

static inline int test_guest_net(struct test_guest *guest, unsigned int handle)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) != 0)
		abort();
	guest->manifest.entries[handle].type = SOLO5_DEVICE_NET_BASIC;
	guest->manifest.entries[handle].attached = 1;
	guest->manifest.entries[handle].descriptor = ends[0];
	return ends[1];
}

static inline void test_guest_init(struct test_guest *guest)
{
	struct solo5_manifest_entry *disk = &guest->manifest.entries[GUEST_DISK];
	int console[2];

	memset(guest, 0, sizeof(*guest));
	guest->manifest.version = 1;
	guest->manifest.entry_count = 5; /* the disk at 3 is declared and not attached */
	guest->manifest.entries[3].type = SOLO5_DEVICE_BLOCK_BASIC;
	disk->type = SOLO5_DEVICE_BLOCK_BASIC;
	disk->attached = 1;
	disk->block.capacity = GUEST_DISK_SIZE;
	disk->block.block_size = 512;
	disk->descriptor = memfd_create("disk", MFD_CLOEXEC);
	if (disk->descriptor < 0 || ftruncate(disk->descriptor, GUEST_DISK_SIZE) != 0)
		abort();
	guest->net_peer = test_guest_net(guest, GUEST_NET);
	guest->other_peer = test_guest_net(guest, GUEST_OTHER_NET);

	/* One byte more than the guest may use would be seen by the sanitizer. */
	guest->calls.memory.bytes = calloc(1, GUEST_MEMORY);
	guest->calls.memory.size = GUEST_MEMORY;
	guest->calls.memory.read_only_count = 1;
	guest->calls.memory.read_only[0] = (struct guest_range){ GUEST_CODE, GUEST_CODE_END };
	guest->calls.manifest = &guest->manifest;
	if (pipe2(console, O_NONBLOCK) != 0 || guest->calls.memory.bytes == NULL)
		abort();
	guest->calls.console = console[1];
	guest->console_out = console[0];
	if (readiness_open(&guest->calls.readiness, &guest->manifest, &guest->reason) != 0)
		abort();
}

static inline void test_guest_fini(struct test_guest *guest)
{
	free(guest->calls.memory.bytes);
	close(guest->manifest.entries[GUEST_DISK].descriptor);
	close(guest->manifest.entries[GUEST_NET].descriptor);
	close(guest->manifest.entries[GUEST_OTHER_NET].descriptor);
	close(guest->net_peer);
	close(guest->other_peer);
	close(guest->calls.console);
	close(guest->console_out);
	close(guest->calls.readiness.epoll_descriptor);
	close(guest->calls.readiness.timer_descriptor);
}

static inline void *test_guest_at(struct test_guest *guest, uint64_t address)
{
	return guest->calls.memory.bytes + address;
}

#endif
