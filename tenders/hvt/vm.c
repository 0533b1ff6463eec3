/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "abi/hvt.h"

static int failed(struct reason *reason, const char *what)
{
	int error = errno;

	return reason_set(reason, -error, "KVM: %s failed: %s", what, strerror(error));
}

static int open_kvm(struct vm *vm, struct reason *reason)
{
	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0) {
		int error = errno;
		const char *hint = "";
		if (error == ENOENT || error == ENODEV || error == ENXIO)
			hint = " (is the machine able to, and kvm-intel or kvm-amd loaded?)";
		else if (error == EACCES)
			hint = " (are you in the group kvm?)";
		return reason_set(reason, -error, "Could not open: /dev/kvm: %s%s", strerror(error),
		                  hint);
	}

	int version = ioctl(vm->kvm, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION)
		return reason_set(reason, -ENODEV, "KVM: API version %d, and %d is needed", version,
		                  KVM_API_VERSION);
	return 0;
}

/*
 * A small guest touches some pages at the start and its stack at the end: clearing 2 MiB for each
 * would cost it more than it saves. In between the machine's policy holds.
 */
static void keep_pages_small(const struct vm *vm)
{
	error_ignore(madvise(vm->memory, HVT_MEMORY_UNIT, MADV_NOHUGEPAGE) != 0,
	             "a kernel without huge pages");
	error_ignore(madvise(vm->memory + vm->mapped - HVT_MEMORY_UNIT, HVT_MEMORY_UNIT,
	                     MADV_NOHUGEPAGE) != 0,
	             "a kernel without huge pages");
}

static int map_memory(struct vm *vm, uint64_t mapped, struct reason *reason)
{
	/* One unit more, to start at a multiple: KVM can only then map huge pages. */
	void *room = mmap(NULL, mapped + HVT_MEMORY_UNIT, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED) {
		int error = errno;
		return reason_set(reason, -error, "Error allocating guest memory: %s",
		                  strerror(error));
	}
	uintptr_t start = ((uintptr_t)room + HVT_MEMORY_UNIT - 1) & ~(HVT_MEMORY_UNIT - 1);
	vm->memory = (uint8_t *)start;
	vm->mapped = mapped;
	keep_pages_small(vm);

	struct kvm_userspace_memory_region region = {
		.slot = 0,
		.guest_phys_addr = 0,
		.memory_size = mapped,
		.userspace_addr = start,
	};
	if (ioctl(vm->machine, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return failed(reason, "ioctl (SET_USER_MEMORY_REGION)");
	return 0;
}

static int make_processor(struct vm *vm, struct reason *reason)
{
	vm->processor = ioctl(vm->machine, KVM_CREATE_VCPU, 0);
	if (vm->processor < 0)
		return failed(reason, "ioctl (CREATE_VCPU)");

	int size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run))
		return failed(reason, "ioctl (GET_VCPU_MMAP_SIZE)");
	void *run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->processor, 0);
	if (run == MAP_FAILED)
		return failed(reason, "mmap of the processor");
	vm->run = run;

	int khz = ioctl(vm->processor, KVM_GET_TSC_KHZ, 0);
	if (khz <= 0)
		return failed(reason, "ioctl (GET_TSC_KHZ)");
	vm->tsc_frequency_hz = (uint64_t)khz * 1000;
	return 0;
}

int vm_create(struct vm *vm, uint64_t mapped, struct reason *reason)
{
	int error = open_kvm(vm, reason);

	if (error != 0)
		return error;
	vm->machine = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->machine < 0)
		return failed(reason, "ioctl (CREATE_VM)");
	vm->has_ioeventfd = ioctl(vm->machine, KVM_CHECK_EXTENSION, KVM_CAP_IOEVENTFD) > 0;

	error = map_memory(vm, mapped, reason);
	if (error == 0)
		error = make_processor(vm, reason);
	return error;
}

int vm_protect(const struct vm *vm, const struct executable_plan *plan, struct reason *reason)
{
	for (size_t i = 0; i < plan->range_count; i++) {
		const struct executable_range *range = &plan->ranges[i];
		int protection = PROT_READ | (range->protection & PROT_WRITE);

		/* KVM reads what it executes; a segment that may only be executed is readable. */
		if (mprotect(vm->memory + range->start, range->end - range->start, protection) != 0)
			return failed(reason, "mprotect of the image");
	}
	return 0;
}

int vm_bind_port(const struct vm *vm, uint16_t port, int event, struct reason *reason)
{
	struct kvm_ioeventfd bind = {
		.addr = port,
		.len = sizeof(uint32_t),
		.fd = event,
		.flags = KVM_IOEVENTFD_FLAG_PIO,
	};

	if (ioctl(vm->machine, KVM_IOEVENTFD, &bind) < 0)
		return failed(reason, "ioctl (IOEVENTFD)");
	return 0;
}
