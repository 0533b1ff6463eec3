/* SPDX-License-Identifier: ISC */
/*
 * Switching stacks, and telling AddressSanitizer about it.
 */
#ifndef RUNTIME_SWITCH_H
#define RUNTIME_SWITCH_H

#include "runtime/fiber_object.h"

/*
 * Save the callee-saved registers and the stack pointer in *save, and go on where `load` was saved.
 * System V AMD64 psABI section 3.2.1; AAPCS64 section 6.1. Floating-point control words are not
 * saved.
 */
void runtime_switch(void **save, void *load);

/* Where a new stack begins: calls entry(argument) as runtime_stack_init() left them. */
void runtime_switch_start(void);

/* Prepare a stack so that the first switch to it calls `entry(argument)`, which never returns. */
void *runtime_stack_init(void *top, void (*entry)(void *argument), void *argument);

#if defined(__SANITIZE_ADDRESS__)
#define RUNTIME_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RUNTIME_SANITIZED 1
#endif
#endif

#ifdef RUNTIME_SANITIZED
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* Forget the red zones of frames that never returned. */
static inline void switch_clean(const struct stack *stack)
{
	__asan_unpoison_memory_region(stack->limit,
	                              (size_t)((char *)stack->top - (char *)stack->limit));
}

/* The loop runs on the thread's own stack, whose bounds the sanitizer tells at the first switch. */
static inline void switch_fibers(struct fiber *from, struct fiber *to, bool from_ends)
{
	const void *bottom;
	size_t size;

	__sanitizer_start_switch_fiber(from_ends ? NULL : &from->sanitizer, to->stack.limit,
	                               (size_t)((char *)to->stack.top - (char *)to->stack.limit));
	runtime_switch(&from->stack_pointer, to->stack_pointer);
	__sanitizer_finish_switch_fiber(from->sanitizer, &bottom, &size);
}

static inline void switch_entered(struct fiber *loop)
{
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(NULL, &bottom, &size);
	if (loop->stack.limit == NULL) {
		loop->stack.limit = (void *)(uintptr_t)bottom;
		loop->stack.top = (char *)loop->stack.limit + size;
	}
}
#else
static inline void switch_clean(const struct stack *stack)
{
	(void)stack;
}

static inline void switch_fibers(struct fiber *from, struct fiber *to, bool from_ends)
{
	(void)from_ends;
	runtime_switch(&from->stack_pointer, to->stack_pointer);
}

static inline void switch_entered(struct fiber *loop)
{
	(void)loop;
}
#endif

#endif
