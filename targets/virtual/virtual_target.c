// SPDX-License-Identifier: ISC
/* The target of tests. */
#include <mirage/virtual_target.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The unix target's takes precedence where both are linked. */
__attribute__((weak)) _Thread_local struct runtime *target_current_runtime;

static void virtual_console_write(void *state, const void *bytes, size_t length)
{
	struct virtual_target *self = state;
	char *output = realloc(self->output, self->output_length + length + 1);

	if (output == NULL)
		abort();
	memcpy(output + self->output_length, bytes, length);
	self->output = output;
	self->output_length += length;
	output[self->output_length] = '\0';
}

static ssize_t virtual_console_read(void *state, void *bytes, size_t length, nanoseconds deadline)
{
	struct virtual_target *self = state;

	(void)deadline;
	if (self->input == NULL)
		return -ENOTSUP;
	size_t available = strlen(self->input);
	if (length > available)
		length = available;
	memcpy(bytes, self->input, length);
	self->input += length;
	return (ssize_t)length;
}

static nanoseconds virtual_clock_monotonic(void *state)
{
	return ((const struct virtual_target *)state)->monotonic;
}

static nanoseconds virtual_clock_wall(void *state)
{
	return ((const struct virtual_target *)state)->wall;
}

static int virtual_utc_offset(void *state, nanoseconds wall, int32_t *offset_s)
{
	const struct virtual_target *self = state;

	(void)wall;
	if (!self->utc_offset_known)
		return -ENOTSUP;
	*offset_s = self->utc_offset_s;
	return 0;
}

/* splitmix64: the same bytes for the same seed. */
static int virtual_entropy(void *state, void *bytes, size_t length)
{
	struct virtual_target *self = state;
	unsigned char *out = bytes;

	for (size_t i = 0; i < length; i++) {
		self->random_seed += UINT64_C(0x9e3779b97f4a7c15);
		uint64_t z = self->random_seed;
		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		out[i] = (unsigned char)(z ^ (z >> 31));
	}
	return 0;
}

/* Waiting is moving both clocks. */
static void virtual_wait(void *state, nanoseconds deadline)
{
	struct virtual_target *self = state;

	self->waits++;
	if (deadline == NEVER || deadline <= self->monotonic)
		return;
	self->wall += deadline - self->monotonic;
	self->monotonic = deadline;
}

static int virtual_stack_map(void *state, size_t size, struct stack *stack)
{
	struct virtual_target *self = state;

	if (self->stack_budget != 0 && self->stacks_mapped >= self->stack_budget)
		return -ENOMEM;
	stack->limit = aligned_alloc(4096, size);
	if (stack->limit == NULL)
		return -ENOMEM;
	stack->top = (char *)stack->limit + size;
	stack->guarded = false;
	self->stacks_mapped++;
	return 0;
}

static void virtual_stack_unmap(void *state, struct stack stack)
{
	struct virtual_target *self = state;

	self->stacks_mapped--;
	free(stack.limit);
}

static no_return void virtual_exit(void *state, int status)
{
	const struct virtual_target *self = state;

	fwrite(self->output, 1, self->output_length, stdout);
	exit(status);
}

static no_return void virtual_abort(void *state)
{
	const struct virtual_target *self = state;

	fwrite(self->output, 1, self->output_length, stderr);
	fflush(stderr);
	abort();
}

static const struct target_ops virtual_ops = {
	.console_write = virtual_console_write,
	.console_read = virtual_console_read,
	.clock_monotonic = virtual_clock_monotonic,
	.clock_wall = virtual_clock_wall,
	.utc_offset = virtual_utc_offset,
	.entropy = virtual_entropy,
	.wait = virtual_wait,
	.stack_map = virtual_stack_map,
	.stack_unmap = virtual_stack_unmap,
	.exit = virtual_exit,
	.abort = virtual_abort,
};

void virtual_target_init(struct virtual_target *target)
{
	*target = (struct virtual_target){
		.target = { .name = "virtual", .ops = &virtual_ops, .state = target },
		.random_seed = 1,
		.output = calloc(1, 1),
	};
}

void virtual_target_fini(struct virtual_target *target)
{
	free(target->output);
	target->output = NULL;
}

void virtual_target_clear_output(struct virtual_target *target)
{
	target->output_length = 0;
	if (target->output != NULL)
		target->output[0] = '\0';
}
