/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/gdb_breakpoints.h"

#include <string.h>

enum {
	HALT_INSTRUCTION = 0xf4,
	DR7_ALWAYS_ONE = 0x400,
	DR7_EXACT = 0x300,
	DR7_CONDITIONS = 16, /* first bit of the conditions and lengths, four for each register */
};

static struct soft_breakpoint *find_soft(struct breakpoints *breakpoints, uint64_t address)
{
	for (size_t i = 0; i < breakpoints->soft_count; i++)
		if (breakpoints->soft[i].address == address)
			return &breakpoints->soft[i];
	return NULL;
}

bool breakpoint_is_soft(const struct breakpoints *breakpoints, uint64_t address)
{
	for (size_t i = 0; i < breakpoints->soft_count; i++)
		if (breakpoints->soft[i].address == address)
			return true;
	return false;
}

static bool set_soft(struct breakpoints *breakpoints, uint64_t address,
                     const struct breakpoint_memory *memory)
{
	uint8_t original;

	if (find_soft(breakpoints, address) != NULL)
		return true;
	if (breakpoints->soft_count == BREAKPOINTS_SOFT_MAX ||
	    !memory->read(memory->context, address, &original) ||
	    !memory->write(memory->context, address, HALT_INSTRUCTION))
		return false;
	breakpoints->soft[breakpoints->soft_count++] =
		(struct soft_breakpoint){ address, original };
	return true;
}

static bool remove_soft(struct breakpoints *breakpoints, uint64_t address,
                        const struct breakpoint_memory *memory)
{
	struct soft_breakpoint *found = find_soft(breakpoints, address);

	if (found == NULL)
		return true;
	if (!memory->write(memory->context, address, found->original))
		return false;
	*found = breakpoints->soft[--breakpoints->soft_count];
	return true;
}

static struct hard_breakpoint *find_hard(struct breakpoints *breakpoints, enum breakpoint_kind kind,
                                         uint64_t address, uint64_t length)
{
	for (size_t i = 0; i < BREAKPOINTS_HARD_MAX; i++) {
		struct hard_breakpoint *hard = &breakpoints->hard[i];
		if (hard->used && hard->kind == kind && hard->address == address &&
		    hard->length == length)
			return hard;
	}
	return NULL;
}

static bool set_hard(struct breakpoints *breakpoints, enum breakpoint_kind kind, uint64_t address,
                     uint64_t length)
{
	bool possible = length == 1 || length == 2 || length == 4 || length == 8;

	if (!possible || address % length != 0)
		return false;
	if (find_hard(breakpoints, kind, address, length) != NULL)
		return true;
	for (size_t i = 0; i < BREAKPOINTS_HARD_MAX; i++) {
		if (breakpoints->hard[i].used)
			continue;
		breakpoints->hard[i] =
			(struct hard_breakpoint){ true, kind, address, (uint8_t)length };
		return true;
	}
	return false;
}

bool breakpoint_set(struct breakpoints *breakpoints, enum breakpoint_kind kind, uint64_t address,
                    uint64_t length, const struct breakpoint_memory *memory)
{
	switch (kind) {
	case BREAKPOINT_SOFT:
		return set_soft(breakpoints, address, memory);
	case BREAKPOINT_HARD:
		return set_hard(breakpoints, kind, address, 1);
	case WATCH_WRITE:
	case WATCH_READ:
	case WATCH_ACCESS:
		return set_hard(breakpoints, kind, address, length);
	}
	return false;
}

bool breakpoint_remove(struct breakpoints *breakpoints, enum breakpoint_kind kind, uint64_t address,
                       uint64_t length, const struct breakpoint_memory *memory)
{
	if (kind == BREAKPOINT_SOFT)
		return remove_soft(breakpoints, address, memory);
	struct hard_breakpoint *hard =
		find_hard(breakpoints, kind, address, kind == BREAKPOINT_HARD ? 1 : length);
	if (hard != NULL)
		hard->used = false;
	return true;
}

void breakpoints_clear(struct breakpoints *breakpoints, const struct breakpoint_memory *memory)
{
	while (breakpoints->soft_count > 0) {
		const struct soft_breakpoint *last = &breakpoints->soft[--breakpoints->soft_count];
		error_ignore(!memory->write(memory->context, last->address, last->original),
		             "it could be written to when the breakpoint was set");
	}
	memset(breakpoints, 0, sizeof(*breakpoints));
}

/* The processor's codes: what to break on, and how many bytes. */
static uint64_t condition(const struct hard_breakpoint *hard)
{
	if (hard->kind == BREAKPOINT_HARD)
		return 0;
	uint64_t access = hard->kind == WATCH_WRITE ? 1 : 3;
	uint64_t length = hard->length == 8 ? 2 : (uint64_t)hard->length - 1;
	return access | length << 2;
}

void breakpoints_debug_registers(const struct breakpoints *breakpoints, uint64_t registers[8])
{
	memset(registers, 0, 8 * sizeof(registers[0]));
	registers[7] = DR7_ALWAYS_ONE;
	for (size_t i = 0; i < BREAKPOINTS_HARD_MAX; i++) {
		const struct hard_breakpoint *hard = &breakpoints->hard[i];
		if (!hard->used)
			continue;
		registers[i] = hard->address;
		registers[7] |= DR7_EXACT | UINT64_C(2) << (2 * i) |
		                condition(hard) << (DR7_CONDITIONS + 4 * i);
	}
}

const struct hard_breakpoint *breakpoints_watched(const struct breakpoints *breakpoints,
                                                  uint64_t dr6)
{
	for (size_t i = 0; i < BREAKPOINTS_HARD_MAX; i++) {
		const struct hard_breakpoint *hard = &breakpoints->hard[i];
		if (hard->used && (dr6 >> i & 1) && hard->kind != BREAKPOINT_HARD)
			return hard;
	}
	return NULL;
}
