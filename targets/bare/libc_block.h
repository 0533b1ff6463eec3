/* SPDX-License-Identifier: ISC */
/*
 * The thread block of an image: what the thread pointer points to. Self-contained, because the C
 * library (libc/overlay/src/env/libc_block.c) is compiled with it as well as targets/bare.
 *
 * Model.  An image has one thread, whose thread-local variables are all known when it is linked
 *         (the "local exec" model: an access is one instruction relative to the thread pointer).
 *         The linker collects their initial values in one piece, .tdata then .tbss. At start a
 *         block is made from it: a copy of the values, and beside it the C library's own
 *         description of the thread, with errno and the stack protector's canary.
 *
 *             x86_64    | variables | description |        aarch64   | description | 16 | variables |
 *                                   ^ fs base                                      ^ tpidr_el0
 *
 *         All fibers of an image share the block (docs/decisions/0014).
 */
#ifndef TARGETS_BARE_LIBC_BLOCK_H
#define TARGETS_BARE_LIBC_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/* The initial values of thread-local variables, from the linker script's symbols or a PT_TLS. */
struct libc_tls {
	const void *start;   /* of .tdata; as aligned as the PT_TLS segment says */
	size_t size_of_file; /* bytes of .tdata */
	size_t size; /* bytes of .tdata and .tbss, from the start of one to the end of the other */
	size_t alignment; /* of the segment, a power of two; 0 or 1: none */
};

/* Bytes that libc_block_init() needs, wherever the memory lies. */
size_t libc_block_size(const struct libc_tls *tls);

/*
 * Make the thread block in `block` and point the thread pointer to it. `block` stays in use to the
 * end. `program` is the name that err() and others print. Whoever calls this must be compiled without
 * a stack protector, which has no canary before.
 */
void libc_block_init(void *block, const struct libc_tls *tls, const char *program);

/*
 * Set the stack protector's canary, 0 until now, to sizeof(uintptr_t) random bytes. Whoever calls
 * this must be compiled without a stack protector too, and no caller may return.
 */
void libc_block_set_canary(const unsigned char *canary);

/* Set the register: the target has this (a privileged instruction or a call of the host). */
void libc_set_thread_pointer(uintptr_t pointer);

#endif
