/* SPDX-License-Identifier: ISC */
/*
 * Where things are in an image that has memory of its own: one to one, from the linker script.
 *
 *      image_text_start   machine code
 *      image_text_end     constants
 *      image_rodata_end   variables, zeroed ones last
 *      image_end          heap, then the stack that the image was started on
 *
 * All but the first are multiples of IMAGE_PAGE_SIZE.
 */
#ifndef TARGETS_BARE_MEMORY_H
#define TARGETS_BARE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IMAGE_PAGE_SIZE = 4096,
	BOOT_STACK_SIZE = 64 << 10, /* below the end of memory */
};

extern const char image_text_start[], image_text_end[], image_rodata_end[], image_end[];

/* The template of thread-local variables: initialised bytes, zeroed bytes behind them. */
extern const char image_tls_start[], image_tls_end[], image_tls_zero_end[];
extern const char image_tls_alignment[]; /* an absolute symbol: its address is the number */

struct memory_range {
	uintptr_t start;
	uintptr_t end;
};

/* All memory from the image's first byte on, known from bare_start() on. */
struct memory_range memory_of_image(void);

static inline uintptr_t page_round_up(uintptr_t address)
{
	return (address + IMAGE_PAGE_SIZE - 1) & ~(uintptr_t)(IMAGE_PAGE_SIZE - 1);
}

#endif
