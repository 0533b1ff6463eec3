/* SPDX-License-Identifier: ISC */
/*
 * The unix target's console: standard output and input.
 *
 * Output goes straight to the descriptor, unbuffered, so that nothing is lost in a crash. When it
 * cannot be written it is dropped, as target.h has it: a server whose console has gone should go on
 * serving. Standard error is told once, so that this does not happen in the dark, except when the
 * reader of a pipe went away (`dist/hello | head -1`): it knows.
 */
#include "targets/unix/operations.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "targets/unix/unix_wait.h"

static void report_drop(int why)
{
	static _Thread_local bool reported;
	static const char text[] = "standard output cannot be written; console output is dropped\n";

	if (reported || why == EPIPE)
		return;
	reported = true;
	error_ignore(write(STDERR_FILENO, text, sizeof(text) - 1) < 0, "there is no third place");
}

/* After a failed write: true if it is worth another try. */
static bool output_recovers(int error)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (error == EINTR)
		return true;
	if (error != EAGAIN)
		return false;
	/* Somebody with whom the descriptor is shared made it non-blocking. */
	return poll(&output, 1, -1) == 1 || errno == EINTR;
}

void unix_console_write(void *state, const void *bytes, size_t length)
{
	const uint8_t *next = bytes;

	(void)state;
	while (length > 0) {
		ssize_t count = write(STDOUT_FILENO, next, length);

		if (count >= 0) {
			next += count;
			length -= (size_t)count;
		} else {
			int why = errno;

			if (output_recovers(why))
				continue;
			report_drop(why);
			return;
		}
	}
}

/*
 * The descriptor stays in blocking mode: wait until it is readable, then read. If another process
 * takes the input in between, the read waits for the next, and the instance with it.
 */
ssize_t unix_console_read(void *state, void *bytes, size_t length, nanoseconds deadline)
{
	(void)state;
	for (;;) {
		int result = unix_wait_readable(STDIN_FILENO, deadline);

		if (result == -EBADF)
			return -ENOTSUP;
		if (result != 0)
			return result;
		ssize_t count = read(STDIN_FILENO, bytes, length);

		if (count >= 0)
			return count;
		if (errno == EBADF) /* unix_prepare() found it closed */
			return -ENOTSUP;
		if (errno != EINTR && errno != EAGAIN)
			return -EIO;
	}
}
