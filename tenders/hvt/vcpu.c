/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/vcpu.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi/hvt.h"

enum {
	CR0 = 0x10021,    /* PE NE WP; and PG */
	CR4 = 0x620,      /* PAE OSFXSR OSXMMEXCPT */
	EFER = 0x500,     /* LME LMA */
	EFER_NXE = 0x800, /* pages can be kept from being executed */
	RFLAGS_RESERVED = 2,
	GDT_ENTRIES = 3,
	CPUID_ENTRIES = 256,
};

#define CR0_PG (UINT64_C(1) << 31)

void vcpu_entry_special(struct kvm_sregs *special, bool no_execute)
{
	const struct kvm_segment code = {
		.selector = 1 << 3,
		.limit = UINT32_MAX,
		.type = 9,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1,
	};
	const struct kvm_segment data = {
		.selector = 2 << 3,
		.limit = UINT32_MAX,
		.type = 3,
		.present = 1,
		.s = 1,
		.db = 1,
		.g = 1,
	};

	special->cr0 = CR0 | CR0_PG;
	special->cr3 = HVT_PAGE_MAP;
	special->cr4 = CR4;
	special->efer = EFER | (no_execute ? EFER_NXE : 0);
	special->cs = code;
	special->ss = special->ds = special->es = special->fs = special->gs = data;
	special->tr = (struct kvm_segment){ .type = 11, .present = 1 };
	special->ldt = (struct kvm_segment){ .unusable = 1 };
	special->gdt = (struct kvm_dtable){ .base = HVT_GDT, .limit = GDT_ENTRIES * 8 - 1 };
	special->idt = (struct kvm_dtable){ .base = 0 };
}

void vcpu_entry_registers(struct kvm_regs *registers, uint64_t entry, uint64_t memory_size)
{
	*registers = (struct kvm_regs){
		.rip = entry,
		.rsp = memory_size - 8,
		.rdi = HVT_BOOT,
		.rflags = RFLAGS_RESERVED,
	};
}

/* The guest has no use for virtualisation within it. */
static void hide_virtualisation(struct kvm_cpuid_entry2 *entry)
{
	if (entry->function == 1)
		entry->ecx &= ~(1U << 5); /* VMX */
	else if (entry->function == 0x80000001)
		entry->ecx &= ~(1U << 2); /* SVM */
}

static int set_features(const struct vm *vm, struct reason *reason)
{
	size_t size = sizeof(struct kvm_cpuid2) + CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2);
	struct kvm_cpuid2 *features = calloc(1, size);

	if (features == NULL)
		return reason_set(reason, -ENOMEM, "out of memory");
	features->nent = CPUID_ENTRIES;
	int status = ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, features);
	for (uint32_t i = 0; status == 0 && i < features->nent; i++)
		hide_virtualisation(&features->entries[i]);
	if (status == 0)
		status = ioctl(vm->processor, KVM_SET_CPUID2, features);
	int error = errno;
	free(features);
	if (status != 0)
		return reason_set(reason, -error, "KVM: ioctl (SET_CPUID2) failed: %s",
		                  strerror(error));
	return 0;
}

int vcpu_prepare(const struct vm *vm, uint64_t entry, uint64_t memory_size, bool no_execute,
                 struct reason *reason)
{
	struct kvm_sregs special;
	struct kvm_regs registers;
	int error = set_features(vm, reason);

	if (error != 0)
		return error;
	if (ioctl(vm->processor, KVM_GET_SREGS, &special) != 0)
		goto failed;
	vcpu_entry_special(&special, no_execute);
	if (ioctl(vm->processor, KVM_SET_SREGS, &special) != 0)
		goto failed;
	vcpu_entry_registers(&registers, entry, memory_size);
	if (ioctl(vm->processor, KVM_SET_REGS, &registers) != 0)
		goto failed;
	return 0;
failed:
	error = errno;
	return reason_set(reason, -error, "KVM: cannot set the registers: %s", strerror(error));
}

static uint64_t instruction_pointer(const struct vm *vm)
{
	struct kvm_regs registers;

	return ioctl(vm->processor, KVM_GET_REGS, &registers) == 0 ? registers.rip : 0;
}

static int translation_fault(const struct vm *vm, struct reason *reason)
{
	return reason_set(reason, -EFAULT, "KVM: host/guest translation fault: rip=0x%" PRIx64,
	                  instruction_pointer(vm));
}

int vcpu_unhandled(const struct vm *vm, struct reason *reason)
{
	reason_set(reason, -EFAULT, "KVM: unhandled exit: exit_reason=0x%x, rip=0x%" PRIx64,
	           vm->run->exit_reason, instruction_pointer(vm));
	if (vm->run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		reason_add(reason, -EFAULT,
		           "KVM: internal error %u: it may not know the instruction there",
		           vm->run->internal.suberror);
	else if (vm->run->exit_reason == KVM_EXIT_SHUTDOWN)
		reason_add(reason, -EFAULT, "KVM: the guest faulted while it handled a fault");
	return -EFAULT;
}

static int port_access(const struct vm *vm, struct vcpu_call *call, struct reason *reason)
{
	const struct kvm_run *run = vm->run;

	call->port = run->io.port;
	if (run->io.direction != KVM_EXIT_IO_OUT || run->io.size != sizeof(call->value) ||
	    run->io.count != 1)
		return reason_set(reason, -EFAULT, "Invalid guest port access: port=0x%x",
		                  (unsigned int)run->io.port);
	memcpy(&call->value, (const uint8_t *)run + run->io.data_offset, sizeof(call->value));
	return VCPU_STOP_CALL;
}

int vcpu_run(const struct vm *vm, struct vcpu_call *call, struct reason *reason)
{
	if (ioctl(vm->processor, KVM_RUN, 0) != 0) {
		int error = errno;
		if (error == EINTR)
			return VCPU_STOP_INTERRUPT;
		if (error == EFAULT)
			return translation_fault(vm, reason);
		return reason_set(reason, -EFAULT, "KVM: ioctl (RUN) failed: %s", strerror(error));
	}
	switch (vm->run->exit_reason) {
	case KVM_EXIT_IO:
		return port_access(vm, call, reason);
	case KVM_EXIT_DEBUG:
		return VCPU_STOP_DEBUG;
	case KVM_EXIT_HLT:
		return VCPU_STOP_HALT;
	case KVM_EXIT_INTR:
		return VCPU_STOP_INTERRUPT;
	case KVM_EXIT_MMIO:
		/* Some kinds of KVM report a write to what the host protects this way. */
		if (vm->run->mmio.phys_addr < vm->mapped)
			return translation_fault(vm, reason);
		return vcpu_unhandled(vm, reason);
	default:
		return vcpu_unhandled(vm, reason);
	}
}
