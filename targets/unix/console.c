/* SPDX-License-Identifier: ISC */
/*
 * The unix target's console: standard output and input.
 *
 * Output goes straight to the descriptor, unbuffered, so that nothing is lost in a crash. When it
 * cannot be written (a closed pipe, a full disk) it is dropped, as target.h has it, and standard
 * error is told once: a server whose console has gone should go on serving, but not in the dark.
 */
#include "targets/unix/operations.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "targets/unix/unix_wait.h"

static void report_drop(void)
{
	static _Thread_local bool reported;
	static const char text[] = "standard output cannot be written; console output is dropped\n";

	if (reported)
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
		} else if (!output_recovers(errno)) {
			report_drop();
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
