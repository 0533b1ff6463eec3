/* SPDX-License-Identifier: ISC */
/*
 * Breakpoints: an instruction of one byte in place of the guest's own, or the processor's four debug
 * registers.
 *
 * The instruction is `hlt`, not `int3`: a guest has no other use for it, and every kind of KVM leaves
 * the guest there, while int3 is not always intercepted where KVM itself runs in a guest.
 */
#ifndef TENDERS_HVT_GDB_BREAKPOINTS_H
#define TENDERS_HVT_GDB_BREAKPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/hvt/vm.h"

enum {
	BREAKPOINTS_SOFT_MAX = 256,
	BREAKPOINTS_HARD_MAX = 4,
};

/* The numbers of gdb's Z packets. */
enum breakpoint_kind {
	BREAKPOINT_SOFT = 0,
	BREAKPOINT_HARD = 1,
	WATCH_WRITE = 2,
	WATCH_READ = 3, /* the processor can only watch reads and writes together */
	WATCH_ACCESS = 4,
};

struct hard_breakpoint {
	bool used;
	enum breakpoint_kind kind;
	uint64_t address;
	uint8_t length;
};

struct soft_breakpoint {
	uint64_t address;
	uint8_t original;
};

struct breakpoints {
	size_t soft_count;
	struct soft_breakpoint soft[BREAKPOINTS_SOFT_MAX];
	struct hard_breakpoint hard[BREAKPOINTS_HARD_MAX];
};

/* How the guest's memory is changed: `write` puts one byte even into read-only memory. */
struct breakpoint_memory {
	bool (*read)(void *context, uint64_t address, uint8_t *byte);
	bool (*write)(void *context, uint64_t address, uint8_t byte);
	void *context;
};

/* Setting one that is set, or removing one that is not, changes nothing. */
must_check bool breakpoint_set(struct breakpoints *breakpoints, enum breakpoint_kind kind,
                               uint64_t address, uint64_t length,
                               const struct breakpoint_memory *memory);
must_check bool breakpoint_remove(struct breakpoints *breakpoints, enum breakpoint_kind kind,
                                  uint64_t address, uint64_t length,
                                  const struct breakpoint_memory *memory);

/* Whether a soft breakpoint stands at `address`. */
bool breakpoint_is_soft(const struct breakpoints *breakpoints, uint64_t address);

/* Put the guest's own instructions back, and forget all. */
void breakpoints_clear(struct breakpoints *breakpoints, const struct breakpoint_memory *memory);

/* What the processor's DR0 to DR3 and DR7 have to be. */
void breakpoints_debug_registers(const struct breakpoints *breakpoints, uint64_t registers[8]);

/* The watchpoint that `dr6` says was hit, or NULL: another kind, or a step. */
const struct hard_breakpoint *breakpoints_watched(const struct breakpoints *breakpoints,
                                                  uint64_t dr6);

#endif
