/* SPDX-License-Identifier: ISC */
/*
 * The unix target: its table of operations.
 */
#include "unix_target.h"

#include <signal.h>
#include <stdlib.h>

#include "operations.h"

static no_return void unix_exit(void *state, int status)
{
	(void)state;
	exit(status);
}

static no_return void unix_abort(void *state)
{
	(void)state;
	abort();
}

static const struct target_ops unix_operations = {
	.console_write = unix_console_write,
	.console_read = unix_console_read,
	.clock_monotonic = unix_clock_monotonic,
	.clock_wall = unix_clock_wall,
	.utc_offset = unix_clock_utc_offset,
	.entropy = unix_entropy,
	.wait = unix_wait,
	.stack_map = unix_stack_map,
	.stack_unmap = unix_stack_unmap,
	.exit = unix_exit,
	.abort = unix_abort,
};

const struct target unix_target = { .name = "unix", .ops = &unix_operations, .state = NULL };

void unix_prepare(void)
{
	error_ignore(signal(SIGPIPE, SIG_IGN) == SIG_ERR, "SIGPIPE can always be ignored");
	unix_fault_prepare();
}
