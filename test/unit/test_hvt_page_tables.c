// SPDX-License-Identifier: ISC
/* The page tables of hvt guests, walked as a processor walks them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tenders/hvt/page_tables.h"

enum {
	LOW = 0x100000,
	PRESENT = 1,
	WRITE = 2,
	LARGE = 0x80,
};

#define MIB(n)     ((uint64_t)(n) << 20)
#define NO_EXECUTE (UINT64_C(1) << 63)
#define ADDRESS    UINT64_C(0x000ffffffffff000)

struct mapping {
	bool present, writable, executable;
	uint64_t physical;
};

static uint64_t entry_at(const uint8_t *memory, uint64_t table, uint64_t index)
{
	uint64_t entry;

	assert_true(table < LOW); /* the guest must not find tables where it may write */
	memcpy(&entry, memory + table + 8 * index, sizeof(entry));
	return entry;
}

static struct mapping walk(const uint8_t *memory, uint64_t address)
{
	struct mapping mapping = { .writable = true, .executable = true };
	uint64_t table = 0x2000;

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t entry = entry_at(memory, table, address >> shift & 511);
		if (!(entry & PRESENT))
			return (struct mapping){ .present = false };
		mapping.writable = mapping.writable && (entry & WRITE);
		mapping.executable = mapping.executable && !(entry & NO_EXECUTE);
		table = entry & ADDRESS;
		if (shift == 12 || (shift == 21 && (entry & LARGE))) {
			uint64_t offset = address & ((UINT64_C(1) << shift) - 1);
			mapping.present = true;
			mapping.physical = table + offset;
			return mapping;
		}
	}
	fail();
	return mapping;
}

static uint8_t *build(uint64_t mapped, const struct guest_range *executable, size_t count)
{
	uint8_t *memory = calloc(1, LOW);

	assert_non_null(memory);
	assert_int_equal(page_tables_write(memory, mapped, executable, count), 0);
	return memory;
}

static void assert_mapping(const uint8_t *memory, uint64_t address, bool writable, bool executable)
{
	struct mapping mapping = walk(memory, address);

	assert_true(mapping.present);
	assert_int_equal(mapping.physical, address);
	assert_int_equal(mapping.writable, writable);
	assert_int_equal(mapping.executable, executable);
}

static void page_zero_descriptors_and_tables_are_not_there(void **state)
{
	const struct guest_range code = { LOW, LOW + 0x3000 };
	uint8_t *memory = build(MIB(64), &code, 1);

	(void)state;
	for (uint64_t page = 0; page < 0x10000; page += 0x1000)
		assert_false(walk(memory, page).present);
	free(memory);
}

static void the_rest_of_the_first_megabyte_can_only_be_read(void **state)
{
	const struct guest_range code = { LOW, LOW + 0x3000 };
	uint8_t *memory = build(MIB(64), &code, 1);

	(void)state;
	for (uint64_t page = 0x10000; page < LOW; page += 0x1000)
		assert_mapping(memory, page, false, false);
	free(memory);
}

static void only_code_is_executable(void **state)
{
	const struct guest_range code = { LOW, LOW + 0x3000 };
	uint8_t *memory = build(MIB(64), &code, 1);

	(void)state;
	assert_mapping(memory, LOW, true, true);
	assert_mapping(memory, LOW + 0x2fff, true, true);
	assert_mapping(memory, LOW + 0x3000, true, false);
	assert_mapping(memory, MIB(2) - 1, true, false);
	assert_mapping(memory, MIB(2), true, false);
	assert_mapping(memory, MIB(64) - 1, true, false);
	assert_false(walk(memory, MIB(64)).present);
	free(memory);
}

static void code_across_large_pages_is_executable_to_the_page(void **state)
{
	const struct guest_range code[] = {
		{ LOW, MIB(2) + 0x1000 },
		{ MIB(4) - 0x1000, MIB(8) + 0x2000 },
	};
	uint8_t *memory = build(MIB(64), code, 2);

	(void)state;
	assert_mapping(memory, MIB(2), true, true);
	assert_mapping(memory, MIB(2) + 0x1000, true, false);
	assert_mapping(memory, MIB(4) - 0x1001, true, false);
	assert_mapping(memory, MIB(4) - 0x1000, true, true);
	assert_mapping(memory, MIB(6), true, true);
	assert_mapping(memory, MIB(8) + 0x1fff, true, true);
	assert_mapping(memory, MIB(8) + 0x2000, true, false);
	/* Whole units of code need no table of small pages. */
	uint64_t entry = entry_at(memory, 0x4000, MIB(4) / MIB(2));
	assert_true(entry & LARGE);
	free(memory);
}

static void further_tables_are_not_mapped_behind_the_boot_block(void **state)
{
	struct guest_range code[20];

	(void)state;
	for (uint64_t i = 0; i < 20; i++)
		code[i] = (struct guest_range){ MIB(2 * i + 2), MIB(2 * i + 2) + 0x1000 };
	uint8_t *memory = build(MIB(64), code, 20);
	/* Seven fit below the boot block, so thirteen pages from 0x18000 on are tables. */
	for (uint64_t page = 0x18000; page < 0x18000 + 13 * 0x1000; page += 0x1000)
		assert_false(walk(memory, page).present);
	assert_mapping(memory, 0x18000 + 13 * 0x1000, false, false);
	for (uint64_t i = 0; i < 20; i++)
		assert_mapping(memory, MIB(2 * i + 2), true, true);
	free(memory);
}

static void everything_is_executable_on_request(void **state)
{
	uint8_t *memory = build(MIB(2), NULL, 0);

	(void)state;
	assert_mapping(memory, 0x10000, false, true);
	assert_mapping(memory, LOW, true, true);
	assert_mapping(memory, MIB(2) - 1, true, true);
	assert_false(walk(memory, MIB(2)).present);
	free(memory);
}

static void four_gigabytes_are_mapped_to_the_last_byte(void **state)
{
	const struct guest_range code = { LOW, LOW + 0x1000 };
	uint8_t *memory = build(MIB(4096), &code, 1);

	(void)state;
	for (uint64_t address = LOW; address < MIB(4096); address += MIB(1))
		assert_mapping(memory, address, true, address == LOW);
	assert_mapping(memory, MIB(4096) - 1, true, false);
	assert_false(walk(memory, MIB(4096)).present);
	free(memory);
}

static void too_many_pieces_of_code_are_refused_within_the_first_megabyte(void **state)
{
	enum {
		PIECES = 300
	};
	static struct guest_range code[PIECES];
	uint8_t *memory = calloc(1, LOW);

	(void)state;
	for (uint64_t i = 0; i < PIECES; i++)
		code[i] = (struct guest_range){ MIB(2 * i + 2), MIB(2 * i + 2) + 0x1000 };
	assert_int_equal(page_tables_write(memory, MIB(1024), code, PIECES), -E2BIG);
	free(memory); /* the sanitizer has seen to the bounds */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_zero_descriptors_and_tables_are_not_there),
		cmocka_unit_test(the_rest_of_the_first_megabyte_can_only_be_read),
		cmocka_unit_test(only_code_is_executable),
		cmocka_unit_test(code_across_large_pages_is_executable_to_the_page),
		cmocka_unit_test(further_tables_are_not_mapped_behind_the_boot_block),
		cmocka_unit_test(everything_is_executable_on_request),
		cmocka_unit_test(four_gigabytes_are_mapped_to_the_last_byte),
		cmocka_unit_test(too_many_pieces_of_code_are_refused_within_the_first_megabyte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
