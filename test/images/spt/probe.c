/* SPDX-License-Identifier: ISC */
/*
 * An spt image that does what the first word of its command line says, and ends with 0 if that went
 * as it should. Its own view of the ABI: nothing from abi/ is used.
 */
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

struct device {
	char name[68];
	uint32_t type;
	union {
		struct {
			uint64_t capacity;
			uint16_t block_size;
		};
		struct {
			uint8_t mac[6];
			uint16_t mtu;
		};
	};
	union {
		int descriptor;
		uint64_t backend;
	};
	uint8_t attached;
};

struct boot {
	uint64_t memory_size;
	uint64_t image_end;
	const char *command_line;
	const struct {
		uint32_t version;
		uint32_t count;
		struct device devices[];
	} * manifest;
	int epoll;
	int timer;
};

_Static_assert(sizeof(struct device) == 104, "manifest entry");
_Static_assert(sizeof(struct boot) == 40, "boot information");

struct probe {
	const struct boot *boot;
	uint64_t stack;
	uint64_t registers;   /* those that must be zero, or-ed together */
	const char *argument; /* what follows the first word */
};

extern char _end[];
static uint8_t block[65536];
static uint8_t zero[65536]; /* stays so: .bss must be zero */
static volatile uint32_t data = 0x600df00d;

static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static void finish(int status)
{
	for (;;)
		call(CALL_EXIT_GROUP, status, 0, 0, 0);
}

static size_t length_of(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	return length;
}

static void print(const char *text)
{
	call(CALL_WRITE, 1, (long)text, (long)length_of(text), 0);
}

static void print_number(uint64_t number, unsigned base, size_t width)
{
	char text[24];
	char *at = text + sizeof(text) - 1;

	*at = '\0';
	do {
		*--at = "0123456789abcdef"[number % base];
		number /= base;
	} while (number > 0 || (size_t)(text + sizeof(text) - 1 - at) < width);
	print(at);
}

static void print_field(const char *name, uint64_t number)
{
	print(" ");
	print(name);
	print("=");
	print_number(number, 10, 1);
}

static uint64_t number_in(const char *text)
{
	uint64_t number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (uint64_t)(*text - '0');
	return number;
}

/* The device whose handle the argument begins with. */
static const struct device *chosen(const struct probe *probe)
{
	uint64_t handle = number_in(probe->argument);

	if (handle == 0 || handle >= probe->boot->manifest->count)
		finish(2);
	return &probe->boot->manifest->devices[handle];
}

static int do_hello(const struct probe *probe)
{
	(void)probe;
	print("Hello, World\n");
	return 0;
}

static int do_echo(const struct probe *probe)
{
	print("[");
	print(probe->boot->command_line);
	print("]\n");
	return 0;
}

static int do_exit(const struct probe *probe)
{
	return (int)number_in(probe->argument);
}

/* What the tender passed, and whether memory is as it should be. */
static int do_boot(const struct probe *probe)
{
	print("boot");
	print_field("boot", (uint64_t)(uintptr_t)probe->boot);
	print_field("memory", probe->boot->memory_size);
	print_field("stack", probe->stack);
	print_field("end", probe->boot->image_end);
	print_field("manifest", (uint64_t)(uintptr_t)probe->boot->manifest);
	print_field("command", (uint64_t)(uintptr_t)probe->boot->command_line);
	print("\n");
	for (size_t i = 0; i < sizeof(zero); i++) {
		if (zero[i] != 0)
			return 3;
	}
	if (data != 0x600df00d)
		return 4;
	/* The first and the last bytes of the heap. */
	volatile char *heap = _end;
	volatile char *last = pointer(probe->boot->memory_size - 1);
	if (heap[0] != 0 || last[0] != 0)
		return 5;
	heap[0] = last[0] = 1;
	return 0;
}

static int do_registers(const struct probe *probe)
{
	return probe->registers == 0 ? 0 : 3;
}

static int do_devices(const struct probe *probe)
{
	for (uint32_t i = 0; i < probe->boot->manifest->count; i++) {
		const struct device *device = &probe->boot->manifest->devices[i];

		print("device ");
		print_number(i, 10, 1);
		print(" '");
		print(device->name);
		print("'");
		print_field("type", device->type);
		print_field("attached", device->attached);
		if (device->type == 1) {
			print_field("capacity", device->capacity);
			print_field("block", device->block_size);
		}
		if (device->type == 2) {
			print_field("mtu", device->mtu);
			print(" mac=");
			for (size_t j = 0; j < sizeof(device->mac); j++) {
				print(j > 0 ? ":" : "");
				print_number(device->mac[j], 16, 2);
			}
		}
		print("\n");
	}
	return 0;
}

/* Each block of each block device is written with its number and read back. */
static int do_blocks(const struct probe *probe)
{
	for (uint32_t i = 1; i < probe->boot->manifest->count; i++) {
		const struct device *device = &probe->boot->manifest->devices[i];

		if (device->type != 1)
			continue;
		for (uint64_t at = 0; at < device->capacity; at += device->block_size) {
			block[0] = (uint8_t)i;
			block[device->block_size - 1] = (uint8_t)(at / device->block_size);
			if (call(CALL_PWRITE, device->descriptor, (long)block, device->block_size,
			         (long)at) != device->block_size)
				return 3;
		}
		for (uint64_t at = 0; at < device->capacity; at += device->block_size) {
			if (call(CALL_PREAD, device->descriptor, (long)block, device->block_size,
			         (long)at) != device->block_size)
				return 4;
			if (block[0] != (uint8_t)i ||
			    block[device->block_size - 1] != (uint8_t)(at / device->block_size))
				return 5;
		}
	}
	print("blocks ok\n");
	return 0;
}

/* Arm the timer for `nanoseconds` from now; wait; return the data of the first event. */
static uint64_t wait(const struct probe *probe, int64_t nanoseconds)
{
	struct __attribute__((packed)) event {
		uint32_t events;
#ifdef __aarch64__
		uint32_t padding;
#endif
		uint64_t data;
	} events[64];
	int64_t times[4] = { 0 };

	if (call(CALL_CLOCK_GETTIME, 1, (long)&times[2], 0, 0) != 0)
		finish(6);
	times[2] += nanoseconds / 1000000000;
	times[3] += nanoseconds % 1000000000;
	if (times[3] >= 1000000000) {
		times[2]++;
		times[3] -= 1000000000;
	}
	if (call(CALL_TIMERFD_SETTIME, probe->boot->timer, 1, (long)times, 0) != 0)
		finish(7);
	if (call(CALL_EPOLL_PWAIT, probe->boot->epoll, (long)events, 64, -1) < 1)
		finish(8);
	return events[0].data;
}

static int do_sleep(const struct probe *probe)
{
	int64_t before[2];
	int64_t after[2];

	if (call(CALL_CLOCK_GETTIME, 0, (long)before, 0, 0) != 0)
		return 3;
	if (before[0] < 1700000000) /* the wall clock */
		return 4;
	if (call(CALL_CLOCK_GETTIME, 1, (long)before, 0, 0) != 0)
		return 5;
	uint64_t event = wait(probe, 20000000);
	call(CALL_CLOCK_GETTIME, 1, (long)after, 0, 0);
	if (event != 0xfffffffe)
		return 9;
	if ((after[0] - before[0]) * 1000000000 + after[1] - before[1] < 20000000)
		return 10;
	print("slept\n");
	return 0;
}

/* Send frames back to where they came from, addresses swapped, as many as the argument says. */
static int do_reflect(const struct probe *probe)
{
	uint64_t wanted = number_in(probe->argument);

	print("ready\n");
	while (wanted > 0) {
		uint64_t handle = wait(probe, INT64_C(10000000000));

		if (handle >= probe->boot->manifest->count)
			return 3; /* the timer */
		const struct device *device = &probe->boot->manifest->devices[handle];
		long length = call(CALL_READ, device->descriptor, (long)block, sizeof(block), 0);
		/* Only frames of our own experimental type; the host's own chatter is dropped. */
		if (length < 14 || block[12] != 0x88 || block[13] != 0xb5)
			continue;
		for (size_t i = 0; i < 6; i++) {
			block[i] = block[6 + i];
			block[6 + i] = device->mac[i];
		}
		if (call(CALL_WRITE, device->descriptor, (long)block, length, 0) != length)
			return 4;
		wanted--;
	}
	print("reflected\n");
	return 0;
}

static uint64_t monotonic(void)
{
	int64_t time[2];

	if (call(CALL_CLOCK_GETTIME, 1, (long)time, 0, 0) != 0)
		finish(6);
	return (uint64_t)time[0] * 1000000000 + (uint64_t)time[1];
}

enum operation {
	READ_BLOCKS,
	WRITE_BLOCKS,
	SEND_FRAMES,
	RECEIVE_FRAMES,
};

/* For bench/: do one thing with the first device COUNT times; "SIZE COUNT" is the argument. */
static int repeat(const struct probe *probe, enum operation operation)
{
	const struct device *device = &probe->boot->manifest->devices[1];
	const char *count = probe->argument;
	long size = (long)number_in(probe->argument);
	long offset = 0;

	while (*count != ' ')
		count++;
	block[12] = 0x88;
	block[13] = 0xb5;
	uint64_t wanted = number_in(count + 1);
	uint64_t begin = monotonic();
	for (uint64_t done = 0; done < wanted; done++) {
		long moved = size;

		switch (operation) {
		case READ_BLOCKS:
			moved = call(CALL_PREAD, device->descriptor, (long)block, size, offset);
			break;
		case WRITE_BLOCKS:
			moved = call(CALL_PWRITE, device->descriptor, (long)block, size, offset);
			break;
		case SEND_FRAMES:
			moved = call(CALL_WRITE, device->descriptor, (long)block, size, 0);
			break;
		case RECEIVE_FRAMES:
			if (call(CALL_READ, device->descriptor, (long)block, sizeof(block), 0) < 0)
				done--; /* not there yet */
			break;
		}
		if (moved != size)
			return 3;
		offset += size;
		if ((uint64_t)offset >= device->capacity)
			offset = 0;
	}
	print_number(monotonic() - begin, 10, 1);
	print("\n");
	return 0;
}

static int do_read_blocks(const struct probe *probe)
{
	return repeat(probe, READ_BLOCKS);
}

static int do_write_blocks(const struct probe *probe)
{
	return repeat(probe, WRITE_BLOCKS);
}

static int do_send_frames(const struct probe *probe)
{
	return repeat(probe, SEND_FRAMES);
}

static int do_receive_frames(const struct probe *probe)
{
	return repeat(probe, RECEIVE_FRAMES);
}

/* From here on: what must end the process. Whatever comes back ends with 99. */

static int do_write_code(const struct probe *probe)
{
	*(volatile char *)pointer(0x100000) = 0;
	(void)probe;
	return 99;
}

static int execute(void *code)
{
#if defined(__x86_64__)
	*(volatile uint8_t *)code = 0xc3; /* ret */
#else
	*(volatile uint32_t *)code = 0xd65f03c0;
	__asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb"
	                 :
	                 : "r"(code)
	                 : "memory");
#endif
	((void (*)(void))code)();
	return 99;
}

static int do_execute_data(const struct probe *probe)
{
	(void)probe;
	return execute(block);
}

/* With --x-exec-heap this one is allowed, and gives 99. */
static int do_execute_heap(const struct probe *probe)
{
	(void)probe;
	return execute(_end);
}

static int do_execute_stack(const struct probe *probe)
{
	uint32_t code = 0;

	(void)probe;
	return execute(&code);
}

static int do_page_zero(const struct probe *probe)
{
	volatile char *null = NULL;

	(void)probe;
	__asm__ volatile("" : "+r"(null));
	*null = 1;
	return 99;
}

static int do_beyond(const struct probe *probe)
{
	*(volatile char *)pointer(probe->boot->memory_size) = 1;
	return 99;
}

static int do_trap(const struct probe *probe)
{
	(void)probe;
	__builtin_trap();
	return 99;
}

static int do_call(const struct probe *probe)
{
	call((long)number_in(probe->argument), 0, 0, 0, 0);
	return 99;
}

#ifdef __x86_64__
/* getpid by the 32-bit convention, whose numbers are others. */
static int do_call32(const struct probe *probe)
{
	long result;

	(void)probe;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
	return 99;
}

/* exit_group by the x32 convention. */
static int do_callx32(const struct probe *probe)
{
	(void)probe;
	call(0x40000000 + CALL_EXIT_GROUP, 0, 0, 0, 0);
	return 99;
}
#endif

static int do_write_to(const struct probe *probe)
{
	call(CALL_WRITE, (long)number_in(probe->argument), (long)"x", 1, 0);
	return 99;
}

static int do_clock(const struct probe *probe)
{
	int64_t time[2];

	call(CALL_CLOCK_GETTIME, (long)number_in(probe->argument), (long)time, 0, 0);
	return 99;
}

static int do_epoll_other(const struct probe *probe)
{
	call(CALL_EPOLL_PWAIT, probe->boot->timer, (long)block, 1, 0);
	return 99;
}

static int do_epoll_mask(const struct probe *probe)
{
	call6(CALL_EPOLL_PWAIT, probe->boot->epoll, (long)block, 1, 0, (long)block, 8);
	return 99;
}

static int do_read_device(const struct probe *probe)
{
	call(CALL_READ, chosen(probe)->descriptor, (long)block, 1, 0);
	return 99;
}

static int do_pread_device(const struct probe *probe)
{
	call(CALL_PREAD, chosen(probe)->descriptor, (long)block, 512, 0);
	return 99;
}

static int do_two_blocks(const struct probe *probe)
{
	const struct device *device = chosen(probe);

	call(CALL_PREAD, device->descriptor, (long)block, 2 * device->block_size, 0);
	return 99;
}

static int do_past_the_end(const struct probe *probe)
{
	const struct device *device = chosen(probe);

	call(CALL_PWRITE, device->descriptor, (long)block, device->block_size,
	     (long)(device->capacity - device->block_size + 1));
	return 99;
}

static int do_negative_offset(const struct probe *probe)
{
	const struct device *device = chosen(probe);

	call(CALL_PREAD, device->descriptor, (long)block, device->block_size, -4096);
	return 99;
}

static const struct action {
	const char *name;
	int (*run)(const struct probe *probe);
} actions[] = {
	{ "hello", do_hello },
	{ "echo", do_echo },
	{ "exit", do_exit },
	{ "boot", do_boot },
	{ "registers", do_registers },
	{ "devices", do_devices },
	{ "blocks", do_blocks },
	{ "sleep", do_sleep },
	{ "reflect", do_reflect },
	{ "read-blocks", do_read_blocks },
	{ "write-blocks", do_write_blocks },
	{ "send-frames", do_send_frames },
	{ "receive-frames", do_receive_frames },
	{ "write-code", do_write_code },
	{ "execute-data", do_execute_data },
	{ "execute-heap", do_execute_heap },
	{ "execute-stack", do_execute_stack },
	{ "page-zero", do_page_zero },
	{ "beyond", do_beyond },
	{ "trap", do_trap },
	{ "call", do_call },
#ifdef __x86_64__
	{ "call32", do_call32 },
	{ "callx32", do_callx32 },
#endif
	{ "write-to", do_write_to },
	{ "clock", do_clock },
	{ "epoll-other", do_epoll_other },
	{ "epoll-mask", do_epoll_mask },
	{ "read-device", do_read_device },
	{ "pread-device", do_pread_device },
	{ "two-blocks", do_two_blocks },
	{ "past-the-end", do_past_the_end },
	{ "negative-offset", do_negative_offset },
};

/* Where `text` goes on after `word`, or NULL if it does not begin with it. */
static const char *after(const char *text, const char *word)
{
	for (; *word != '\0'; word++, text++) {
		if (*text != *word)
			return NULL;
	}
	if (*text == ' ')
		return text + 1;
	return *text == '\0' ? text : NULL;
}

void probe(const struct boot *boot, uint64_t stack, uint64_t registers);

void probe(const struct boot *boot, uint64_t stack, uint64_t registers)
{
	struct probe self = { boot, stack, registers, NULL };

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		self.argument = after(boot->command_line, actions[i].name);
		if (self.argument != NULL)
			finish(actions[i].run(&self));
	}
	print("probe: what is '");
	print(boot->command_line);
	print("'?\n");
	finish(98);
}
