// SPDX-License-Identifier: ISC
/* Keeping stacks for reuse. The list of free stacks lies in the stacks, just below their tops. */
#include "runtime/stack_pool.h"

#include <errno.h>
#include <stdint.h>

/* Unlikely as data, and with a zero byte that ends runaway strings. */
#define STACK_CANARY UINT64_C(0x57ac0f10ade0ca4a)

struct free_stack {
	struct stack stack;
	struct free_stack *next;
};

void stack_pool_init(struct stack_pool *pool, const struct target *target, size_t default_size,
                     size_t count_max)
{
	*pool = (struct stack_pool){
		.target = target,
		.default_size = default_size,
		.count_max = count_max,
	};
}

static size_t stack_length(const struct stack *stack)
{
	return (size_t)((char *)stack->top - (char *)stack->limit);
}

/* The smallest class that holds `size`. */
static unsigned class_of(size_t size)
{
	unsigned class = 0;

	while (class < STACK_CLASSES - 1 && ((size_t)STACK_SIZE_MIN << class) < size)
		class ++;
	return class;
}

static void unmap(struct stack_pool *pool, struct stack stack)
{
	pool->unguarded -= !stack.guarded;
	pool->target->ops->stack_unmap(pool->target->state, stack);
}

static void unmap_list(struct stack_pool *pool, struct free_stack **list)
{
	while (*list != NULL) {
		struct free_stack entry = **list;

		*list = entry.next;
		unmap(pool, entry.stack);
	}
}

void stack_pool_sweep(struct stack_pool *pool)
{
	if (pool->doomed != NULL)
		unmap_list(pool, &pool->doomed);
}

void stack_pool_fini(struct stack_pool *pool)
{
	stack_pool_sweep(pool);
	for (unsigned class = 0; class < STACK_CLASSES; class ++)
		unmap_list(pool, &pool->free[class]);
	pool->count = 0;
}

static void set_canary(const struct stack *stack)
{
	if (!stack->guarded)
		*(volatile uint64_t *)stack->limit = STACK_CANARY;
}

bool stack_intact(const struct stack *stack)
{
	return stack->guarded || *(const volatile uint64_t *)stack->limit == STACK_CANARY;
}

int stack_pool_take(struct stack_pool *pool, size_t size, struct stack *stack)
{
	if (size > STACK_SIZE_MAX)
		return -ENOMEM;

	unsigned class = class_of(size);
	struct free_stack *kept = pool->free[class];

	if (kept != NULL) {
		pool->free[class] = kept->next;
		pool->count--;
		*stack = kept->stack;
		return 0;
	}
	int error = pool->target->ops->stack_map(pool->target->state,
	                                         (size_t)STACK_SIZE_MIN << class, stack);
	if (error != 0)
		return error;
	pool->unguarded += !stack->guarded;
	set_canary(stack);
	return 0;
}

void stack_pool_give(struct stack_pool *pool, struct stack stack)
{
	/* The entry lies where the fiber object was, above all frames that may still be in use. */
	struct free_stack *entry = (struct free_stack *)stack.top - 1;
	/* A target may have mapped more than it was asked for: the class is what surely fits. */
	unsigned class = class_of(stack_length(&stack));

	if (class > 0 && ((size_t)STACK_SIZE_MIN << class) > stack_length(&stack))
		class --;
	entry->stack = stack;
	if (pool->count < pool->count_max) {
		entry->next = pool->free[class];
		pool->free[class] = entry;
		pool->count++;
	} else {
		entry->next = pool->doomed;
		pool->doomed = entry;
	}
}
