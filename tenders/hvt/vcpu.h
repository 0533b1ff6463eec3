/* SPDX-License-Identifier: ISC */
/*
 * The processor: the state a guest starts with, and what it does until it needs the tender.
 */
#ifndef TENDERS_HVT_VCPU_H
#define TENDERS_HVT_VCPU_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/hvt/vm.h"
#include "tenders/report/reason.h"

/* The registers of abi/hvt.h's entry: pure, for tests. `no_execute` turns EFER.NXE on. */
void vcpu_entry_special(struct kvm_sregs *special, bool no_execute);
void vcpu_entry_registers(struct kvm_regs *registers, uint64_t entry, uint64_t memory_size);

/* Set processor features and registers, for a start at `entry` with the stack at the top. */
must_check int vcpu_prepare(const struct vm *vm, uint64_t entry, uint64_t memory_size,
                            bool no_execute, struct reason *reason);

/* Why the guest stopped. */
enum vcpu_stop {
	VCPU_STOP_CALL,      /* it wrote 4 bytes to a port */
	VCPU_STOP_DEBUG,     /* a hardware breakpoint or step of the debugger's */
	VCPU_STOP_HALT,      /* it executed hlt: the debugger's, or the end */
	VCPU_STOP_INTERRUPT, /* a signal came */
};

struct vcpu_call {
	uint16_t port;
	uint32_t value;
};

/*
 * Run the guest until it stops; returns an enum vcpu_stop, with *call filled in for a call.
 *
 * -EFAULT    the guest cannot go on; the reason has its rip
 */
must_check int vcpu_run(const struct vm *vm, struct vcpu_call *call, struct reason *reason);

/* Say that the guest stopped for a reason that nobody serves. Returns -EFAULT. */
int vcpu_unhandled(const struct vm *vm, struct reason *reason);

#endif
