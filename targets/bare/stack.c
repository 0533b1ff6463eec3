// SPDX-License-Identifier: ISC
/* Fiber stacks: blocks of the heap, with a guard page below each where the target has guards. */
#include "targets/bare/stack.h"

#include <errno.h>
#include <stdlib.h>

#include "targets/bare/guard.h"

enum {
	STACK_ALIGNMENT = 16,
};

int bare_stack_map(void *state, size_t size, struct stack *stack)
{
	size_t alignment = guard_size > 0 ? guard_size : STACK_ALIGNMENT;
	size_t length;

	(void)state;
	if (__builtin_add_overflow(size, guard_size + alignment - 1, &length))
		return -ENOMEM;
	length &= ~(alignment - 1);
	char *block = aligned_alloc(alignment, length);

	if (block == NULL)
		return -ENOMEM;
	/* Without its guard the stack is one page larger: that page still says whose block it is. */
	*stack = (struct stack){
		.limit = block + guard_size,
		.top = block + length,
		.guarded = guard_size > 0 && guard_install(block),
	};
	return 0;
}

void bare_stack_unmap(void *state, struct stack stack)
{
	char *block = (char *)stack.limit - guard_size;

	(void)state;
	if (stack.guarded)
		guard_remove(block);
	free(block);
}
