/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/gdb_target.h"

#include <sys/ioctl.h>
#include <sys/mman.h>

enum {
	XSAVE_PRESENT = 512, /* offset of the word that tells which parts of the state are there */
};

const uint8_t *gdb_target_range(const struct gdb_target *target, uint64_t address, uint64_t length)
{
	if (address >= target->vm->mapped || length > target->vm->mapped - address)
		return NULL;
	return target->vm->memory + address;
}

static bool is_read_only(const struct gdb_target *target, uint64_t page)
{
	for (size_t i = 0; i < target->memory->read_only_count; i++)
		if (page >= target->memory->read_only[i].start &&
		    page < target->memory->read_only[i].end)
			return true;
	return false;
}

/* Code is closed to writes on the host's side too: open it for that long. */
bool gdb_target_write(struct gdb_target *target, uint64_t address, const uint8_t *bytes,
                      uint64_t length)
{
	if (gdb_target_range(target, address, length) == NULL)
		return false;
	for (uint64_t i = 0; i < length; i++) {
		uint64_t page = (address + i) & ~(uint64_t)(EXECUTABLE_PAGE - 1);
		bool closed = is_read_only(target, page);
		if (closed && mprotect(target->vm->memory + page, EXECUTABLE_PAGE,
		                       PROT_READ | PROT_WRITE) != 0)
			return false;
		target->vm->memory[address + i] = bytes[i];
		if (closed && mprotect(target->vm->memory + page, EXECUTABLE_PAGE, PROT_READ) != 0)
			return false;
	}
	return true;
}

static bool read_byte(void *context, uint64_t address, uint8_t *byte)
{
	const struct gdb_target *target = context;
	const uint8_t *place = gdb_target_range(target, address, 1);

	if (place == NULL)
		return false;
	*byte = *place;
	return true;
}

static bool write_byte(void *context, uint64_t address, uint8_t byte)
{
	return gdb_target_write(context, address, &byte, 1);
}

struct breakpoint_memory gdb_target_breakpoint_memory(struct gdb_target *target)
{
	return (struct breakpoint_memory){ read_byte, write_byte, target };
}

bool gdb_target_get_registers(const struct gdb_target *target, struct gdb_registers *registers)
{
	int processor = target->vm->processor;

	return ioctl(processor, KVM_GET_REGS, &registers->general) == 0 &&
	       ioctl(processor, KVM_GET_SREGS, &registers->special) == 0 &&
	       ioctl(processor, KVM_GET_XSAVE, &registers->extended) == 0;
}

bool gdb_target_set_registers(const struct gdb_target *target, struct gdb_registers *registers)
{
	int processor = target->vm->processor;

	/* Take x87 and SSE from there, even if they were in their initial state before. */
	registers->extended.region[XSAVE_PRESENT / sizeof(uint32_t)] |= 3;
	return ioctl(processor, KVM_SET_REGS, &registers->general) == 0 &&
	       ioctl(processor, KVM_SET_SREGS, &registers->special) == 0 &&
	       ioctl(processor, KVM_SET_XSAVE, &registers->extended) == 0;
}
