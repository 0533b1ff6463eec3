/* SPDX-License-Identifier: ISC */
/*
 * Executables as a tender reads them: ELF64, little endian, ET_EXEC, at fixed addresses.
 *
 * Model.       executable_open() reads the headers once and checks them; executable_plan() decides
 *              from them alone which bytes go where in a memory of a given size; executable_load()
 *              copies. Only what the plan says is ever written.
 * Hostile.     The file is anybody's. Every number in it is checked before it is used; a file that
 *              changes while it is read gives an error or other contents, never a write outside.
 * Ownership.   An open executable holds a descriptor until executable_close().
 * See also.    note.h for the notes.
 */
#ifndef TENDERS_ELF_EXECUTABLE_H
#define TENDERS_ELF_EXECUTABLE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/report/reason.h"

enum {
	EXECUTABLE_SEGMENTS_MAX = 128,
	EXECUTABLE_START = 0x100000, /* the lowest address of an image */
	EXECUTABLE_PAGE = 4096,

	EXECUTABLE_ANY_MACHINE = EM_NONE,
#if defined(__x86_64__)
	EXECUTABLE_THIS_MACHINE = EM_X86_64,
#elif defined(__aarch64__)
	EXECUTABLE_THIS_MACHINE = EM_AARCH64,
#endif
};

struct executable {
	const char *path; /* the caller's, for messages */
	int descriptor;
	uint64_t entry;
	size_t segment_count;
	Elf64_Phdr segments[EXECUTABLE_SEGMENTS_MAX];
};

/* One segment to load. Addresses are the image's own. */
struct executable_range {
	uint64_t start; /* of the pages it occupies */
	uint64_t end;
	uint64_t data; /* address of its first byte */
	uint64_t data_size;
	uint64_t file_offset;
	int protection; /* PROT_READ, PROT_WRITE, PROT_EXEC; never the last two together */
};

struct executable_plan {
	uint64_t entry;
	uint64_t image_end; /* end of the last range: .bss may lie behind it */
	size_t range_count;
	struct executable_range ranges[EXECUTABLE_SEGMENTS_MAX]; /* ascending, apart */
};

/*
 * Open `path` and check its headers. `machine` is EXECUTABLE_THIS_MACHINE, or
 * EXECUTABLE_ANY_MACHINE for tools that only look. `path` has to live as long as `executable`.
 *
 * -ENOEXEC   not an executable of this kind, or truncated
 * others     what open() or pread() said
 */
must_check int executable_open(struct executable *executable, const char *path, uint16_t machine,
                               struct reason *reason);

void executable_close(struct executable *executable);

/* Read exactly `length` bytes at `offset` of the file. -ENOEXEC if the file ends before. */
must_check int executable_read(const struct executable *executable, void *bytes, size_t length,
                               uint64_t offset, struct reason *reason);

/*
 * Decide where each segment goes in a memory that reaches from 0 to `memory_size`. Segments without
 * contents in the file are left out, as the memory is zero already, but have to end in it too.
 * -ENOEXEC if any is out of bounds, overlaps another, is not made of whole pages, or is both writable
 * and executable.
 */
must_check int executable_plan(const struct executable *executable, uint64_t memory_size,
                               struct executable_plan *plan, struct reason *reason);

/*
 * Copy the segments to where `plan` has them. `base` is the host's address of the image's address
 * 0; [base, base + memory_size) must be writable and zero from EXECUTABLE_START on. Protections
 * are the caller's to set afterwards.
 */
must_check int executable_load(const struct executable *executable,
                               const struct executable_plan *plan, uintptr_t base,
                               struct reason *reason);

#endif
