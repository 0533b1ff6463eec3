/* SPDX-License-Identifier: ISC */
/*
 * Device type `console`: text for people.
 *
 * Implementations.  default_console: the target's console (standard output and input on unix).
 */
#ifndef MIRAGE_CONSOLE_H
#define MIRAGE_CONSOLE_H

#include <stddef.h>
#include <sys/types.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

struct console_ops {
	void (*write)(const void *self, const void *bytes, size_t length);
	ssize_t (*read)(const void *self, void *bytes, size_t length, nanoseconds deadline);
};

struct console {
	const struct console_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* Write `length` bytes as they are. Never fails; what the console cannot take is dropped. */
static inline void console_write(const struct console *console, const void *bytes, size_t length)
{
	console->ops->write(console->self, bytes, length);
}

/* Write a line: `text` and a newline, in one piece. */
void console_log(const struct console *console, const char *text);

/*
 * Read up to `length` bytes into `bytes`, blocking until at least one is there. Returns the count,
 * or 0 at end of input.
 *
 * -ENOTSUP    this console has no input
 * -ETIMEDOUT, -ECANCELED, -EIO
 */
static inline must_check ssize_t console_read(const struct console *console, void *bytes,
                                              size_t length, nanoseconds deadline)
{
	return console->ops->read(console->self, bytes, length, deadline);
}

/* default_console has no state: its `self` is NULL. */
extern const struct console_ops default_console_ops;

#endif
