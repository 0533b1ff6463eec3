/* SPDX-License-Identifier: ISC */
#include "test/images/hvt/guest.h"

__attribute__((naked, noreturn, used)) void _start(void);
__attribute__((noreturn, used)) void start(const struct hvt_boot *boot);

void _start(void)
{
	__asm__("xor %ebp, %ebp\n\tcall start");
}

void start(const struct hvt_boot *boot)
{
	halt(image_main(boot, (const char *)boot->command_line), NULL);
}

void halt(int status, const void *cookie)
{
	struct hvt_halt argument = { (uintptr_t)cookie, status };

	hypercall(HVT_HALT, &argument);
	__builtin_unreachable();
}

void print(const char *text)
{
	struct hvt_puts argument = { (uintptr_t)text, 0 };

	while (text[argument.length] != '\0')
		argument.length++;
	hypercall(HVT_PUTS, &argument);
}

void print_number(const char *before, uint64_t number, const char *after)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	print(before);
	print(digits + at);
	print(after);
}

bool same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

uint64_t number_of(const char *text)
{
	uint64_t number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (uint64_t)(*text - '0');
	return number;
}

uint64_t wait_for_net(uint64_t timeout_ns)
{
	struct hvt_poll argument = { .timeout_ns = timeout_ns };

	hypercall(HVT_POLL, &argument);
	return argument.ready_set;
}

int32_t block_transfer(enum hvt_hypercall number, uint64_t handle, uint64_t offset, void *bytes,
                       uint64_t length)
{
	struct hvt_block argument = { handle, offset, (uintptr_t)bytes, length, -1 };

	hypercall(number, &argument);
	return argument.result;
}

const char *argument_of(const char *text, const char *name)
{
	while (*name != '\0')
		if (*text++ != *name++)
			return NULL;
	return *text == '=' ? text + 1 : NULL;
}
