/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/spt_extension.h"
#include "tenders/spt/spt.h"

#define HUGE_PAGE (UINT64_C(2) << 20)

/* In this process, an image's address is the address. */
static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* What to say when the kernel does not give the addresses. */
static const char *map_hint(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return ". The image's memory starts at address 65536: `sysctl vm.mmap_min_addr` "
		       "must "
		       "not be more";
	case EEXIST:
		return ". Addresses are taken: is it too much memory, or `ulimit -s unlimited`?";
	case ENOMEM:
		return ". Try less with --mem=N";
	default:
		return "";
	}
}

static int map(uint64_t memory_size, int protection, struct reason *reason)
{
	void *memory =
		mmap(pointer(SPT_MEMORY_START), memory_size - SPT_MEMORY_START, protection,
	             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (memory == MAP_FAILED)
		return reason_set(reason, -errno, "Could not map %llu MiB of memory: %s%s",
		                  (unsigned long long)(memory_size >> 20), strerror(errno),
		                  map_hint(errno));
	if (memory != pointer(SPT_MEMORY_START)) /* before Linux 4.17 */
		return reason_set(reason, -EEXIST, "Could not map memory at address %d%s",
		                  SPT_MEMORY_START, map_hint(EEXIST));
	return 0;
}

/*
 * The image's stack touches the end of its memory. Where the host gives huge pages unasked, that
 * would clear and keep 2 MiB for the sake of a few KiB.
 */
static void keep_stack_small(uint64_t memory_size)
{
	uint64_t start = (memory_size - 1) & ~(HUGE_PAGE - 1);

	if (start > SPT_MEMORY_START)
		error_ignore(madvise(pointer(start), memory_size - start, MADV_NOHUGEPAGE) != 0,
		             "a kernel without huge pages does not give any");
}

static int protect(const struct executable_plan *plan, int elsewhere, struct reason *reason)
{
	for (size_t i = 0; i < plan->range_count; i++) {
		const struct executable_range *range = &plan->ranges[i];

		if (range->protection == elsewhere)
			continue;
		if (mprotect(pointer(range->start), range->end - range->start, range->protection) !=
		    0)
			return reason_set(reason, -errno, "Could not protect memory: %s",
			                  strerror(errno));
	}
	return 0;
}

int spt_memory_load(struct launch *launch, uint64_t memory_size, bool executable_heap,
                    struct executable_plan *plan)
{
	struct reason *reason = &launch->reason;
	int protection = PROT_READ | PROT_WRITE | (executable_heap ? PROT_EXEC : 0);

	int error = executable_plan(&launch->executable, memory_size, plan, reason);
	if (error == 0)
		error = map(memory_size, protection, reason);
	if (error != 0)
		return error;
	keep_stack_small(memory_size);
	error = executable_load(&launch->executable, plan, 0, reason);
	if (error == 0)
		error = protect(plan, protection, reason);
	return error;
}

void spt_boot_write(const struct launch *launch, uint64_t memory_size,
                    const struct executable_plan *plan)
{
	uint64_t manifest = SPT_BOOT + sizeof(struct spt_boot);
	uint64_t command_line = manifest + manifest_size(&launch->manifest);
	const struct spt_boot boot = {
		.memory_size = memory_size,
		.image_end = plan->image_end,
		.command_line = command_line,
		.manifest = manifest,
		.epoll_descriptor = launch->readiness.epoll_descriptor,
		.timer_descriptor = launch->readiness.timer_descriptor,
	};

	const struct spt_extension extension = { SPT_EXTENSION_MARK, SPT_FEATURE_FORGET };

	memcpy(pointer(SPT_BOOT), &boot, sizeof(boot));
	memcpy(pointer(manifest), &launch->manifest, manifest_size(&launch->manifest));
	/* The rest of its 8192 bytes is zero already. */
	memcpy(pointer(command_line), launch->command_line, strlen(launch->command_line));
	memcpy(pointer(spt_extension_address(command_line)), &extension, sizeof(extension));
}
