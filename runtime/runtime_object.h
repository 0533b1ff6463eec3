/* SPDX-License-Identifier: ISC */
/*
 * The runtime object, private to runtime/.
 */
#ifndef RUNTIME_RUNTIME_OBJECT_H
#define RUNTIME_RUNTIME_OBJECT_H

#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/runtime.h>

#include "runtime/fiber_object.h"
#include "runtime/stack_pool.h"
#include "runtime/timer_wheel.h"

struct image;

struct runtime {
	struct log_thresholds log; /* first: log_enabled() reads it without knowing the rest */
	struct fiber *current;
	struct list ready;
	struct list *round_last; /* the ready fiber that ends the turn; NULL between turns */
	unsigned switches_left;  /* until the loop looks at timers and devices */
	struct fiber *overflowed;
	struct fiber loop; /* the run loop's own context, on the thread's stack */
	const struct target *target;
	const struct image *image; /* set by image_run() */
	struct timer_wheel wheel;
	struct stack_pool pool;
	struct list fibers; /* alive, oldest first */
	struct runtime_hook *exit_hooks;
	struct runtime_hook *enter_hooks;
	struct runtime_hook *leave_hooks;
	struct runtime_hook *next_hook; /* to be called, while turn hooks are */
	struct runtime_statistics statistics;
	int main_result;
};

#endif
