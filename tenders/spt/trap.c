/* SPDX-License-Identifier: ISC */
/*
 * Traps of the image: a report on the console, then the process dies of the signal as it would have
 * anyway.
 *
 * The handlers run confined, on the image's side of the world: the thread pointer is the image's, so
 * nothing here may use thread-local storage (no errno, no stack protector, no stdio), and the one
 * call that is allowed is write() to descriptor 1. Returning from a signal is a call too, and is not
 * allowed. So a handler ends by faulting itself: its signal is blocked while it runs, and the kernel
 * kills a process with a blocked signal that it cannot deliver by just that signal.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/processor.h"
#include "tenders/spt/spt.h"
#include "tenders/spt/trap_context.h"

#define ON_THE_IMAGE_S_SIDE __attribute__((no_stack_protector))

enum {
	HANDLER_STACK_SIZE = 32 << 10,
	REPORT_SIZE = 1024,
	CALLERS_MAX = 12,
	WORDS_MAX = 512, /* of the stack that are looked at */
};

static const struct {
	int number;
	const char *name;
} signals[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" },   { SIGILL, "SIGILL" },
	{ SIGFPE, "SIGFPE" },   { SIGTRAP, "SIGTRAP" },
};

/* Set before the handlers, read by them. */
static struct {
	uint64_t memory_end;
	uint64_t code_start;
	uint64_t code_end;
} image;

struct report {
	char text[REPORT_SIZE];
	size_t length;
};

ON_THE_IMAGE_S_SIDE static void add_text(struct report *report, const char *text)
{
	while (*text != '\0' && report->length < REPORT_SIZE)
		report->text[report->length++] = *text++;
}

ON_THE_IMAGE_S_SIDE static void add_number(struct report *report, const char *label, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 60;

	add_text(report, label);
	add_text(report, "0x");
	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (; shift >= 0 && report->length < REPORT_SIZE; shift -= 4)
		report->text[report->length++] = digits[value >> shift & 15];
}

/* Words of the stack that point behind a call are return addresses, or were. */
ON_THE_IMAGE_S_SIDE static void add_callers(struct report *report, uint64_t stack)
{
	const uint64_t *words = (const uint64_t *)(uintptr_t)stack;
	size_t callers = 0;

	if (stack % sizeof(*words) != 0 || stack < image.code_end || stack >= image.memory_end)
		return;
	add_text(report, "Solo5: trap: likely callers, latest first:");
	for (size_t i = 0; i < WORDS_MAX && callers < CALLERS_MAX; i++) {
		if (stack + (i + 1) * sizeof(*words) > image.memory_end)
			break;
		if (words[i] < image.code_start + PROCESSOR_CALL_LENGTH_MAX ||
		    words[i] >= image.code_end || !processor_follows_call(words[i]))
			continue;
		add_number(report, " ", words[i]);
		callers++;
	}
	add_text(report, "\nSolo5: trap: `mirage symbolise` turns these addresses into lines of "
	                 "source\n");
}

ON_THE_IMAGE_S_SIDE static const char *signal_name(int number)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return "?";
}

ON_THE_IMAGE_S_SIDE static void handle(int number, siginfo_t *info, void *context)
{
	struct report report = { .length = 0 };
	uint64_t pc = trap_program_counter(context), stack = trap_stack_pointer(context);

	add_text(&report, "Solo5: trap: type=");
	add_text(&report, signal_name(number));
	add_number(&report, " rip=", pc);
	add_number(&report, " rsp=", stack);
	add_number(&report, "\nSolo5: trap: address=", (uintptr_t)info->si_addr);
	add_text(&report, "\n");
	add_callers(&report, stack);
	(void)syscall(SYS_write, STDOUT_FILENO, report.text, report.length);
	for (;;)
		trap_again(number);
}

static void find_code(const struct executable_plan *plan)
{
	for (size_t i = 0; i < plan->range_count; i++) {
		if ((plan->ranges[i].protection & PROT_EXEC) == 0)
			continue;
		if (image.code_end == 0)
			image.code_start = plan->ranges[i].start;
		image.code_end = plan->ranges[i].end;
	}
}

void spt_trap_prepare(uint64_t memory_size, const struct executable_plan *plan)
{
	static uint8_t handler_stack[HANDLER_STACK_SIZE];
	const stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof(handler_stack) };
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	image.memory_end = memory_size;
	find_code(plan);
	/* Without them an image only dies with fewer words. */
	(void)sigaltstack(&stack, NULL);
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i].number, &action, NULL);
}
