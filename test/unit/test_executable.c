// SPDX-License-Identifier: ISC
/* The ELF loader of the tenders. Headers that are wrong in one field each are in tender_spt.bats. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "elf_file.h"

enum {
	MEMORY = 0x200000,
};

/* Plan a file in MEMORY. */
static int plan(const struct elf_file *file, struct executable_plan *result, struct reason *reason)
{
	struct executable executable;

	assert_int_equal(elf_file_open(file, sizeof(*file), &executable, reason), 0);
	int error = executable_plan(&executable, MEMORY, result, reason);
	executable_close(&executable);
	return error;
}

static void a_plan_has_pages_bytes_and_protections(void **state)
{
	struct executable_plan result;
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	elf_file_add_page(&file, 0x100000, PF_R | PF_X);
	Elf64_Phdr *data = elf_file_add_page(&file, 0x102010, PF_R | PF_W);
	data->p_offset = 0x1010;
	data->p_filesz = 8;
	data->p_memsz = 0x2000;
	assert_int_equal(plan(&file, &result, &reason), 0);

	assert_int_equal(result.entry, 0x100000);
	assert_int_equal(result.image_end, 0x105000);
	assert_int_equal(result.range_count, 2);
	assert_int_equal(result.ranges[0].start, 0x100000);
	assert_int_equal(result.ranges[0].end, 0x101000);
	assert_int_equal(result.ranges[0].protection, PROT_READ | PROT_EXEC);
	assert_int_equal(result.ranges[1].start, 0x102000);
	assert_int_equal(result.ranges[1].end, 0x105000);
	assert_int_equal(result.ranges[1].data, 0x102010);
	assert_int_equal(result.ranges[1].data_size, 8);
	assert_int_equal(result.ranges[1].file_offset, 0x1010);
	assert_int_equal(result.ranges[1].protection, PROT_READ | PROT_WRITE);
}

static void segments_without_contents_are_left_out_and_do_not_count_for_the_end(void **state)
{
	struct executable_plan result;
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	elf_file_add_page(&file, 0, PF_R)->p_filesz = 0;
	elf_file_add_page(&file, 0x100000, PF_R | PF_X);
	elf_file_add_page(&file, 0x110000, PF_R | PF_W)->p_filesz = 0;
	Elf64_Phdr *empty = elf_file_add_page(&file, UINT64_MAX, PF_R | PF_W | PF_X);
	empty->p_filesz = 0;
	empty->p_memsz = 0;
	assert_int_equal(plan(&file, &result, &reason), 0);
	assert_int_equal(result.range_count, 1);
	assert_int_equal(result.image_end, 0x101000);
}

static void a_segment_without_contents_must_end_in_memory_too(void **state)
{
	struct executable_plan result;
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	elf_file_add_page(&file, 0x100000, PF_R | PF_X);
	Elf64_Phdr *zeros = elf_file_add_page(&file, 0x101000, PF_R | PF_W);
	zeros->p_filesz = 0;
	zeros->p_memsz = MEMORY - 0x101000;
	assert_int_equal(plan(&file, &result, &reason), 0);
	zeros->p_memsz++;
	assert_int_equal(plan(&file, &result, &reason), -ENOEXEC);
	assert_string_equal(reason.text,
	                    "test.elf: The image does not fit into the guest's memory: it takes 3 "
	                    "MiB without its heap, and has 2. Give it more with --mem=N");
	zeros->p_memsz = UINT64_MAX;
	assert_int_equal(plan(&file, &result, &reason), -ENOEXEC);
	assert_non_null(strstr(reason.text, "a segment ends beyond any memory"));
}

static void a_segment_may_end_with_memory_but_no_byte_later(void **state)
{
	struct executable_plan result;
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	Elf64_Phdr *last = elf_file_add_page(&file, MEMORY - 0x1000, PF_R);
	assert_int_equal(plan(&file, &result, &reason), 0);
	last->p_memsz = 0x1001;
	assert_int_equal(plan(&file, &result, &reason), -ENOEXEC);
	last->p_memsz = UINT64_MAX;
	assert_int_equal(plan(&file, &result, &reason), -ENOEXEC);
	last->p_memsz = 0x1000;
	last->p_vaddr++;
	assert_int_equal(plan(&file, &result, &reason), -ENOEXEC);
}

static void larger_alignments_than_pages_are_honoured(void **state)
{
	struct executable_plan result;
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	elf_file_add_page(&file, 0x110000, PF_R | PF_X)->p_align = 0x10000;
	assert_int_equal(plan(&file, &result, &reason), 0);
	assert_int_equal(result.ranges[0].start, 0x110000);
	assert_int_equal(result.ranges[0].end, 0x120000);
	/* The next one must not be in that gap. */
	elf_file_add_page(&file, 0x111000, PF_R | PF_W);
	assert_int_equal(plan(&file, &result, &reason), -ENOEXEC);
	assert_non_null(strstr(reason.text, "overlap"));
}

static void loading_copies_to_the_place_and_leaves_the_rest_alone(void **state)
{
	struct executable executable;
	struct executable_plan result;
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	elf_file_add_page(&file, 0x100000, PF_R | PF_X);
	Elf64_Phdr *data = elf_file_add_page(&file, 0x101020, PF_R | PF_W);
	data->p_offset = 0x1020;
	data->p_filesz = 3;
	memset(file.data, 0xaa, sizeof(file.data));

	uint8_t *memory = calloc(1, MEMORY);
	assert_non_null(memory);
	assert_int_equal(elf_file_open(&file, sizeof(file), &executable, &reason), 0);
	assert_int_equal(executable_plan(&executable, MEMORY, &result, &reason), 0);
	assert_int_equal(executable_load(&executable, &result, (uintptr_t)memory, &reason), 0);
	executable_close(&executable);

	for (size_t i = 0; i < MEMORY; i++) {
		bool loaded = (i >= 0x100000 && i < 0x101000) || (i >= 0x101020 && i < 0x101023);
		assert_int_equal(memory[i], loaded ? 0xaa : 0);
	}
	free(memory);
}

static void contents_beyond_the_end_of_the_file_are_an_error(void **state)
{
	uint8_t *memory = calloc(1, MEMORY);
	struct executable executable;
	struct executable_plan result;
	struct reason reason;
	struct elf_file file;

	(void)state;
	assert_non_null(memory);
	elf_file_init(&file);
	elf_file_add_page(&file, 0x100000, PF_R)->p_offset = ELF_FILE_SIZE - 0xfff;
	assert_int_equal(elf_file_open(&file, sizeof(file), &executable, &reason), 0);
	assert_int_equal(executable_plan(&executable, MEMORY, &result, &reason), 0);
	assert_int_equal(executable_load(&executable, &result, (uintptr_t)memory, &reason),
	                 -ENOEXEC);
	assert_string_equal(reason.text, "test.elf: invalid executable: the file is truncated");
	executable_close(&executable);
	free(memory);
}

static void every_truncation_of_the_headers_is_an_error(void **state)
{
	struct executable executable;
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	elf_file_add_page(&file, 0x100000, PF_R);
	size_t headers = offsetof(struct elf_file, segments) + sizeof(Elf64_Phdr);
	for (size_t size = 0; size < headers; size++)
		assert_int_equal(elf_file_open(&file, size, &executable, &reason), -ENOEXEC);
	assert_int_equal(elf_file_open(&file, headers, &executable, &reason), 0);
	executable_close(&executable);
}

static void reasons_cannot_carry_control_characters_and_are_bounded(void **state)
{
	struct reason reason;
	char longest[3 * REASON_SIZE];

	(void)state;
	assert_int_equal(reason_set(&reason, -EIO, "a\x1b[2J%s", "b\nc\x7f"), -EIO);
	assert_string_equal(reason.text, "a?[2Jb?c?");
	assert_int_equal(reason_add(&reason, -EINVAL, "%d", 7), -EINVAL);
	assert_string_equal(reason.text, "a?[2Jb?c?\n7");

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	reason_set(&reason, 0, "%s", longest);
	reason_add(&reason, 0, "%s", longest);
	assert_int_equal(strlen(reason.text), REASON_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_has_pages_bytes_and_protections),
		cmocka_unit_test(
			segments_without_contents_are_left_out_and_do_not_count_for_the_end),
		cmocka_unit_test(a_segment_may_end_with_memory_but_no_byte_later),
		cmocka_unit_test(a_segment_without_contents_must_end_in_memory_too),
		cmocka_unit_test(larger_alignments_than_pages_are_honoured),
		cmocka_unit_test(loading_copies_to_the_place_and_leaves_the_rest_alone),
		cmocka_unit_test(contents_beyond_the_end_of_the_file_are_an_error),
		cmocka_unit_test(every_truncation_of_the_headers_is_an_error),
		cmocka_unit_test(reasons_cannot_carry_control_characters_and_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
