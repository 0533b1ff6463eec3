/* SPDX-License-Identifier: ISC */
/*
 * The gate behind the linker: what a bare image may consist of.
 *
 * A stray `syscall` does what the target makes of it: the sandbox kills an spt image, a KVM guest
 * traps, a Xen guest calls the hypervisor. So the linked image is disassembled, and only the
 * target's own instructions are let through; and no library of the host's may be part of it.
 */
#ifndef ENGINE_CHECK_IMAGE_H
#define ENGINE_CHECK_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

/* An instruction that calls a kernel. */
struct kernel_call {
	uint64_t address;
	char function[128];
	char instruction[32];
};

/*
 * Find the instructions that call a kernel in what `objdump -d` printed (cut up in the process).
 * Returns how many there are; the first `size` are stored.
 */
size_t find_kernel_calls(char *listing, struct kernel_call calls[], size_t size);

/* The first library in a link map that is neither below `root` nor the project's nor the compiler's
   own, or NULL. Points into `map`, which is cut up in the process. */
const char *find_foreign_library(char *map, const char *root);

/*
 * Check the image FOLDER/image.debug for `target`, linked with the map FOLDER/image.map; `root` is
 * where mirage is installed, `objdump` the disassembler for the image's processor.
 *
 * -EINVAL  reported, with the function
 */
must_check int check_image(const char *target, const char *folder, const char *root,
                           const char *objdump);

#endif
