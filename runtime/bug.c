/* SPDX-License-Identifier: ISC */
/*
 * The end of an instance that broke an invariant.
 */
#include "runtime/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <mirage/runtime.h>

#include "runtime/console_line.h"

static const char PREFIX[] = "BUG: ";

void bug(const char *format, ...)
{
	struct runtime *runtime = runtime_current();
	va_list arguments;

	va_start(arguments, format);
	if (runtime != NULL) {
		const struct target *target = runtime_target(runtime);

		console_line_arguments(target, PREFIX, sizeof(PREFIX) - 1, format, arguments);
		target->ops->abort(target->state);
	}
	error_ignore(fputs(PREFIX, stderr) + vfprintf(stderr, format, arguments) +
	                     fputc('\n', stderr),
	             "nobody is left to tell");
	va_end(arguments);
	abort();
}
