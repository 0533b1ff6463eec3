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

/* The smallest order that holds `size`. */
static unsigned order_of(size_t size)
{
	unsigned order = 0;

	while (order < STACK_ORDERS - 1 && ((size_t)STACK_SIZE_MIN << order) < size)
		order++;
	return order;
}

static void unmap(struct stack_pool *pool, struct stack stack)
{
	pool->unguarded -= !stack.guarded;
	pool->target->ops->stack_unmap(pool->target->state, stack);
}

static struct stack pop(struct stack_pool *pool, unsigned order)
{
	struct free_stack *entry = pool->free[order];

	pool->free[order] = entry->next;
	pool->count--;
	return entry->stack;
}

/* The largest first: they hold most. */
void stack_pool_trim(struct stack_pool *pool, size_t most)
{
	unsigned order = STACK_ORDERS - 1;

	for (; pool->count > pool->count_max && most > 0; most--) {
		while (pool->free[order] == NULL)
			order--;
		unmap(pool, pop(pool, order));
	}
}

void stack_pool_fini(struct stack_pool *pool)
{
	pool->count_max = 0;
	stack_pool_trim(pool, SIZE_MAX);
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

	unsigned order = order_of(size);

	if (pool->free[order] != NULL) {
		*stack = pop(pool, order);
		return 0;
	}
	int error = pool->target->ops->stack_map(pool->target->state,
	                                         (size_t)STACK_SIZE_MIN << order, stack);
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
	/* A target may have mapped more than it was asked for: the order below is what surely fits. */
	unsigned order = order_of(stack_length(&stack));

	if (order > 0 && ((size_t)STACK_SIZE_MIN << order) > stack_length(&stack))
		order--;
	entry->stack = stack;
	entry->next = pool->free[order];
	pool->free[order] = entry;
	pool->count++;
}
