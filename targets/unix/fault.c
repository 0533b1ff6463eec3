/* SPDX-License-Identifier: ISC */
/*
 * Faults: an overflowed stack is reported by its fiber's name; the process then dies of the signal
 * as it would have without us, core dump included.
 *
 * The handler runs on a stack of its own, since the fiber has none left, and uses nothing that is
 * not async-signal-safe: no stdio and no heap.
 */
#include "targets/unix/operations.h"

#include <signal.h>
#include <string.h>

#include "runtime/fiber_fault.h"

enum {
	HANDLER_STACK_SIZE = 64 << 10, /* wide vector registers are saved on it too */
	MESSAGE_SIZE = 256,
	NAME_MAX_SHOWN = 100,
};

static size_t append(char message[MESSAGE_SIZE], size_t length, const char *text)
{
	size_t text_length = strnlen(text, NAME_MAX_SHOWN);

	memcpy(message + length, text, text_length);
	return length + text_length;
}

static size_t append_number(char message[MESSAGE_SIZE], size_t length, size_t number)
{
	char digits[24];
	char *first = digits + sizeof(digits) - 1;

	*first = '\0';
	do {
		*--first = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return append(message, length, first);
}

static void report_overflow(const char *fiber, size_t stack_size)
{
	char message[MESSAGE_SIZE];
	size_t length = append(message, 0, "fiber '");

	length = append(message, length, fiber);
	length = append(message, length, "' overflowed its stack of ");
	length = append_number(message, length, stack_size / 1024);
	length = append(message, length, " KiB: start it with fiber_start_sized() ");
	length = append(message, length, "and a larger size\n");
	unix_console_write(NULL, message, length);
}

static void fault_handle(int number, siginfo_t *info, void *context)
{
	size_t stack_size;
	bool sent = info->si_code <= 0; /* by kill(): there is no address, and nothing to repeat */
	const char *fiber = sent ? NULL : fiber_of_fault(info->si_addr, &stack_size);

	(void)context;
	if (fiber != NULL)
		report_overflow(fiber, stack_size);
	error_ignore(signal(number, SIG_DFL) == SIG_ERR, "it is a signal that can be handled");
	/* Returning repeats the faulting instruction, which ends the process where it happened. */
	if (sent)
		error_ignore(raise(number), "it comes when the handler returns");
}

void unix_fault_prepare(void)
{
	static uint8_t handler_stack[HANDLER_STACK_SIZE]; /* the main thread's */
	const stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof(handler_stack) };
	struct sigaction action = {
		.sa_sigaction = fault_handle,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	error_ignore(sigaltstack(&stack, NULL) + sigemptyset(&action.sa_mask) +
	                     sigaction(SIGSEGV, &action, NULL) + sigaction(SIGBUS, &action, NULL),
	             "without it a fault is only less well explained");
}
