/* SPDX-License-Identifier: ISC */
/*
 * Stacks for fibers, reused. Private to runtime/.
 *
 * Mapping a stack costs thousands of times what a switch does, so stacks of fibers that ended are
 * kept by size, up to a budget. The budget is enforced when the loop trims the pool, not when a stack
 * comes back: fibers that come and go in waves would map and unmap the same stacks. A stack without a guard page has a canary at its lowest word.
 */
#ifndef RUNTIME_STACK_POOL_H
#define RUNTIME_STACK_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/target.h>

/* Sizes are 4 KiB << order. */
#define STACK_ORDERS   16
#define STACK_SIZE_MIN 4096
#define STACK_SIZE_MAX ((size_t)STACK_SIZE_MIN << (STACK_ORDERS - 1))

struct free_stack;

struct stack_pool {
	const struct target *target;
	struct free_stack *free[STACK_ORDERS];
	size_t count;
	size_t count_max; /* more may be kept until the next trim */
	size_t default_size;
	size_t unguarded;
};

void stack_pool_init(struct stack_pool *pool, const struct target *target, size_t default_size,
                     size_t count_max);

/* Unmap what is kept. */
void stack_pool_fini(struct stack_pool *pool);

/* A stack of at least `size` bytes. -ENOMEM. */
must_check int stack_pool_take(struct stack_pool *pool, size_t size, struct stack *stack);

/* Give a stack back. The caller may still be running on it, until the next take or trim. */
void stack_pool_give(struct stack_pool *pool, struct stack stack);

/* Unmap what is over budget, but at most `most` stacks. Not called from a pooled stack. */
void stack_pool_trim(struct stack_pool *pool, size_t most);

/* False if the stack has no guard page and its lowest word was overwritten. */
bool stack_intact(const struct stack *stack);

#endif
