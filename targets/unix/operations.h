/* SPDX-License-Identifier: ISC */
/*
 * The unix target's operations, by the file that implements them. `state` is NULL in all of them.
 */
#ifndef TARGETS_UNIX_OPERATIONS_H
#define TARGETS_UNIX_OPERATIONS_H

#include <mirage/target.h>

void unix_console_write(void *state, const void *bytes, size_t length);
ssize_t unix_console_read(void *state, void *bytes, size_t length, nanoseconds deadline);

nanoseconds unix_clock_monotonic(void *state);
nanoseconds unix_clock_wall(void *state);
int unix_clock_utc_offset(void *state, nanoseconds wall, int32_t *offset_s);

int unix_entropy(void *state, void *bytes, size_t length);

void unix_wait(void *state, nanoseconds deadline);
bool unix_can_wake(void *state);

int unix_stack_map(void *state, size_t size, struct stack *stack);
void unix_stack_unmap(void *state, struct stack stack);

/* Not an operation: what unix_prepare() does about SIGSEGV and SIGBUS. */
void unix_fault_prepare(void);

#endif
