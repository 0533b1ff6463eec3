/* SPDX-License-Identifier: ISC */
/*
 * What the hvt test images are written with: hypercalls by hand, a little text, traps.
 */
#ifndef TEST_IMAGES_HVT_GUEST_H
#define TEST_IMAGES_HVT_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/hvt.h"
#include "test/images/hvt/notes.h"

/* Of each image. Returning ends it with that status. */
int image_main(const struct hvt_boot *boot, const char *command_line);

static inline void port_write(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void hypercall(enum hvt_hypercall number, volatile void *argument)
{
	port_write((uint16_t)(HVT_PORT_BASE + (int)number), (uint32_t)(uintptr_t)argument);
}

static inline uint64_t cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline void set_tls_base(const void *base)
{
	uintptr_t value = (uintptr_t)base;

	__asm__ volatile("wrmsr"
	                 :
	                 : "c"(0xc0000100), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

__attribute__((noreturn)) void halt(int status, const void *cookie);

void print(const char *text);
void print_number(const char *before, uint64_t number, const char *after);
bool same(const char *a, const char *b);
uint64_t number_of(const char *text);

/* The argument of the option `name`, as in `name=argument`, or NULL. */
const char *argument_of(const char *text, const char *name);

/* Report processor exceptions as `trap N error E address A`, and end with 255 and a cookie. */
void catch_traps(void);

/* Wait for at most that long, for any network device; returns the set of those ready. */
uint64_t wait_for_net(uint64_t timeout_ns);

int32_t block_transfer(enum hvt_hypercall number, uint64_t handle, uint64_t offset, void *bytes,
                       uint64_t length);

#endif
