// SPDX-License-Identifier: ISC
/* The first frame of a new stack, as the architecture's switch pops it. */
#include "runtime/switch.h"

#include <string.h>

#if defined(__x86_64__)
/* r15, r14, r13, r12, rbx, rbp, return address; two more words align the stack at the call. */
enum {
	FRAME_WORDS = 9,
	WORD_ENTRY = 3,
	WORD_ARGUMENT = 4,
	WORD_RETURN = 6
};
#elif defined(__aarch64__)
/* x19 to x30, then d8 to d15. */
enum {
	FRAME_WORDS = 20,
	WORD_ENTRY = 1,
	WORD_ARGUMENT = 0,
	WORD_RETURN = 11
};
#else
#error "write a switch for this architecture: runtime/switch_ARCH.S"
#endif

void *runtime_stack_init(void *top, void (*entry)(void *argument), void *argument)
{
	uintptr_t aligned = (uintptr_t)top & ~(uintptr_t)15;
	uintptr_t *frame = (uintptr_t *)aligned - FRAME_WORDS;

	memset(frame, 0, FRAME_WORDS * sizeof(*frame));
	frame[WORD_ENTRY] = (uintptr_t)entry;
	frame[WORD_ARGUMENT] = (uintptr_t)argument;
	frame[WORD_RETURN] = (uintptr_t)runtime_switch_start;
	return frame;
}
