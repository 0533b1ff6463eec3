/* SPDX-License-Identifier: ISC */
/* An image with two disks and two networks; its command line says what to do with them. */
#include "test/images/hvt/guest.h"

IMAGE(SOLO5_TARGET_HVT, HVT_ABI_VERSION, 4, BLOCK("first"), NET("left"), BLOCK("second"),
      NET("right"))

enum {
	FIRST = 1,
	LEFT = 2,
	SECOND = 3,
	RIGHT = 4,
	FRAME_MAX = HVT_NET_RING_FRAME_MAX,
};

#define SECOND_NS UINT64_C(1000000000)

static uint8_t bytes[8192];
static uint8_t more[8192];

/* How frames come and go: NULL by hypercalls, otherwise by the ring. */
static struct hvt_net_ring *ring;
static uint8_t slots[HVT_NET_RING_SLOTS][FRAME_MAX];

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void copy(void *to, const void *from, size_t length)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
}

static void ring_put(uint32_t operation, uint64_t handle, const void *data, uint32_t length)
{
	uint32_t tail = ring->entry_tail;

	while (tail - load(&ring->entry_head) >= HVT_NET_RING_SLOTS - 1)
		__asm__ volatile("pause");
	ring->entries[tail % HVT_NET_RING_SLOTS] = (struct hvt_net_ring_entry){
		.operation = operation,
		.handle = (uint32_t)handle,
		.data = (uintptr_t)data,
		.length = length,
		.id = tail,
	};
	__atomic_store_n(&ring->entry_tail, tail + 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (load(&ring->needs_kick))
		port_write(HVT_PORT_NET_RING_KICK, 0);
}

static int32_t net_write(uint64_t handle, const void *frame, uint64_t length)
{
	if (ring != NULL) {
		uint32_t tail = ring->entry_tail;
		/* Before the slot is used again, its last frame must be gone. */
		while (tail - load(&ring->entry_head) >= HVT_NET_RING_SLOTS - 1)
			__asm__ volatile("pause");
		uint8_t *slot = slots[tail % HVT_NET_RING_SLOTS];
		copy(slot, frame, length);
		ring_put(HVT_NET_RING_WRITE, handle, slot, (uint32_t)length);
		return SOLO5_OK;
	}
	struct hvt_net argument = { handle, (uintptr_t)frame, length, -1 };
	hypercall(HVT_NET_WRITE, &argument);
	return argument.result;
}

static int32_t net_read(uint64_t handle, void *frame, uint64_t *length)
{
	if (ring != NULL) {
		uint32_t head = ring->commit_head;
		ring_put(HVT_NET_RING_READ, handle, frame, FRAME_MAX);
		while (load(&ring->commit_tail) == head)
			__asm__ volatile("pause");
		struct hvt_net_ring_commit commit = ring->commits[head % HVT_NET_RING_SLOTS];
		__atomic_store_n(&ring->commit_head, head + 1, __ATOMIC_RELEASE);
		*length = commit.length;
		return commit.result;
	}
	struct hvt_net argument = { handle, (uintptr_t)frame, FRAME_MAX, -1 };
	hypercall(HVT_NET_READ, &argument);
	*length = argument.length;
	return argument.result;
}

static void swap(uint8_t *a, uint8_t *b, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = a[i];
		a[i] = b[i];
		b[i] = byte;
	}
}

static void put_mac(uint8_t *at, const struct solo5_manifest_entry *entry)
{
	for (size_t i = 0; i < SOLO5_MAC_LENGTH; i++)
		at[i] = entry->net.mac[i];
}

/* Turn a request into its answer: ARP for any address, and ping. */
static bool answer(uint8_t *frame, uint64_t length, const struct solo5_manifest_entry *entry)
{
	if (length >= 42 && frame[12] == 8 && frame[13] == 6 && frame[21] == 1) {
		frame[21] = 2;
		swap(frame + 22, frame + 32, 10);
		put_mac(frame + 22, entry);
	} else if (length >= 42 && frame[12] == 8 && frame[13] == 0 && frame[14] == 0x45 &&
	           frame[23] == 1 && frame[34] == 8) {
		uint32_t sum = (uint32_t)(frame[36] << 8 | frame[37]) + 0x0800;
		sum = (sum & 0xffff) + (sum >> 16);
		frame[34] = 0;
		frame[36] = (uint8_t)(sum >> 8);
		frame[37] = (uint8_t)sum;
		swap(frame + 26, frame + 30, 4);
	} else {
		return false;
	}
	swap(frame, frame + 6, SOLO5_MAC_LENGTH);
	put_mac(frame + 6, entry);
	return true;
}

static bool is_ping_answer(const uint8_t *frame)
{
	return frame[13] == 0;
}

/* Answer until so many pings have been, on whatever network they come. */
static int serve(const struct solo5_manifest *manifest, uint64_t pings)
{
	static uint8_t frame[FRAME_MAX];
	uint64_t length;

	print("ready\n");
	for (uint64_t done = 0; done < pings;) {
		uint64_t ready = wait_for_net(60 * SECOND_NS);
		if (ready == 0)
			return 1;
		for (uint64_t handle = 0; handle <= RIGHT; handle++) {
			if (!(ready >> handle & 1))
				continue;
			if (net_read(handle, frame, &length) != SOLO5_OK)
				continue;
			if (!answer(frame, length, &manifest->entries[handle]))
				continue;
			done += is_ping_answer(frame);
			if (net_write(handle, frame, length) != SOLO5_OK)
				return 1;
		}
	}
	return 0;
}

/* Send frames as fast as they go, and tell how fast that was. */
static int flood(const struct hvt_boot *boot, uint64_t count)
{
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
	uint64_t before = cycles();

	for (uint64_t i = 0; i < count; i++)
		if (net_write(LEFT, frame, sizeof(frame)) != SOLO5_OK)
			return 1;
	print_number("ns per frame ",
	             (cycles() - before) / count * 1000000 / (boot->tsc_frequency_hz / 1000), "\n");
	return 0;
}

static int show(const struct solo5_manifest *manifest)
{
	for (uint32_t i = 1; i < manifest->entry_count; i++) {
		const struct solo5_manifest_entry *entry = &manifest->entries[i];
		print(entry->name);
		if (entry->type == SOLO5_DEVICE_BLOCK_BASIC) {
			print_number(" capacity ", entry->block.capacity, "");
			print_number(" size ", entry->block.block_size, "");
		} else {
			print_number(" mtu ", entry->net.mtu, "");
			print_number(" mac ", entry->net.mac[0], "");
			for (size_t j = 1; j < SOLO5_MAC_LENGTH; j++)
				print_number(".", entry->net.mac[j], "");
		}
		print_number(" backend ", entry->backend, "");
		print_number(" attached ", entry->attached, "\n");
	}
	return 0;
}

static int expect(const char *what, int32_t result, int32_t expected)
{
	if (result == expected)
		return 0;
	print(what);
	print_number(" gave ", (uint64_t)result, "\n");
	return 1;
}

static int disks(const struct solo5_manifest *manifest)
{
	uint64_t capacity = manifest->entries[FIRST].block.capacity;
	int bad = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i % 251);
	bad |= expect("write", block_transfer(HVT_BLOCK_WRITE, FIRST, 512, bytes, 512), SOLO5_OK);
	bad |= expect("write of many", block_transfer(HVT_BLOCK_WRITE, SECOND, 4096, bytes, 4096),
	              SOLO5_OK);
	bad |= expect("read", block_transfer(HVT_BLOCK_READ, FIRST, 512, more, 512), SOLO5_OK);
	for (size_t i = 0; i < 512; i++)
		bad |= more[i] != bytes[i];
	bad |= expect("read of what the host wrote",
	              block_transfer(HVT_BLOCK_READ, FIRST, 0, more, 512), SOLO5_OK);
	more[32] = '\0';
	print((const char *)more);
	bad |= expect("end", block_transfer(HVT_BLOCK_READ, FIRST, capacity - 512, more, 512),
	              SOLO5_OK);
	bad |= expect("beyond", block_transfer(HVT_BLOCK_READ, FIRST, capacity, more, 512),
	              SOLO5_EINVAL);
	bad |= expect("across", block_transfer(HVT_BLOCK_READ, FIRST, capacity - 512, more, 1024),
	              SOLO5_EINVAL);
	bad |= expect("wrapped", block_transfer(HVT_BLOCK_READ, FIRST, UINT64_MAX - 511, more, 512),
	              SOLO5_EINVAL);
	bad |= expect("network", block_transfer(HVT_BLOCK_READ, LEFT, 0, more, 512), SOLO5_EINVAL);
	bad |= expect("no device", block_transfer(HVT_BLOCK_READ, 64, 0, more, 512), SOLO5_EINVAL);
	bad |= expect("reserved", block_transfer(HVT_BLOCK_READ, 0, 0, more, 512), SOLO5_EINVAL);
	return bad;
}

/* What no sane guest does to the ring. */
static int misuse(const char *how)
{
	if (same(how, "tail")) {
		ring->entry_tail = 5000;
		port_write(HVT_PORT_NET_RING_KICK, 0);
	} else if (same(how, "pointer")) {
		ring_put(HVT_NET_RING_WRITE, LEFT, (const void *)UINT64_MAX, 60);
	} else if (same(how, "ring-pointer")) {
		ring_put(HVT_NET_RING_WRITE, LEFT, ring, 60);
	} else if (same(how, "device")) {
		ring_put(HVT_NET_RING_WRITE, FIRST, bytes, 60);
		ring_put(7, LEFT, bytes, 60);
		net_write(LEFT, bytes, 1);
		print("went on\n");
		return 0;
	}
	for (;;)
		__asm__ volatile("pause");
}

int image_main(const struct hvt_boot *boot, const char *command_line)
{
	const struct solo5_manifest *manifest = (const struct solo5_manifest *)boot->manifest;
	const char *argument;

	catch_traps();
	if ((argument = argument_of(command_line, "ring-serve")) != NULL ||
	    (argument = argument_of(command_line, "ring-flood")) != NULL ||
	    (argument = argument_of(command_line, "ring-misuse")) != NULL)
		ring = (struct hvt_net_ring *)boot->net_ring;
	if (argument != NULL && (ring == NULL || boot->host_features != HVT_FEATURE_NET_RING))
		return 9;
	if ((argument = argument_of(command_line, "ring-misuse")) != NULL)
		return misuse(argument);
	if ((argument = argument_of(command_line, "serve")) != NULL ||
	    (argument = argument_of(command_line, "ring-serve")) != NULL)
		return serve(manifest, number_of(argument));
	if ((argument = argument_of(command_line, "flood")) != NULL ||
	    (argument = argument_of(command_line, "ring-flood")) != NULL)
		return flood(boot, number_of(argument));
	if ((argument = argument_of(command_line, "pause-flood")) != NULL) {
		print("paused\n");
		wait_for_net(2 * SECOND_NS);
		for (uint64_t i = number_of(argument); i > 0; i--)
			net_write(LEFT, bytes, 60);
		print("went on\n");
		return 0;
	}
	if (same(command_line, "disks"))
		return disks(manifest);
	if (same(command_line, "short-frame"))
		return net_write(LEFT, bytes, 10) == SOLO5_EUNSPEC ? 0 : 1;
	return show(manifest);
}
