// SPDX-License-Identifier: ISC
/*
 * Page tables. Intel SDM volume 3, section 4.5.
 *
 * Memory is mapped in pages of 2 MiB, but for the first ones, which hold the image, and those in
 * which a guard lies: they are split into 512 pages of 4 KiB. A table made for a guard stays when
 * the guard goes, since the next stack will want it again.
 */
#include "targets/x86_64/paging.h"

#include <stdlib.h>
#include <string.h>

#include "targets/bare/guard.h"
#include "targets/bare/memory.h"
#include "targets/x86_64/registers.h"

enum {
	TABLE_ENTRIES = 512,
	PAGE_PRESENT = 1 << 0,
	PAGE_WRITABLE = 1 << 1,
	PAGE_LARGE = 1 << 7,
};

#define PAGE_NO_EXECUTE UINT64_C(0x8000000000000000)
#define PAGE_ADDRESS    UINT64_C(0x000ffffffffff000)
#define LARGE_PAGE_SIZE (UINT64_C(2) << 20)
#define DIRECTORY_SPAN  (UINT64_C(1) << 30)

const size_t guard_size = IMAGE_PAGE_SIZE;

static struct {
	uint64_t *pointers; /* of directories, one for each GiB */
	uint64_t no_execute;
} paging;

static uint64_t *table_at(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & PAGE_ADDRESS);
}

/* What the page at `address` may be used for. */
static uint64_t page_flags(uintptr_t address, uintptr_t read_only_start, uintptr_t read_only_end)
{
	if (address < (uintptr_t)image_text_start)
		return address >= read_only_start && address < read_only_end
		               ? PAGE_PRESENT | paging.no_execute
		               : 0;
	if (address < (uintptr_t)image_text_end)
		return PAGE_PRESENT;
	if (address < (uintptr_t)image_rodata_end)
		return PAGE_PRESENT | paging.no_execute;
	return PAGE_PRESENT | PAGE_WRITABLE | paging.no_execute;
}

static bool has_no_execute(void)
{
	uint32_t a = 0x80000000, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (a < 0x80000001)
		return false;
	a = 0x80000001;
	c = 0;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (d >> 20 & 1) != 0;
}

/* Take a zeroed table from free memory, which only ever was zero. */
static uint64_t *table_take(uintptr_t *free)
{
	uint64_t *table = (uint64_t *)*free;

	*free += IMAGE_PAGE_SIZE;
	return table;
}

static uint64_t table_entry(const uint64_t *table)
{
	return (uintptr_t)table | PAGE_PRESENT | PAGE_WRITABLE;
}

uintptr_t paging_start(uintptr_t free, uintptr_t memory_end, uintptr_t read_only_start,
                       uintptr_t read_only_end)
{
	uint64_t *map = table_take(&free);

	if (has_no_execute()) {
		paging.no_execute = PAGE_NO_EXECUTE;
		msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_NXE);
	}
	paging.pointers = table_take(&free);
	map[0] = table_entry(paging.pointers);
	for (uintptr_t gib = 0; gib < memory_end; gib += DIRECTORY_SPAN)
		paging.pointers[gib / DIRECTORY_SPAN] = table_entry(table_take(&free));
	for (uintptr_t large = 0; large < memory_end; large += LARGE_PAGE_SIZE) {
		uint64_t *directory = table_at(paging.pointers[large / DIRECTORY_SPAN]);
		uint64_t *entry = &directory[large % DIRECTORY_SPAN / LARGE_PAGE_SIZE];

		if (large > free) {
			*entry = large | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE |
			         paging.no_execute;
			continue;
		}
		uint64_t *table = table_take(&free);

		*entry = table_entry(table);
		for (size_t i = 0; i < TABLE_ENTRIES; i++) {
			uintptr_t page = large + i * IMAGE_PAGE_SIZE;
			uint64_t flags = page_flags(page, read_only_start, read_only_end);

			table[i] = flags == 0 ? 0 : page | flags;
		}
	}
	cr3_write((uintptr_t)map);
	if (guard_install((void *)free))
		free += IMAGE_PAGE_SIZE;
	return free;
}

static uint64_t *directory_entry(uintptr_t address)
{
	uint64_t *directory = table_at(paging.pointers[address / DIRECTORY_SPAN]);

	return &directory[address % DIRECTORY_SPAN / LARGE_PAGE_SIZE];
}

/* Make a table of the large page that `entry` maps. */
static bool split(uint64_t *entry)
{
	uint64_t *table = aligned_alloc(IMAGE_PAGE_SIZE, IMAGE_PAGE_SIZE);

	if (table == NULL)
		return false;
	for (size_t i = 0; i < TABLE_ENTRIES; i++)
		table[i] = (*entry & ~(uint64_t)PAGE_LARGE) + i * IMAGE_PAGE_SIZE;
	*entry = table_entry(table);
	return true;
}

static uint64_t *page_entry(uintptr_t address)
{
	return &table_at(*directory_entry(address))[address % LARGE_PAGE_SIZE / IMAGE_PAGE_SIZE];
}

bool paging_maps(uintptr_t address)
{
	return (*directory_entry(address) & PAGE_LARGE) != 0 ||
	       (*page_entry(address) & PAGE_PRESENT) != 0;
}

bool guard_install(void *page)
{
	uintptr_t address = (uintptr_t)page;
	uint64_t *entry = directory_entry(address);

	if ((*entry & PAGE_LARGE) != 0 && !split(entry))
		return false;
	*page_entry(address) = 0;
	page_invalidate(address);
	return true;
}

void guard_remove(void *page)
{
	uintptr_t address = (uintptr_t)page;

	*page_entry(address) = address | PAGE_PRESENT | PAGE_WRITABLE | paging.no_execute;
}
