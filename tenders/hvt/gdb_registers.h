/* SPDX-License-Identifier: ISC */
/*
 * The processor's registers in the order and the sizes that gdb knows them by.
 */
#ifndef TENDERS_HVT_GDB_REGISTERS_H
#define TENDERS_HVT_GDB_REGISTERS_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

struct gdb_registers {
	struct kvm_regs general;
	struct kvm_sregs special;
	struct kvm_xsave extended; /* starts as the instruction FXSAVE writes it */
};

enum {
	GDB_REGISTER_SIZE_MAX = 16,
};

/* What gdb is told: which registers there are. XML. */
extern const char gdb_target_description[];

size_t gdb_register_count(void);

/* The bytes of one register, and how many there are, at most GDB_REGISTER_SIZE_MAX. */
size_t gdb_register_get(const struct gdb_registers *registers, size_t number,
                        uint8_t bytes[GDB_REGISTER_SIZE_MAX]);

/* How many bytes the register has: for gdb_register_set(). 0 if there is no such register. */
size_t gdb_register_size(size_t number);

/* False if it cannot be set: a segment register. */
must_check bool gdb_register_set(struct gdb_registers *registers, size_t number,
                                 const uint8_t *bytes);

#endif
