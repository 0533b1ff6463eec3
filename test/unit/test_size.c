// SPDX-License-Identifier: ISC
/* What takes the bytes of an image: sections, link maps and symbols, each byte counted once. */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/size.h"

/* An ELF file of section headers alone: .text, .data, .bss, a comment, and the names. */
struct file {
	Elf64_Ehdr header;
	Elf64_Shdr sections[6];
	char names[64];
};

static struct file image(void)
{
	struct file file = { .header = { .e_shoff = offsetof(struct file, sections),
		                         .e_shentsize = sizeof(Elf64_Shdr),
		                         .e_shnum = 6,
		                         .e_shstrndx = 5 } };

	memcpy(file.header.e_ident, ELFMAG, SELFMAG);
	file.header.e_ident[EI_CLASS] = ELFCLASS64;
	memcpy(file.names, "\0.text\0.data\0.bss\0.comment", 27);
	file.sections[1] = (Elf64_Shdr){ .sh_name = 1,
		                         .sh_type = SHT_PROGBITS,
		                         .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
		                         .sh_addr = 0x1000,
		                         .sh_size = 0x100 };
	file.sections[2] = (Elf64_Shdr){ .sh_name = 7,
		                         .sh_type = SHT_PROGBITS,
		                         .sh_flags = SHF_ALLOC | SHF_WRITE,
		                         .sh_addr = 0x2000,
		                         .sh_size = 0x10 };
	file.sections[3] = (Elf64_Shdr){ .sh_name = 13,
		                         .sh_type = SHT_NOBITS,
		                         .sh_flags = SHF_ALLOC | SHF_WRITE,
		                         .sh_addr = 0x3000,
		                         .sh_size = 0x40 };
	file.sections[4] = (Elf64_Shdr){ .sh_name = 18, .sh_type = SHT_PROGBITS, .sh_size = 0x20 };
	file.sections[5] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
		                         .sh_offset = offsetof(struct file, names),
		                         .sh_size = sizeof(file.names) };
	return file;
}

static const char map[] =
	"Discarded input sections\n\n"
	" .text          0x0000000000000000       0x50 a.o\n"
	"\nLinker script and memory map\n\n"
	"LOAD a.o\n"
	"                0x0000000000001000                . = 0x1000\n"
	".text           0x0000000000001000      0x100\n"
	" *(.text .text.*)\n"
	" .text.start    0x0000000000001000       0x10 /tmp/cc1.ltrans0.ltrans.o\n"
	"                0x0000000000001000                start\n"
	" *fill*         0x0000000000001010       0x10 \n"
	" .text.a_function_with_a_long_name\n"
	"                0x0000000000001020       0x40 /tmp/cc1.ltrans0.ltrans.o\n"
	" .text.printf   0x0000000000001060       0x60 "
	"/opt/x/lib/mirage/bare/x86_64/libc.a(printf.lo)\n"
	" .text.boot     0x00000000000010c0       0x20 "
	"/opt/x/lib/mirage/spt/libmirage-spt.a(boot.o)\n"
	" .text.div      0x00000000000010e0        0x8 /usr/lib/gcc/x/12/libgcc.a(div.o)\n"
	" .rodata.str    0x00000000000010e8        0x0 /tmp/cc1.ltrans0.ltrans.o\n"
	"                                         0x30 (size before relaxing)\n"
	".data           0x0000000000002000       0x10\n"
	" .data.x        0x0000000000002000        0x8 /tmp/cc1.ltrans0.ltrans.o\n"
	" .data          0x0000000000002008        0x8 _build/spt/mirage/manifest.o\n"
	".bss            0x0000000000003000       0x40\n"
	" .bss.b         0x0000000000003000       0x40 /tmp/cc1.ltrans0.ltrans.o\n"
	".comment        0x0000000000000000       0x20\n"
	" .comment       0x0000000000000000       0x20 a.o\n";

static const char listing[] =
	"0000000000001000 0000000000000010 T start\t././unikernel.c:7\n"
	"0000000000001000 0000000000000010 T start_alias\t././unikernel.c:7\n"
	"0000000000001020 0000000000000030 t fiber_main\t./runtime/fiber.c:3\n"
	"0000000000001050 000000000000000c t host_write\t./targets/spt/host.c:9\n"
	"0000000000001060 0000000000000060 T printf\tmusl/src/stdio/printf.c:4\n"
	"0000000000002000 0000000000000008 d x\n"
	"0000000000003000 B image_bss_start\n"
	"0000000000003000 0000000000000040 b b\n"
	"nonsense\n";

static int measure(struct size_report *report, const char *owners)
{
	static const char *const items[] = { "unikernel.c" };
	const struct texts sources = { .items = (const char **)(uintptr_t)items, .count = 1 };
	char *map_copy = strdup(map), *listing_copy = strdup(listing),
	     *owners_copy = strdup(owners);
	struct file file = image();

	*report = (struct size_report){ .sections = NULL };
	int error = size_read_sections(report, (const uint8_t *)&file, sizeof(file));
	if (error == 0)
		error = size_read_map(report, map_copy);
	if (error == 0)
		error = size_read_symbols(report, listing_copy);
	if (error == 0)
		error = size_read_owners(report, owners_copy);
	if (error == 0)
		error = size_attribute(report, &sources);
	free(map_copy);
	free(listing_copy);
	free(owners_copy);
	return error;
}

static void assert_part(const struct size_report *report, const char *name, uint64_t text,
                        uint64_t data, uint64_t bss)
{
	for (size_t i = 0; i < report->part_count; i++) {
		if (strcmp(report->parts[i].name, name) != 0)
			continue;
		assert_int_equal(report->parts[i].bytes[SIZE_TEXT], text);
		assert_int_equal(report->parts[i].bytes[SIZE_DATA], data);
		assert_int_equal(report->parts[i].bytes[SIZE_BSS], bss);
		return;
	}
	fail_msg("no part %s", name);
}

static void every_byte_goes_to_one_library(void **state)
{
	struct size_report report;
	uint64_t sum[SIZE_KINDS] = { 0 };

	(void)state;
	assert_int_equal(measure(&report, ""), 0);
	assert_part(&report, "application", 0x10, 0x8, 0);
	assert_part(&report, "mirage runtime", 0x30, 0, 0);
	assert_part(&report, "mirage spt", 0xc + 0x20, 0, 0);
	assert_part(&report, "libc", 0x60, 0, 0);
	assert_part(&report, "libgcc", 0x8, 0, 0);
	assert_part(&report, "unassigned data", 0, 0x8, 0x40);
	assert_part(&report, "padding", 0x10 + 4 + 0x18, 0, 0);
	for (size_t i = 0; i < report.part_count; i++)
		for (size_t kind = 0; kind < SIZE_KINDS; kind++)
			sum[kind] += report.parts[i].bytes[kind];
	assert_int_equal(sum[SIZE_TEXT], 0x100);
	assert_int_equal(sum[SIZE_DATA], 0x10);
	assert_int_equal(sum[SIZE_BSS], 0x40);
	size_report_free(&report);
}

static void functions_are_listed_largest_first_with_their_library(void **state)
{
	struct size_report report;

	(void)state;
	assert_int_equal(measure(&report, ""), 0);
	assert_int_equal(report.symbol_count, 7);
	assert_string_equal(report.symbols[0].name, "printf");
	assert_string_equal(report.parts[report.symbols[0].part].name, "libc");
	assert_string_equal(report.symbols[2].name, "fiber_main");
	assert_string_equal(report.parts[report.symbols[2].part].name, "mirage runtime");
	size_report_free(&report);
}

#define OWNER(archive, name)                                                \
	"File: /opt/x/lib/mirage/spt/x86_64/" archive "(object.o)\n\n"      \
	"Symbol table '.symtab' contains 3 entries:\n"                      \
	"   Num:    Value          Size Type    Bind   Vis      Ndx Name\n" \
	"     1: 0000000000000000     0 NOTYPE  LOCAL  DEFAULT  UND b\n"    \
	"     2: 0000000000000000     8 OBJECT  LOCAL  DEFAULT    7 " name "\n"

static void variables_belong_to_the_library_that_has_one_of_the_name(void **state)
{
	struct size_report report;

	(void)state;
	/* b is nowhere, so it is the application's. */
	assert_int_equal(measure(&report, OWNER("libmirage-spt.a", "x.3")), 0);
	assert_part(&report, "mirage spt", 0xc + 0x20, 0x8, 0);
	assert_part(&report, "application", 0x10, 0x8, 0x40);
	assert_part(&report, "unassigned data", 0, 0, 0);
	size_report_free(&report);
	/* Two libraries have one: nobody can say whose it is. */
	assert_int_equal(
		measure(&report, OWNER("libmirage-spt.a", "x") OWNER("libmirage-net.a", "x")), 0);
	assert_part(&report, "unassigned data", 0, 0x8, 0);
	size_report_free(&report);
}

static int read_sections(const struct file *file, size_t length)
{
	struct size_report report = { .sections = NULL };
	int error = size_read_sections(&report, (const uint8_t *)file, length);

	size_report_free(&report);
	return error;
}

static void what_is_no_elf_file_is_refused(void **state)
{
	struct file good = image(), bad;

	(void)state;
	assert_int_equal(read_sections(&good, sizeof(good)), 0);
	assert_int_equal(read_sections(&good, 0), -EINVAL);
	assert_int_equal(read_sections(&good, sizeof(good.header) - 1), -EINVAL);
	assert_int_equal(read_sections(&good, sizeof(good) - 1), -EINVAL);
	bad = good;
	bad.header.e_shoff = UINT64_MAX - 8;
	assert_int_equal(read_sections(&bad, sizeof(bad)), -EINVAL);
	bad = good;
	bad.header.e_shstrndx = 6;
	assert_int_equal(read_sections(&bad, sizeof(bad)), -EINVAL);
	bad = good;
	bad.sections[5].sh_offset = UINT64_MAX;
	assert_int_equal(read_sections(&bad, sizeof(bad)), -EINVAL);
	bad = good;
	bad.header.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(read_sections(&bad, sizeof(bad)), -EINVAL);
	/* A name outside the names is left out. */
	bad = good;
	bad.sections[1].sh_name = 1000;
	assert_int_equal(read_sections(&bad, sizeof(bad)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_goes_to_one_library),
		cmocka_unit_test(functions_are_listed_largest_first_with_their_library),
		cmocka_unit_test(variables_belong_to_the_library_that_has_one_of_the_name),
		cmocka_unit_test(what_is_no_elf_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
