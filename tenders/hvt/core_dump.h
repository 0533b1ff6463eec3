/* SPDX-License-Identifier: ISC */
/*
 * A guest's memory and registers as a core file that gdb opens beside the image.
 */
#ifndef TENDERS_HVT_CORE_DUMP_H
#define TENDERS_HVT_CORE_DUMP_H

#include <linux/kvm.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "abi/hvt.h"
#include "tenders/report/reason.h"

struct core_dump {
	const uint8_t *memory; /* on a page boundary */
	uint64_t size;         /* bytes, a multiple of the page size */
	struct kvm_regs general;
	struct kvm_sregs special;
	const struct hvt_trap_cookie *cookie; /* where the trap was, or NULL */
};

/*
 * Write it to the file `descriptor`, empty so far. Pages that were never touched become holes.
 * *dumped is how many pages were written.
 */
must_check int core_dump_write(const struct core_dump *dump, int descriptor, uint64_t *dumped);

#endif
