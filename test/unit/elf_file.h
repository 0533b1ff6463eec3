/* SPDX-License-Identifier: ISC */
/*
 * ELF files for tests of the tenders: made in memory, opened by path.
 */
#ifndef TEST_UNIT_ELF_FILE_H
#define TEST_UNIT_ELF_FILE_H

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tenders/elf/executable.h"

enum {
	ELF_FILE_DATA = 0x1000, /* file offset of what is not a header */
	ELF_FILE_SIZE = 0x4000,
};

struct elf_file {
	Elf64_Ehdr header;
	Elf64_Phdr segments[16];
	char padding[ELF_FILE_DATA - sizeof(Elf64_Ehdr) - 16 * sizeof(Elf64_Phdr)];
	uint8_t data[ELF_FILE_SIZE - ELF_FILE_DATA];
};

_Static_assert(sizeof(struct elf_file) == ELF_FILE_SIZE, "layout");

/* A header and nothing to load. */
static inline void elf_file_init(struct elf_file *file)
{
	memset(file, 0, sizeof(*file));
	memcpy(file->header.e_ident, ELFMAG, SELFMAG);
	file->header.e_ident[EI_CLASS] = ELFCLASS64;
	file->header.e_ident[EI_DATA] = ELFDATA2LSB;
	file->header.e_ident[EI_VERSION] = EV_CURRENT;
	file->header.e_type = ET_EXEC;
	file->header.e_machine = EXECUTABLE_THIS_MACHINE;
	file->header.e_version = EV_CURRENT;
	file->header.e_entry = 0x100000;
	file->header.e_phoff = offsetof(struct elf_file, segments);
	file->header.e_ehsize = sizeof(Elf64_Ehdr);
	file->header.e_phentsize = sizeof(Elf64_Phdr);
}

static inline Elf64_Phdr *elf_file_add(struct elf_file *file, Elf64_Phdr segment)
{
	file->segments[file->header.e_phnum] = segment;
	return &file->segments[file->header.e_phnum++];
}

/* One page at `address`, from the start of the data. */
static inline Elf64_Phdr *elf_file_add_page(struct elf_file *file, uint64_t address, uint32_t flags)
{
	return elf_file_add(file, (Elf64_Phdr){ .p_type = PT_LOAD,
	                                        .p_flags = flags,
	                                        .p_offset = ELF_FILE_DATA,
	                                        .p_vaddr = address,
	                                        .p_filesz = 0x1000,
	                                        .p_memsz = 0x1000,
	                                        .p_align = 0x1000 });
}

/* `size` bytes of note at `offset` of the data. */
static inline Elf64_Phdr *elf_file_add_note(struct elf_file *file, size_t offset, const void *note,
                                            size_t size)
{
	memcpy(file->data + offset, note, size);
	return elf_file_add(file, (Elf64_Phdr){ .p_type = PT_NOTE,
	                                        .p_offset = ELF_FILE_DATA + offset,
	                                        .p_filesz = size,
	                                        .p_memsz = size,
	                                        .p_align = 4 });
}

/* Open the first `size` bytes of `file` as a tender would. */
static inline int elf_file_open(const void *bytes, size_t size, struct executable *executable,
                                struct reason *reason)
{
	char path[64];

	int descriptor = memfd_create("elf", MFD_CLOEXEC);
	if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	int error = executable_open(executable, path, EXECUTABLE_THIS_MACHINE, reason);
	executable->path = "test.elf";
	close(descriptor);
	return error;
}

#endif
