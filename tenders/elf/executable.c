/* SPDX-License-Identifier: ISC */
#include "tenders/elf/executable.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "headers are used as they are read");

#define MIB (UINT64_C(1) << 20)

static int invalid(const struct executable *executable, struct reason *reason, const char *what)
{
	return reason_set(reason, -ENOEXEC, "%s: invalid executable: %s", executable->path, what);
}

int executable_read(const struct executable *executable, void *bytes, size_t length,
                    uint64_t offset, struct reason *reason)
{
	uint8_t *at = bytes;

	if (offset > INT64_MAX || length > INT64_MAX - offset)
		return invalid(executable, reason, "an offset is beyond any file");
	while (length > 0) {
		ssize_t count = pread(executable->descriptor, at, length, (off_t)offset);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return reason_set(reason, -errno, "%s: %s", executable->path,
			                  strerror(errno));
		if (count == 0)
			return invalid(executable, reason, "the file is truncated");
		at += count;
		offset += (uint64_t)count;
		length -= (size_t)count;
	}
	return 0;
}

/* What is wrong with the header, or NULL. */
static const char *header_fault(const Elf64_Ehdr *header, uint16_t machine)
{
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return "not an ELF file";
	if (header->e_ident[EI_CLASS] != ELFCLASS64)
		return "not a 64-bit ELF file";
	if (header->e_ident[EI_DATA] != ELFDATA2LSB)
		return "not little endian";
	if (header->e_ident[EI_VERSION] != EV_CURRENT || header->e_version != EV_CURRENT)
		return "unknown ELF version";
	if (header->e_type != ET_EXEC)
		return "not linked at fixed addresses (ELF type is not EXEC)";
	if (machine != EXECUTABLE_ANY_MACHINE && header->e_machine != machine)
		return "built for another processor";
	if (header->e_ehsize != sizeof(Elf64_Ehdr) || header->e_phentsize != sizeof(Elf64_Phdr))
		return "headers of unknown size";
	if (header->e_phnum == 0)
		return "no program headers";
	if (header->e_phnum > EXECUTABLE_SEGMENTS_MAX)
		return "too many program headers";
	return NULL;
}

static int read_headers(struct executable *executable, uint16_t machine, struct reason *reason)
{
	Elf64_Ehdr header;

	int error = executable_read(executable, &header, sizeof(header), 0, reason);
	if (error != 0)
		return error;

	const char *fault = header_fault(&header, machine);
	if (fault != NULL)
		return invalid(executable, reason, fault);
	executable->entry = header.e_entry;
	executable->segment_count = header.e_phnum;
	return executable_read(executable, executable->segments,
	                       executable->segment_count * sizeof(executable->segments[0]),
	                       header.e_phoff, reason);
}

int executable_open(struct executable *executable, const char *path, uint16_t machine,
                    struct reason *reason)
{
	executable->path = path;
	/* Not to hang on a FIFO: reading from one fails below. */
	executable->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (executable->descriptor < 0)
		return reason_set(reason, -errno, "%s: %s", path, strerror(errno));

	int error = read_headers(executable, machine, reason);
	if (error != 0)
		executable_close(executable);
	return error;
}

void executable_close(struct executable *executable)
{
	if (executable->descriptor >= 0)
		close(executable->descriptor);
	executable->descriptor = -1;
}

static int protection_of(const Elf64_Phdr *segment)
{
	int protection = PROT_NONE;

	if ((segment->p_flags & PF_R) != 0)
		protection |= PROT_READ;
	if ((segment->p_flags & PF_W) != 0)
		protection |= PROT_WRITE;
	if ((segment->p_flags & PF_X) != 0)
		protection |= PROT_EXEC;
	return protection;
}

/* All segments must end in memory, those without contents in the file (.bss) too. */
static int check_memory(const struct executable *executable, uint64_t memory_size,
                        struct reason *reason)
{
	uint64_t needed = 0;

	for (size_t i = 0; i < executable->segment_count; i++) {
		const Elf64_Phdr *segment = &executable->segments[i];
		uint64_t end;

		if (segment->p_type != PT_LOAD || segment->p_memsz == 0)
			continue;
		if (__builtin_add_overflow(segment->p_vaddr, segment->p_memsz, &end))
			return invalid(executable, reason, "a segment ends beyond any memory");
		needed = end > needed ? end : needed;
	}
	if (needed <= memory_size)
		return 0;
	return reason_set(reason, -ENOEXEC,
	                  "%s: The image does not fit into the guest's memory: it takes %llu MiB "
	                  "without its heap, and has %llu. Give it more with --mem=N",
	                  executable->path, (unsigned long long)((needed + MIB - 1) / MIB),
	                  (unsigned long long)(memory_size / MIB));
}

/*
 * Work out the pages of one segment, which is known to end in memory. `previous_end` is the lowest
 * address that is still free. Returns what is wrong, or NULL.
 */
static const char *plan_range(const Elf64_Phdr *segment, uint64_t previous_end,
                              uint64_t memory_size, struct executable_range *range)
{
	uint64_t align = segment->p_align;

	if (align == 0 || (align & (align - 1)) != 0)
		return "a segment's alignment is not a power of two";
	if (segment->p_memsz < segment->p_filesz)
		return "a segment is larger in the file than in memory";
	if (segment->p_vaddr < EXECUTABLE_START)
		return "a segment is below 1 MiB";

	uint64_t end = segment->p_vaddr + segment->p_memsz;
	if (end > UINT64_MAX - (align - 1))
		return "a segment's alignment is out of range";
	range->start = segment->p_vaddr & ~(align - 1);
	range->end = (end + (align - 1)) & ~(align - 1);
	if (range->start % EXECUTABLE_PAGE != 0 || range->end % EXECUTABLE_PAGE != 0)
		return "a segment is not aligned to pages";
	if (range->start < EXECUTABLE_START)
		return "a segment is below 1 MiB";
	if (range->end > memory_size)
		return "a segment's pages do not fit into the guest's memory (more with --mem?)";
	if (range->start < previous_end)
		return "segments overlap or are not in ascending order";

	range->protection = protection_of(segment);
	if ((range->protection & PROT_WRITE) != 0 && (range->protection & PROT_EXEC) != 0)
		return "a segment is both writable and executable";
	range->data = segment->p_vaddr;
	range->data_size = segment->p_filesz;
	range->file_offset = segment->p_offset;
	return NULL;
}

int executable_plan(const struct executable *executable, uint64_t memory_size,
                    struct executable_plan *plan, struct reason *reason)
{
	int error = check_memory(executable, memory_size, reason);

	if (error != 0)
		return error;
	if (executable->entry < EXECUTABLE_START || executable->entry >= memory_size)
		return invalid(executable, reason, "the entry point is outside the guest's memory");

	plan->entry = executable->entry;
	plan->image_end = EXECUTABLE_START;
	plan->range_count = 0;
	for (size_t i = 0; i < executable->segment_count; i++) {
		const Elf64_Phdr *segment = &executable->segments[i];
		/* Solo5's own linker scripts leave an empty one at address 0. */
		if (segment->p_type != PT_LOAD || segment->p_filesz == 0)
			continue;

		struct executable_range *range = &plan->ranges[plan->range_count];
		const char *fault = plan_range(segment, plan->image_end, memory_size, range);
		if (fault != NULL)
			return invalid(executable, reason, fault);
		plan->image_end = range->end;
		plan->range_count++;
	}
	if (plan->range_count == 0)
		return invalid(executable, reason, "nothing to load");
	return 0;
}

int executable_load(const struct executable *executable, const struct executable_plan *plan,
                    uintptr_t base, struct reason *reason)
{
	for (size_t i = 0; i < plan->range_count; i++) {
		const struct executable_range *range = &plan->ranges[i];
		void *target = (void *)(base + range->data);

		int error = executable_read(executable, target, range->data_size,
		                            range->file_offset, reason);
		if (error != 0)
			return error;
	}
	return 0;
}
