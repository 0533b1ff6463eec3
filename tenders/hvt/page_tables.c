/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/page_tables.h"

#include <errno.h>
#include <string.h>

#include "abi/hvt.h"

enum {
	ENTRIES = 512,
	DIRECTORIES = 4,
	/* More tables: what the ABI leaves between its own and the boot block, then behind it. */
	TABLES_LOW = HVT_PAGE_TABLE + PAGE_SIZE_4K,
	TABLES_HIGH = 0x18000,
};

static_assert(HVT_BOOT + sizeof(struct hvt_boot) + 6668 + HVT_COMMAND_LINE_SIZE <= TABLES_HIGH,
              "the boot block ends before the further tables");

struct builder {
	uint8_t *memory;
	uint64_t mapped;
	const struct guest_range *executable;
	size_t executable_count;
	bool all_executable;
	uint64_t next_table;
};

enum coverage {
	COVERS_NONE,
	COVERS_SOME,
	COVERS_ALL
};

static void put(const struct builder *builder, uint64_t table, uint64_t index, uint64_t entry)
{
	memcpy(builder->memory + table + index * sizeof(entry), &entry, sizeof(entry));
}

/* How much of [start, start + size) may be executed. */
static enum coverage executable(const struct builder *builder, uint64_t start, uint64_t size)
{
	uint64_t covered = 0;

	if (builder->all_executable)
		return COVERS_ALL;
	for (size_t i = 0; i < builder->executable_count; i++) {
		const struct guest_range *range = &builder->executable[i];
		uint64_t from = range->start > start ? range->start : start;
		uint64_t to = range->end < start + size ? range->end : start + size;
		if (from < to)
			covered += to - from;
	}
	if (covered == 0)
		return COVERS_NONE;
	return covered == size ? COVERS_ALL : COVERS_SOME;
}

static uint64_t page_entry(const struct builder *builder, uint64_t page)
{
	if (page < HVT_BOOT || (page >= TABLES_HIGH && page < builder->next_table))
		return 0;
	uint64_t flags = PAGE_PRESENT;
	if (page >= HVT_IMAGE)
		flags |= PAGE_WRITE;
	if (executable(builder, page, PAGE_SIZE_4K) != COVERS_ALL)
		flags |= PAGE_NO_EXECUTE;
	return page | flags;
}

static void fill_table(const struct builder *builder, uint64_t table, uint64_t start)
{
	for (uint64_t i = 0; i < ENTRIES; i++)
		put(builder, table, i, page_entry(builder, start + i * PAGE_SIZE_4K));
}

static uint64_t take_table(struct builder *builder)
{
	uint64_t table = builder->next_table;

	if (table == HVT_IMAGE)
		return 0;
	builder->next_table = table + PAGE_SIZE_4K;
	if (builder->next_table == HVT_BOOT)
		builder->next_table = TABLES_HIGH;
	return table;
}

static int fill_directory(struct builder *builder, uint64_t directory, uint64_t first)
{
	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t start = first + i * PAGE_SIZE_2M;
		uint64_t entry = start | PAGE_LARGE | PAGE_PRESENT | PAGE_WRITE;

		if (start == 0 || start >= builder->mapped)
			continue;
		switch (executable(builder, start, PAGE_SIZE_2M)) {
		case COVERS_NONE:
			entry |= PAGE_NO_EXECUTE;
			break;
		case COVERS_ALL:
			break;
		case COVERS_SOME: {
			uint64_t table = take_table(builder);
			if (table == 0)
				return -E2BIG;
			fill_table(builder, table, start);
			entry = table | PAGE_PRESENT | PAGE_WRITE;
			break;
		}
		}
		put(builder, directory, i, entry);
	}
	return 0;
}

static void write_descriptors(const struct builder *builder)
{
	put(builder, HVT_GDT, 0, 0);
	put(builder, HVT_GDT, 1, UINT64_C(0x00af99000000ffff)); /* 64-bit code */
	put(builder, HVT_GDT, 2, UINT64_C(0x00cf93000000ffff)); /* data */
}

int page_tables_write(uint8_t *memory, uint64_t mapped, const struct guest_range *ranges,
                      size_t count)
{
	struct builder builder = {
		.memory = memory,
		.mapped = mapped,
		.executable = ranges,
		.executable_count = count,
		.all_executable = ranges == NULL,
		.next_table = TABLES_LOW,
	};

	write_descriptors(&builder);
	put(&builder, HVT_PAGE_MAP, 0, HVT_PAGE_POINTERS | PAGE_PRESENT | PAGE_WRITE);
	for (uint64_t i = 0; i < DIRECTORIES; i++) {
		uint64_t directory = HVT_PAGE_DIRECTORIES + i * PAGE_SIZE_4K;

		put(&builder, HVT_PAGE_POINTERS, i, directory | PAGE_PRESENT | PAGE_WRITE);
		int error = fill_directory(&builder, directory, i * ENTRIES * PAGE_SIZE_2M);
		if (error != 0)
			return error;
	}
	/* Last, when it is known which pages hold tables. */
	fill_table(&builder, HVT_PAGE_TABLE, 0);
	put(&builder, HVT_PAGE_DIRECTORIES, 0, HVT_PAGE_TABLE | PAGE_PRESENT | PAGE_WRITE);
	return 0;
}
