/* SPDX-License-Identifier: ISC */
/*
 * For tests of the runtime: run fibers on a virtual target, and record in which order they ran.
 */
#ifndef TEST_UNIT_ON_VIRTUAL_H
#define TEST_UNIT_ON_VIRTUAL_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/fiber.h>
#include <mirage/runtime.h>
#include <mirage/virtual_target.h>

/* Run `entry` as the first fiber of a fresh instance that must leave no stack behind. */
static inline int on_virtual_result(int (*entry)(void *argument), void *argument)
{
	struct virtual_target target;
	struct runtime *runtime;

	virtual_target_init(&target);
	assert_int_equal(runtime_new(&runtime, &target.target, NULL), 0);
	int result = runtime_run(runtime, entry, argument);
	struct runtime_statistics statistics;

	runtime_statistics(runtime, &statistics);
	assert_int_equal(statistics.fibers, 0);
	runtime_free(runtime);
	assert_int_equal(target.stacks_mapped, 0);
	virtual_target_fini(&target);
	return result;
}

static inline void on_virtual(int (*entry)(void *argument), void *argument)
{
	assert_int_equal(on_virtual_result(entry, argument), 0);
}

/* A short text that fibers append to. */
struct trace {
	char text[256];
	size_t length;
};

static inline void trace_add(struct trace *trace, char what)
{
	assert_true(trace->length + 1 < sizeof(trace->text));
	trace->text[trace->length++] = what;
	trace->text[trace->length] = '\0';
}

#endif
