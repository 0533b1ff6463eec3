/* SPDX-License-Identifier: ISC */
/*
 * Fiber stacks out of the heap: the operations stack_map and stack_unmap of <mirage/target.h>.
 */
#ifndef TARGETS_BARE_STACK_H
#define TARGETS_BARE_STACK_H

#include <mirage/target.h>

int bare_stack_map(void *state, size_t size, struct stack *stack);
void bare_stack_unmap(void *state, struct stack stack);

#endif
