// SPDX-License-Identifier: ISC
/*
 * Some functions of the C library, those that turn floating point into text and back, have frames of
 * several KiB: on a small stack they reach over guard page and canary into memory of others. They are
 * compiled to call this when they are entered (libc/build.sh).
 */
#include "runtime/fiber_fault.h"

enum {
	CALLS_SIZE = 512, /* bytes of stack for what they call in turn */
};

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

void __cyg_profile_func_enter(void *function, void *caller)
{
	(void)function;
	(void)caller;
	fiber_check_stack(CALLS_SIZE);
}

void __cyg_profile_func_exit(void *function, void *caller)
{
	(void)function;
	(void)caller;
}
