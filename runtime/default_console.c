/* SPDX-License-Identifier: ISC */
/*
 * Consoles: console_log() for any, and default_console, the target's.
 */
#include <mirage/console.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/runtime.h>

enum {
	LINE_SIZE = 256, /* longer lines are put together on the heap */
};

static void line_write(const struct console *console, char *line, const char *text, size_t length)
{
	memcpy(line, text, length);
	line[length] = '\n';
	console_write(console, line, length + 1);
}

void console_log(const struct console *console, const char *text)
{
	size_t length = strlen(text);
	char line[LINE_SIZE];

	if (length < sizeof(line)) {
		line_write(console, line, text, length);
		return;
	}
	char *long_line = malloc(length + 1);

	if (long_line == NULL) { /* better in two pieces than not at all */
		console_write(console, text, length);
		console_write(console, "\n", 1);
		return;
	}
	line_write(console, long_line, text, length);
	free(long_line);
}

static void default_console_write(const void *self, const void *bytes, size_t length)
{
	const struct target *target = runtime_target(runtime_current());

	(void)self;
	target->ops->console_write(target->state, bytes, length);
}

static ssize_t default_console_read(const void *self, void *bytes, size_t length,
                                    nanoseconds deadline)
{
	const struct target *target = runtime_target(runtime_current());

	(void)self;
	if (target->ops->console_read == NULL)
		return -ENOTSUP;
	return target->ops->console_read(target->state, bytes, length, deadline);
}

const struct console_ops default_console_ops = {
	.write = default_console_write,
	.read = default_console_read,
};
