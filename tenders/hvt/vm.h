/* SPDX-License-Identifier: ISC */
/*
 * The virtual machine: one slot of memory from address 0 and one processor.
 *
 * Ownership.  vm_create() makes everything and the process keeps it until it ends.
 */
#ifndef TENDERS_HVT_VM_H
#define TENDERS_HVT_VM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/elf/executable.h"
#include "tenders/report/reason.h"

struct vm {
	int kvm;
	int machine;
	int processor;
	struct kvm_run *run;
	uint8_t *memory; /* zero at first */
	uint64_t mapped; /* bytes of it: a multiple of 2 MiB up to 4 GiB */
	uint64_t tsc_frequency_hz;
	bool has_ioeventfd;
};

/* What is asked of memory, in bytes. */
struct memory_layout {
	uint64_t size;   /* of the guest */
	uint64_t mapped; /* with what lies above it for the ring */
	uint64_t ring;   /* guest address of the ring, or 0 */
};

/*
 * Lay out `wanted` bytes for the guest: rounded down to a multiple of 2 MiB, with room for the ring
 * above if `ring`. *adjusted tells whether the guest gets another size than wanted.
 *
 * -EINVAL    under 2 MiB or over 4 GiB
 */
must_check int memory_layout_plan(struct memory_layout *layout, uint64_t wanted, bool ring,
                                  bool *adjusted, struct reason *reason);

/* -ENODEV, -EACCES, … : /dev/kvm is missing, closed to us or of another version; -ENOMEM */
must_check int vm_create(struct vm *vm, uint64_t mapped, struct reason *reason);

/*
 * Take from the host's side of the image what its segments do not have: the guest then cannot write
 * to code and constants, whatever its page tables say.
 */
must_check int vm_protect(const struct vm *vm, const struct executable_plan *plan,
                          struct reason *reason);

/* Have the kernel signal `event` instead of leaving the guest when it writes 4 bytes to `port`. */
must_check int vm_bind_port(const struct vm *vm, uint16_t port, int event, struct reason *reason);

#endif
