// SPDX-License-Identifier: ISC
/* Notes and manifests of images, byte by byte. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "elf_file.h"
#include "tenders/elf/note.h"
#include "tenders/manifest/manifest.h"

/* As Solo5 lays them out: name size, description size, type, name, description. */
static const uint8_t abi_note[] = {
	6,   0,   0,   0,   16,  0, 0, 0, 'A', 'B', 'I', '1', /* header */
	'S', 'o', 'l', 'o', '5', 0, 0, 0,                     /* name, padded */
	2,   0,   0,   0,   2,   0, 0, 0, 0,   0,   0,   0,   0, 0, 0, 0,
};

static const uint8_t openbsd_note[] = {
	8, 0, 0, 0, 4,   0,   0,   0, /* sizes */
	1, 0, 0, 0, 'O', 'p', 'e', 'n', 'B', 'S', 'D', 0, 0, 0, 0, 0,
};

enum {
	MANIFEST_AT = 24, /* in its note */
	ENTRY_SIZE = 104,
};

/* A note with the reserved entry, a block device "disk" and a network device "service". */
struct manifest_bytes {
	uint8_t bytes[MANIFEST_AT + 8 + 3 * ENTRY_SIZE];
};

static struct manifest_bytes manifest_note(void)
{
	static const uint8_t start[] = {
		6,   0,   0,   0,   0x44, 0x01, 0, 0, 'M', 'F', 'T', '1', /* 4 + 8 + 3 * 104 */
		'S', 'o', 'l', 'o', '5',  0,    0, 0, 0,   0,   0,   0,   /* name, padding */
		1,   0,   0,   0,   3,    0,    0, 0,                     /* version, entries */
	};
	struct manifest_bytes note = { { 0 } };
	uint8_t *entries = note.bytes + MANIFEST_AT + 8;

	memcpy(note.bytes, start, sizeof(start));
	entries[71] = 0x40;
	memcpy(entries + ENTRY_SIZE, "disk", 4);
	entries[ENTRY_SIZE + 68] = 1;
	memcpy(entries + 2 * ENTRY_SIZE, "service", 7);
	entries[2 * ENTRY_SIZE + 68] = 2;
	return note;
}

static void open_file(const struct elf_file *file, struct executable *executable)
{
	struct reason reason;

	assert_int_equal(elf_file_open(file, sizeof(*file), executable, &reason), 0);
}

static int check_abi(const struct elf_file *file, uint32_t target, uint32_t version,
                     struct reason *reason)
{
	struct executable executable;

	open_file(file, &executable);
	int error = note_check_abi(&executable, target, version, "solo5-xyz", reason);
	executable_close(&executable);
	return error;
}

static void the_abi_note_says_target_and_version(void **state)
{
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	elf_file_add_page(&file, 0x100000, PF_R);
	elf_file_add_note(&file, 0, openbsd_note, sizeof(openbsd_note));
	elf_file_add_note(&file, 100, abi_note, sizeof(abi_note));
	assert_int_equal(check_abi(&file, 2, 2, &reason), 0);

	assert_int_equal(check_abi(&file, 1, 2, &reason), -ENOEXEC);
	assert_string_equal(reason.text, "test.elf: Executable is not for the solo5-xyz target\n"
	                                 "test.elf: It is for the spt target");
	assert_int_equal(check_abi(&file, 2, 3, &reason), -ENOEXEC);
	assert_string_equal(reason.text, "test.elf: Executable requests unsupported ABI version 2");
}

static void only_the_first_note_of_a_segment_counts(void **state)
{
	uint8_t both[sizeof(openbsd_note) + sizeof(abi_note)];
	struct reason reason;
	struct elf_file file;

	(void)state;
	memcpy(both, openbsd_note, sizeof(openbsd_note));
	memcpy(both + sizeof(openbsd_note), abi_note, sizeof(abi_note));
	elf_file_init(&file);
	elf_file_add_note(&file, 0, both, sizeof(both));
	assert_int_equal(check_abi(&file, 2, 2, &reason), -ENOEXEC);
	assert_string_equal(reason.text, "test.elf: No Solo5 ABI information found in executable");
}

static void notes_of_less_than_a_header_are_malformed_and_short_ones_passed_over(void **state)
{
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	Elf64_Phdr *first = elf_file_add_note(&file, 0, openbsd_note, sizeof(openbsd_note));
	elf_file_add_note(&file, 100, abi_note, sizeof(abi_note));
	for (uint64_t size = 0; size < 12; size++) {
		first->p_filesz = size;
		assert_int_equal(check_abi(&file, 2, 2, &reason), -ENOEXEC);
	}
	for (uint64_t size = 12; size < 20; size++) {
		first->p_filesz = size;
		assert_int_equal(check_abi(&file, 2, 2, &reason), 0);
	}
}

static void a_description_must_fit_its_segment_and_its_kind(void **state)
{
	struct reason reason;
	struct elf_file file;

	(void)state;
	elf_file_init(&file);
	Elf64_Phdr *note = elf_file_add_note(&file, 0, abi_note, sizeof(abi_note));
	assert_int_equal(check_abi(&file, 2, 2, &reason), 0);
	note->p_filesz--;
	assert_int_equal(check_abi(&file, 2, 2, &reason), -ENOEXEC);
	note->p_filesz = 1000;
	file.data[4] = 17;
	assert_int_equal(check_abi(&file, 2, 2, &reason), -ENOEXEC);
	file.data[4] = 15;
	assert_int_equal(check_abi(&file, 2, 2, &reason), -ENOEXEC);
	assert_string_equal(reason.text, "test.elf: Solo5 ABI information is invalid");
	/* The segment's end is beyond all addresses. */
	file.data[4] = 16;
	note->p_offset = UINT64_MAX - 10;
	assert_int_equal(check_abi(&file, 2, 2, &reason), -ENOEXEC);
}

static int read_manifest(const struct manifest_bytes *note, size_t size, struct manifest *manifest)
{
	struct executable executable;
	struct reason reason;
	struct elf_file file;

	elf_file_init(&file);
	elf_file_add_note(&file, 8, note->bytes, size);
	open_file(&file, &executable);
	int error = manifest_read(manifest, &executable, &reason);
	executable_close(&executable);
	return error;
}

static void a_manifest_lists_devices_by_name_and_type(void **state)
{
	struct manifest_bytes note = manifest_note();
	struct manifest manifest;

	(void)state;
	assert_int_equal(read_manifest(&note, sizeof(note), &manifest), 0);
	assert_int_equal(manifest.entry_count, 3);
	assert_int_equal(manifest_size(&manifest), sizeof(note) - MANIFEST_AT);
	assert_memory_equal(&manifest, note.bytes + MANIFEST_AT, manifest_size(&manifest));
	assert_ptr_equal(manifest_find(&manifest, "disk", 4, 1), &manifest.entries[1]);
	assert_ptr_equal(manifest_find(&manifest, "service=", 7, 2), &manifest.entries[2]);
	assert_null(manifest_find(&manifest, "disk", 4, 2));
	assert_null(manifest_find(&manifest, "disk", 3, 1));
	assert_null(manifest_find(&manifest, "", 0, SOLO5_DEVICE_RESERVED_FIRST));
}

static void any_other_size_of_a_manifest_is_invalid(void **state)
{
	struct manifest manifest;

	(void)state;
	for (size_t size = 0; size <= 0x144 + 8; size++) {
		struct manifest_bytes note = manifest_note();

		note.bytes[4] = (uint8_t)size;
		note.bytes[5] = (uint8_t)(size >> 8);
		assert_int_equal(read_manifest(&note, sizeof(note), &manifest),
		                 size == 0x144 ? 0 : -ENOEXEC);
	}
}

static void each_field_of_a_manifest_is_checked(void **state)
{
	static const struct {
		size_t offset; /* in the manifest */
		uint8_t value;
	} faults[] = {
		{ 0, 2 }, /* version */
		{ 4, 0 },
		{ 4, 2 },
		{ 4, 4 },               /* entries */
		{ 7, 0x80 },            /* a negative number of them */
		{ 8, 'x' },             /* the reserved entry has a name */
		{ 8 + 71, 0 },          /* or is of another type */
		{ 8 + 96, 1 },          /* or is attached */
		{ 8 + 104, 0 },         /* a device has no name */
		{ 8 + 104 + 68, 0 },    /* or no type */
		{ 8 + 104 + 68, 3 },    /* or an unknown one */
		{ 8 + 104 + 71, 0x40 }, /* or is reserved */
		{ 8 + 104 + 96, 1 },    /* or is attached */
	};
	struct manifest manifest;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct manifest_bytes note = manifest_note();

		note.bytes[MANIFEST_AT + faults[i].offset] = faults[i].value;
		assert_int_equal(read_manifest(&note, sizeof(note), &manifest), -ENOEXEC);
	}
	/* A name without an end. */
	struct manifest_bytes note = manifest_note();
	memset(note.bytes + MANIFEST_AT + 8 + ENTRY_SIZE, 'a', 68);
	assert_int_equal(read_manifest(&note, sizeof(note), &manifest), -ENOEXEC);
	note.bytes[MANIFEST_AT + 8 + ENTRY_SIZE + 67] = 0;
	assert_int_equal(read_manifest(&note, sizeof(note), &manifest), 0);
}

static void devices_that_are_not_attached_are_listed(void **state)
{
	struct manifest_bytes note = manifest_note();
	struct manifest manifest;
	struct reason reason;

	(void)state;
	assert_int_equal(read_manifest(&note, sizeof(note), &manifest), 0);
	assert_int_equal(manifest_check_attached(&manifest, &reason), -ENODEV);
	assert_string_equal(reason.text,
	                    "Device 'disk' of type BLOCK_BASIC declared but not attached.\n"
	                    "Device 'service' of type NET_BASIC declared but not attached.\n"
	                    "All declared devices must be attached. See --help for syntax.");
	manifest.entries[1].attached = 1;
	manifest.entries[2].attached = 1;
	assert_int_equal(manifest_check_attached(&manifest, &reason), 0);
}

static void all_of_63_devices_with_long_names_are_listed(void **state)
{
	struct manifest manifest = { .entry_count = SOLO5_MANIFEST_ENTRIES_MAX };
	struct reason reason;

	(void)state;
	for (size_t i = 1; i < manifest.entry_count; i++) {
		struct solo5_manifest_entry *entry = &manifest.entries[i];

		entry->type = SOLO5_DEVICE_BLOCK_BASIC;
		memset(entry->name, 'a', sizeof(entry->name) - 1);
	}
	assert_int_equal(manifest_check_attached(&manifest, &reason), -ENODEV);
	assert_non_null(strstr(reason.text, "must be attached. See --help for syntax."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_abi_note_says_target_and_version),
		cmocka_unit_test(only_the_first_note_of_a_segment_counts),
		cmocka_unit_test(
			notes_of_less_than_a_header_are_malformed_and_short_ones_passed_over),
		cmocka_unit_test(a_description_must_fit_its_segment_and_its_kind),
		cmocka_unit_test(a_manifest_lists_devices_by_name_and_type),
		cmocka_unit_test(any_other_size_of_a_manifest_is_invalid),
		cmocka_unit_test(each_field_of_a_manifest_is_checked),
		cmocka_unit_test(devices_that_are_not_attached_are_listed),
		cmocka_unit_test(all_of_63_devices_with_long_names_are_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
