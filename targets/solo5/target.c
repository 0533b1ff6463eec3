// SPDX-License-Identifier: ISC
/* The table of operations. A Solo5 tender has no console input and no time zone. */
#include "targets/solo5/target.h"

#include "targets/bare/entropy.h"
#include "targets/bare/stack.h"
#include "targets/solo5/host.h"
#include "targets/solo5/start.h"

static void console_write(void *state, const void *bytes, size_t length)
{
	(void)state;
	host_console_write(bytes, length);
}

static nanoseconds clock_monotonic(void *state)
{
	(void)state;
	return host_clock_monotonic();
}

static nanoseconds clock_wall(void *state)
{
	(void)state;
	return host_clock_wall();
}

static no_return void exit_with(void *state, int status)
{
	(void)state;
	solo5_exit(status);
}

static no_return void abort_now(void *state)
{
	(void)state;
	solo5_abort();
}

static const struct target_ops operations = {
	.console_write = console_write,
	.clock_monotonic = clock_monotonic,
	.clock_wall = clock_wall,
	.entropy = bare_entropy,
	.wait = solo5_wait,
	.can_wake = solo5_can_wake,
	.stack_map = bare_stack_map,
	.stack_unmap = bare_stack_unmap,
	.exit = exit_with,
	.abort = abort_now,
};

const struct target solo5_target = { .name = solo5_target_name, .ops = &operations };
