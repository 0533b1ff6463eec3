// SPDX-License-Identifier: ISC
/*
 * Hypercalls and the ring of a hostile guest: the input is a list of what it does. Nothing may be
 * read or written outside its memory (the sanitizer watches), and its code stays as it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tenders/hvt/net_ring.h"
#include "test/unit/hvt_guest.h"

struct input {
	const uint8_t *bytes;
	size_t left;
};

static uint64_t take(struct input *input, size_t size)
{
	uint64_t value = 0;

	if (size > input->left)
		size = input->left;
	memcpy(&value, input->bytes, size);
	input->bytes += size;
	input->left -= size;
	return value;
}

/* Addresses at and around what matters, or any. */
static uint64_t address(struct input *input)
{
	static const uint64_t places[] = {
		0,          0x10000,      GUEST_CODE, GUEST_CODE_END, GUEST_ARGUMENT,
		GUEST_DATA, GUEST_MEMORY, UINT64_MAX
	};
	uint8_t choice = (uint8_t)take(input, 1);

	if (choice & 0x80)
		return take(input, 8);
	return places[choice & 7] + (uint64_t)(int64_t)(int16_t)take(input, 2);
}

static void empty_peers(struct test_guest *guest)
{
	char bytes[64];

	while (recv(guest->net_peer, bytes, sizeof(bytes), 0) >= 0)
		continue;
	while (recv(guest->other_peer, bytes, sizeof(bytes), 0) >= 0)
		continue;
	while (read(guest->console_out, bytes, sizeof(bytes)) > 0)
		continue;
}

static void make_call(struct test_guest *guest, struct input *input)
{
	uint64_t at = address(input);
	uint64_t argument[5];

	for (size_t i = 0; i < 5; i++)
		argument[i] = i % 2 == 0 ? take(input, 1) : address(input);
	/* A poll must come back. */
	if (at < GUEST_MEMORY - sizeof(argument) && at >= GUEST_CODE_END)
		memcpy(test_guest_at(guest, at), argument, sizeof(argument));
	uint16_t port = (uint16_t)(0x500 + take(input, 1) % 10);
	if (port != 0x503 || at < GUEST_CODE_END || at >= GUEST_MEMORY - 24)
		error_ignore(hypercall(&guest->calls, port, (uint32_t)at, &guest->reason),
		             "whatever it says");
	empty_peers(guest);
}

static void use_ring(struct test_guest *guest, struct net_ring *ring, struct input *input)
{
	struct hvt_net_ring_entry entry = {
		.operation = (uint32_t)take(input, 1) % 4,
		.handle = (uint32_t)take(input, 1) % 8,
		.data = address(input),
		.length = (uint32_t)address(input),
		.id = (uint32_t)take(input, 1),
	};

	ring->shared->entries[ring->shared->entry_tail % HVT_NET_RING_SLOTS] = entry;
	ring->shared->entry_tail += (uint32_t)take(input, 1) % 3;
	if (take(input, 1) == 0)
		ring->shared->entry_tail = (uint32_t)take(input, 4);
	error_ignore(net_ring_service(ring, &guest->reason) < 0, "whatever it says");
	empty_peers(guest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made once: memory with a page behind it that cannot be touched, and devices. */
static void make_guest(struct test_guest *guest)
{
	test_guest_init(guest);
	free(guest->calls.memory.bytes);
	guest->calls.memory.bytes = mmap(NULL, GUEST_MEMORY + 4096, PROT_READ | PROT_WRITE,
	                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guest->calls.memory.bytes == MAP_FAILED ||
	    mprotect(guest->calls.memory.bytes + GUEST_MEMORY, 4096, PROT_NONE) != 0)
		abort();
}

/* The same for each input. */
static void clean_guest(struct test_guest *guest)
{
	int disk = guest->manifest.entries[GUEST_DISK].descriptor;

	empty_peers(guest);
	if (madvise(guest->calls.memory.bytes, GUEST_MEMORY, MADV_DONTNEED) != 0 ||
	    ftruncate(disk, 0) != 0 || ftruncate(disk, GUEST_DISK_SIZE) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct test_guest guest;
	static struct hvt_net_ring shared;
	struct input input = { data, size };
	struct net_ring ring;

	if (guest.calls.memory.bytes == NULL)
		make_guest(&guest);
	clean_guest(&guest);
	memset(&shared, 0, sizeof(shared));
	net_ring_init(&ring, &shared, &guest.calls.memory, &guest.manifest, -1);
	error_ignore(send(guest.net_peer, "a frame for the guest", 21, 0) < 0, "none then");
	while (input.left > 0) {
		if (take(&input, 1) & 1)
			make_call(&guest, &input);
		else
			use_ring(&guest, &ring, &input);
	}
	for (size_t i = GUEST_CODE; i < GUEST_CODE_END; i++)
		if (guest.calls.memory.bytes[i] != 0)
			abort();
	return 0;
}
