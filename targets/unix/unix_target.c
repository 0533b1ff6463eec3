/* SPDX-License-Identifier: ISC */
/*
 * The unix target: its table of operations.
 */
#include "targets/unix/unix_target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "targets/unix/operations.h"

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
	.can_wake = unix_can_wake,
	.stack_map = unix_stack_map,
	.stack_unmap = unix_stack_unmap,
	.exit = unix_exit,
	.abort = unix_abort,
};

const struct target unix_target = { .name = "unix", .ops = &unix_operations, .state = NULL };

/*
 * Fill the gaps that a parent left among descriptors 0 to 2, or a driver's socket would land there
 * and be written to by the console. /dev/null is opened for the wrong direction: reading input and
 * writing output still fail.
 */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			error_ignore(open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) <
			                     0,
			             "then the gap stays");
}

void unix_prepare(void)
{
	fill_standard_descriptors();
	error_ignore(signal(SIGPIPE, SIG_IGN) == SIG_ERR, "SIGPIPE can always be ignored");
	unix_fault_prepare();
}
