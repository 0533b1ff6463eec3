/* SPDX-License-Identifier: ISC */
/*
 * Whether a guest of this machine's /dev/kvm can do SSE arithmetic. Prints `yes`, or `no: ` and the
 * reason, and ends with 0 or 1. Some nested kinds of KVM emulate guests instead of running them, and
 * know few instructions.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

enum {
	MEMORY = 1 << 21,
	MAP = 0x1000,
	POINTERS = 0x2000,
	DIRECTORY = 0x3000,
	CODE = 0x4000,
};

static int no(const char *what)
{
	printf("no: %s: %s\n", what, strerror(errno));
	return 1;
}

static void put(uint8_t *memory, size_t at, uint64_t value)
{
	memcpy(memory + at, &value, sizeof(value));
}

int main(void)
{
	/* pxor %xmm0, %xmm0; addsd %xmm0, %xmm0; hlt */
	static const uint8_t code[] = { 0x66, 0x0f, 0xef, 0xc0, 0xf2, 0x0f, 0x58, 0xc0, 0xf4 };

	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		return no("/dev/kvm");
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		return no("KVM_CREATE_VM");

	uint8_t *memory =
		mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return no("mmap");
	put(memory, MAP, POINTERS | 3);
	put(memory, POINTERS, DIRECTORY | 3);
	put(memory, DIRECTORY, 0x83);
	memcpy(memory + CODE, code, sizeof(code));

	struct kvm_userspace_memory_region region = {
		.memory_size = MEMORY,
		.userspace_addr = (uintptr_t)memory,
	};
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return no("KVM_SET_USER_MEMORY_REGION");
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0)
		return no("KVM_CREATE_VCPU");
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (size < 0 || run == MAP_FAILED)
		return no("KVM_GET_VCPU_MMAP_SIZE");

	struct kvm_sregs special;
	if (ioctl(vcpu, KVM_GET_SREGS, &special) < 0)
		return no("KVM_GET_SREGS");
	special.cr0 = 0x80010021;
	special.cr3 = MAP;
	special.cr4 = 0x620;
	special.efer = 0x500;
	special.cs = (struct kvm_segment){
		.limit = ~0U, .selector = 8, .type = 9, .present = 1, .s = 1, .l = 1, .g = 1
	};
	special.ss = (struct kvm_segment){
		.limit = ~0U, .selector = 16, .type = 3, .present = 1, .db = 1, .s = 1, .g = 1
	};
	special.ds = special.es = special.fs = special.gs = special.ss;
	struct kvm_regs registers = { .rip = CODE, .rflags = 2 };
	if (ioctl(vcpu, KVM_SET_SREGS, &special) < 0 || ioctl(vcpu, KVM_SET_REGS, &registers) < 0)
		return no("KVM_SET_SREGS");

	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		return no("KVM_RUN");
	if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR) {
		printf("no: this kind of /dev/kvm emulates guests and knows no SSE arithmetic\n");
		return 1;
	}
	if (run->exit_reason != KVM_EXIT_HLT) {
		printf("no: the guest left with exit reason %u\n", run->exit_reason);
		return 1;
	}
	printf("yes\n");
	return 0;
}
