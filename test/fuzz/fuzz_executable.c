// SPDX-License-Identifier: ISC
/*
 * Files that a tender might be given: headers, notes, manifest and loading. Whatever is accepted
 * must be inside the memory; the copy itself is watched by the sanitizer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tenders/elf/executable.h"
#include "tenders/elf/note.h"
#include "tenders/manifest/manifest.h"

enum {
	MEMORY = 0x140000,
};

static void want(bool condition)
{
	if (!condition)
		abort();
}

static void check_plan(const struct executable_plan *plan)
{
	uint64_t end = EXECUTABLE_START;

	want(plan->entry >= EXECUTABLE_START && plan->entry < MEMORY);
	for (size_t i = 0; i < plan->range_count; i++) {
		const struct executable_range *range = &plan->ranges[i];

		want(range->start >= end && range->end > range->start && range->end <= MEMORY);
		want(range->start % EXECUTABLE_PAGE == 0 && range->end % EXECUTABLE_PAGE == 0);
		want(range->data >= range->start && range->data_size > 0 &&
		     range->data_size <= range->end - range->data);
		want((range->protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC));
		end = range->end;
	}
	want(plan->image_end == end);
}

static void check_manifest(const struct manifest *manifest)
{
	want(manifest->entry_count >= 1 && manifest->entry_count <= SOLO5_MANIFEST_ENTRIES_MAX);
	for (size_t i = 1; i < manifest->entry_count; i++)
		want(strlen(manifest->entries[i].name) < SOLO5_MANIFEST_NAME_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t *memory;
	static int file = -1;
	struct executable executable;
	struct executable_plan plan;
	struct manifest manifest;
	struct reason reason = { .usage = false };
	char path[64];

	if (memory == NULL) {
		memory = malloc(MEMORY);
		file = memfd_create("image", MFD_CLOEXEC);
		want(memory != NULL && file >= 0);
	}
	want(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);

	if (executable_open(&executable, path, EXECUTABLE_ANY_MACHINE, &reason) != 0) {
		want(reason.text[0] != '\0');
		return 0;
	}
	if (note_check_abi(&executable, 2, 2, "solo5-spt", &reason) != 0)
		want(reason.text[0] != '\0');
	if (manifest_read(&manifest, &executable, &reason) == 0)
		check_manifest(&manifest);
	if (executable_plan(&executable, MEMORY, &plan, &reason) == 0) {
		check_plan(&plan);
		error_ignore(executable_load(&executable, &plan, (uintptr_t)memory, &reason),
		             "truncated files are errors here");
	}
	executable_close(&executable);
	return 0;
}
