/* SPDX-License-Identifier: ISC */
/* An image without devices; its command line says what to try. */
#include "test/images/hvt/guest.h"

IMAGE_WITHOUT_DEVICES(SOLO5_TARGET_HVT, HVT_ABI_VERSION)

#define SECOND UINT64_C(1000000000)

static uint8_t data[64] = { 0xc3 }; /* ret */

static int hello(const struct hvt_boot *boot)
{
	print_number("memory ", boot->memory_size >> 20, " MiB\n");
	print_number("ring ", boot->net_ring, "\n");
	print("Hello from a guest\n");
	return 0;
}

static int tls(void)
{
	static uint64_t block[2] = { 4711, 815 };
	uint64_t first, second;

	set_tls_base(block);
	__asm__ volatile("mov %%fs:0, %0\n\tmov %%fs:8, %1" : "=r"(first), "=r"(second));
	return first == block[0] && second == block[1] ? 0 : 1;
}

static int write_code(void)
{
	*(volatile uint8_t *)(uintptr_t)image_main = 0xf4;
	print("wrote to code\n");
	return 0;
}

static int write_constant(void)
{
	*(volatile uint32_t *)(uintptr_t)&image_abi = 0;
	print("wrote to a constant\n");
	return 0;
}

static int execute(const void *code)
{
	((void (*)(void))(uintptr_t)code)();
	print("executed data\n");
	return 0;
}

static int read_address(uintptr_t address)
{
	__asm__ volatile("" : "+r"(address));
	print_number("read ", *(volatile uint8_t *)address, "\n");
	return 0;
}

static int write_address(uintptr_t address)
{
	__asm__ volatile("" : "+r"(address));
	*(volatile uint8_t *)address = 1;
	print("wrote\n");
	return 0;
}

static int puts_at(uint64_t address, uint64_t length)
{
	struct hvt_puts argument = { address, length };

	hypercall(HVT_PUTS, &argument);
	print("went on\n");
	return 0;
}

static int clock(void)
{
	struct hvt_wall_time argument = { 0 };

	hypercall(HVT_WALL_TIME, &argument);
	print_number("seconds ", argument.nanoseconds / SECOND, "\n");
	return 0;
}

/* Wait, and tell what the cycle counter says it took. */
static int sleep_ms(const struct hvt_boot *boot, uint64_t milliseconds)
{
	uint64_t before = cycles();
	uint64_t ready = wait_for_net(milliseconds * 1000000);
	uint64_t taken = cycles() - before;

	print_number("slept ms ", taken / (boot->tsc_frequency_hz / 1000), "\n");
	return ready == 0 ? 0 : 1;
}

static int calls(const struct hvt_boot *boot, uint64_t count)
{
	struct hvt_wall_time argument;
	uint64_t before = cycles();

	for (uint64_t i = 0; i < count; i++)
		hypercall(HVT_WALL_TIME, &argument);
	uint64_t taken = cycles() - before;
	print_number("ns per call ", taken / count * 1000000 / (boot->tsc_frequency_hz / 1000),
	             "\n");
	return 0;
}

/* Something for a debugger to stop at and look into. */
volatile uint64_t counted;

__attribute__((noinline, used)) uint64_t count_up(uint64_t by)
{
	counted += by;
	return counted;
}

static int count(void)
{
	for (uint64_t i = 1; i <= 10; i++)
		count_up(i);
	print_number("counted ", counted, "\n");
	return 0;
}

static int fault(const struct hvt_boot *boot, const char *what)
{
	if (same(what, "write-code"))
		return write_code();
	if (same(what, "write-constant"))
		return write_constant();
	if (same(what, "execute-data"))
		return execute(data);
	if (same(what, "execute-heap")) {
		*(volatile uint8_t *)(boot->memory_size / 2) = 0xc3;
		return execute((const void *)(boot->memory_size / 2));
	}
	if (same(what, "page-zero"))
		return read_address(0);
	if (same(what, "page-tables"))
		return read_address(HVT_PAGE_MAP);
	if (same(what, "write-boot"))
		return write_address(HVT_BOOT);
	if (same(what, "beyond"))
		return read_address(boot->memory_size);
	if (same(what, "hlt"))
		__asm__ volatile("hlt");
	if (same(what, "loop")) {
		print("looping\n");
		for (;;)
			__asm__ volatile("pause");
	}
	if (same(what, "triple")) {
		__asm__ volatile("push $0\n\tpush $0\n\tlidt (%rsp)\n\tud2");
	}
	return 99;
}

static int bad_call(const struct hvt_boot *boot, const char *what)
{
	if (same(what, "pointer"))
		port_write(HVT_PORT_BASE + HVT_PUTS, 0xfffffff0);
	if (same(what, "buffer"))
		return puts_at(boot->memory_size - 4, 5);
	if (same(what, "last-byte"))
		return puts_at(boot->memory_size - 4, 4);
	if (same(what, "wrap"))
		return puts_at(HVT_IMAGE, UINT64_MAX - 8);
	if (same(what, "code"))
		port_write(HVT_PORT_BASE + HVT_WALL_TIME, HVT_IMAGE);
	if (same(what, "tables"))
		port_write(HVT_PORT_BASE + HVT_WALL_TIME, HVT_PAGE_MAP);
	if (same(what, "port"))
		port_write(0x80, 0);
	if (same(what, "kick"))
		port_write(HVT_PORT_NET_RING_KICK, 0);
	if (same(what, "number"))
		port_write(HVT_PORT_BASE + 9, 0);
	if (same(what, "byte"))
		__asm__ volatile("outb %%al, %%dx" : : "a"(0), "d"(HVT_PORT_BASE + HVT_PUTS));
	if (same(what, "in"))
		__asm__ volatile("inl %%dx, %%eax" : : "d"(HVT_PORT_BASE + HVT_PUTS) : "eax");
	if (same(what, "net")) {
		struct hvt_net argument = { .handle = 1 };
		hypercall(HVT_NET_READ, &argument);
	}
	if (same(what, "block"))
		block_transfer(HVT_BLOCK_READ, 1, 0, data, sizeof(data));
	if (same(what, "cookie"))
		halt(0, (const void *)(boot->memory_size - 8));
	print("went on\n");
	return 0;
}

int image_main(const struct hvt_boot *boot, const char *command_line)
{
	const char *argument;

	catch_traps();
	if ((argument = argument_of(command_line, "exit")) != NULL)
		return (int)number_of(argument);
	if ((argument = argument_of(command_line, "fault")) != NULL)
		return fault(boot, argument);
	if ((argument = argument_of(command_line, "call")) != NULL)
		return bad_call(boot, argument);
	if ((argument = argument_of(command_line, "sleep")) != NULL)
		return sleep_ms(boot, number_of(argument));
	if ((argument = argument_of(command_line, "calls")) != NULL)
		return calls(boot, number_of(argument));
	if (same(command_line, "tls"))
		return tls();
	if (same(command_line, "clock"))
		return clock();
	if (same(command_line, "count"))
		return count();
	if (same(command_line, "hello") || *command_line == '\0')
		return hello(boot);
	print("arguments: ");
	print(command_line);
	print("\n");
	return 0;
}
