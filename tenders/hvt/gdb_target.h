/* SPDX-License-Identifier: ISC */
/*
 * The guest as a debugger sees it: all of its memory, also what it may not touch itself, and its
 * registers.
 */
#ifndef TENDERS_HVT_GDB_TARGET_H
#define TENDERS_HVT_GDB_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/hvt/gdb_breakpoints.h"
#include "tenders/hvt/gdb_registers.h"
#include "tenders/hvt/guest_memory.h"
#include "tenders/hvt/vm.h"

struct gdb_target {
	const struct vm *vm;
	const struct guest_memory *memory; /* which parts are closed to writes */
	struct breakpoints breakpoints;
};

/* The `length` bytes at `address` for reading, or NULL if not all of them exist. */
const uint8_t *gdb_target_range(const struct gdb_target *target, uint64_t address, uint64_t length);

/* Change memory, code too. False if not all of it exists; nothing is changed then. */
must_check bool gdb_target_write(struct gdb_target *target, uint64_t address, const uint8_t *bytes,
                                 uint64_t length);

/* False if KVM does not want to. */
must_check bool gdb_target_get_registers(const struct gdb_target *target,
                                         struct gdb_registers *registers);
must_check bool gdb_target_set_registers(const struct gdb_target *target,
                                         struct gdb_registers *registers);

/* For the functions of gdb_breakpoints.h. */
struct breakpoint_memory gdb_target_breakpoint_memory(struct gdb_target *target);

#endif
