/* SPDX-License-Identifier: ISC */
/*
 * For the fault handlers of targets: whose stack was it?
 */
#ifndef RUNTIME_FIBER_FAULT_H
#define RUNTIME_FIBER_FAULT_H

#include <stddef.h>

/*
 * The name of the running fiber if `address` lies within 64 KiB below its stack, which is then
 * *stack_size bytes large; NULL otherwise. Reads only what is constant while a fiber runs: safe in
 * a signal or trap handler.
 */
const char *fiber_of_fault(const void *address, size_t *stack_size);

/*
 * End the instance with a report if the running fiber has less than `needed` bytes of its stack left,
 * or has overflowed it. For functions with large frames, which canaries and guards do not catch.
 */
void fiber_check_stack(size_t needed);

#endif
