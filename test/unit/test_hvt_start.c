// SPDX-License-Identifier: ISC
/* What an hvt guest finds when it starts: numbers are those of the ABI, written out again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tenders/hvt/boot_block.h"
#include "tenders/hvt/vcpu.h"
#include "tenders/hvt/vm.h"

#define MIB(n) ((uint64_t)(n) << 20)

static uint64_t word(const uint8_t *memory, size_t offset)
{
	uint64_t value;

	memcpy(&value, memory + offset, sizeof(value));
	return value;
}

static struct manifest two_devices(void)
{
	struct manifest manifest = { .version = 1, .entry_count = 3 };

	manifest.entries[0].type = 0x40000000;
	strcpy(manifest.entries[1].name, "storage");
	manifest.entries[1].type = 1;
	manifest.entries[1].block.capacity = 65536;
	manifest.entries[1].block.block_size = 512;
	manifest.entries[1].descriptor = 7;
	manifest.entries[1].attached = 1;
	strcpy(manifest.entries[2].name, "service");
	manifest.entries[2].type = 2;
	manifest.entries[2].net.mtu = 1500;
	manifest.entries[2].descriptor = 8;
	manifest.entries[2].attached = 1;
	return manifest;
}

static void the_boot_block_is_what_solo5_writes(void **state)
{
	uint8_t *memory = calloc(1, 0x100000);
	struct manifest manifest = two_devices();
	const struct boot_block block = { MIB(512),   0x108000,  2500000000,
		                          0x20000000, &manifest, "--hello=1 x" };

	(void)state;
	assert_int_equal(boot_block_write(memory, &block), 0);
	const uint8_t *boot = memory + 0x10000;
	assert_int_equal(word(boot, 0), MIB(512));
	assert_int_equal(word(boot, 8), 0x108000);
	assert_int_equal(word(boot, 16), 2500000000);
	assert_int_equal(word(boot, 32), 0x10038);
	assert_int_equal(word(boot, 40), 1); /* the ring, and nothing of the guest's */
	assert_int_equal(word(boot, 48), 0x20000000);

	const uint8_t *copy = memory + 0x10038;
	assert_int_equal(word(copy, 0), UINT64_C(3) << 32 | 1);
	assert_string_equal(copy + 8 + 104, "storage");
	assert_int_equal(word(copy, 8 + 104 + 72), 65536);
	assert_int_equal(copy[8 + 104 + 96], 1);
	assert_string_equal(copy + 8 + 208, "service");
	assert_int_equal(word(boot, 24), 0x10038 + 8 + 3 * 104);
	assert_string_equal(memory + word(boot, 24), "--hello=1 x");
	free(memory);
}

static void the_guest_is_not_told_the_tenders_descriptors(void **state)
{
	uint8_t *memory = calloc(1, 0x100000);
	struct manifest manifest = two_devices();
	const struct boot_block block = { MIB(2), 0x108000, 1000, 0, &manifest, "" };

	(void)state;
	assert_int_equal(boot_block_write(memory, &block), 0);
	assert_int_equal(word(memory + 0x10038, 8 + 104 + 88), 0);
	assert_int_equal(word(memory + 0x10038, 8 + 208 + 88), 0);
	assert_int_equal(manifest.entries[1].descriptor, 7);
	free(memory);
}

static void without_a_ring_its_fields_are_zero(void **state)
{
	uint8_t *memory = calloc(1, 0x100000);
	struct manifest manifest = two_devices();
	const struct boot_block block = { MIB(2), 0x108000, 1000, 0, &manifest, "" };

	(void)state;
	assert_int_equal(boot_block_write(memory, &block), 0);
	assert_int_equal(word(memory + 0x10000, 40), 0);
	assert_int_equal(word(memory + 0x10000, 48), 0);
	free(memory);
}

static void the_longest_command_line_fits_and_no_longer_one(void **state)
{
	uint8_t *memory = calloc(1, 0x100000);
	struct manifest manifest = two_devices();
	char line[8193];
	const struct boot_block block = { MIB(2), 0x108000, 1000, 0, &manifest, line };

	(void)state;
	memset(line, 'x', sizeof(line));
	line[8192] = '\0';
	assert_int_equal(boot_block_write(memory, &block), -E2BIG);
	line[8191] = '\0';
	manifest.entry_count = 64;
	assert_int_equal(boot_block_write(memory, &block), 0);
	assert_string_equal(memory + word(memory + 0x10000, 24), line);
	free(memory);
}

static void the_processor_starts_as_the_abi_has_it(void **state)
{
	struct kvm_sregs special;
	struct kvm_regs registers;

	(void)state;
	memset(&special, 0, sizeof(special));
	vcpu_entry_special(&special, true);
	assert_int_equal(special.cr0, 0x80010021);
	assert_int_equal(special.cr3, 0x2000);
	assert_int_equal(special.cr4, 0x620);
	assert_int_equal(special.efer, 0xd00); /* Solo5's, and NXE */
	assert_int_equal(special.cs.selector, 8);
	assert_int_equal(special.cs.l, 1);
	assert_int_equal(special.cs.limit, 0xffffffff);
	assert_int_equal(special.ss.selector, 16);
	assert_int_equal(special.fs.base, 0);
	assert_int_equal(special.tr.type, 11);
	assert_int_equal(special.ldt.unusable, 1);
	assert_int_equal(special.gdt.base, 0x1000);
	assert_int_equal(special.gdt.limit, 23);
	vcpu_entry_special(&special, false);
	assert_int_equal(special.efer, 0x500);

	vcpu_entry_registers(&registers, 0x100018, MIB(512));
	assert_int_equal(registers.rip, 0x100018);
	assert_int_equal(registers.rsp, MIB(512) - 8);
	assert_int_equal(registers.rdi, 0x10000);
	assert_int_equal(registers.rflags, 2);
	assert_int_equal(registers.rax | registers.rbx | registers.rsi | registers.r15, 0);
}

static void plan(uint64_t wanted, bool ring, uint64_t size, uint64_t mapped, uint64_t ring_at,
                 bool adjusted)
{
	struct memory_layout layout;
	struct reason reason = { .usage = false };
	bool was_adjusted;

	assert_int_equal(memory_layout_plan(&layout, wanted, ring, &was_adjusted, &reason), 0);
	assert_int_equal(layout.size, size);
	assert_int_equal(layout.mapped, mapped);
	assert_int_equal(layout.ring, ring_at);
	assert_int_equal(was_adjusted, adjusted);
}

static void memory_is_whole_units_with_the_ring_above(void **state)
{
	(void)state;
	plan(MIB(512), false, MIB(512), MIB(512), 0, false);
	plan(MIB(512), true, MIB(512), MIB(514), MIB(512), false);
	plan(MIB(7), false, MIB(6), MIB(6), 0, true);
	plan(MIB(2), true, MIB(2), MIB(2), 0, false);
	plan(MIB(4), true, MIB(4), MIB(6), MIB(4), false);
	plan(MIB(4096), false, MIB(4096), MIB(4096), 0, false);
	plan(MIB(4096), true, MIB(4094), MIB(4096), MIB(4094), true);
}

static void impossible_sizes_of_memory_are_refused(void **state)
{
	const uint64_t wrong[] = { 0, MIB(1), MIB(2) - 1, MIB(4096) + 1, MIB(4097), UINT64_MAX };
	struct memory_layout layout;
	struct reason reason = { .usage = false };
	bool adjusted;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(memory_layout_plan(&layout, wrong[i], false, &adjusted, &reason),
		                 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_boot_block_is_what_solo5_writes),
		cmocka_unit_test(the_guest_is_not_told_the_tenders_descriptors),
		cmocka_unit_test(without_a_ring_its_fields_are_zero),
		cmocka_unit_test(the_longest_command_line_fits_and_no_longer_one),
		cmocka_unit_test(the_processor_starts_as_the_abi_has_it),
		cmocka_unit_test(memory_is_whole_units_with_the_ring_above),
		cmocka_unit_test(impossible_sizes_of_memory_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
