// SPDX-License-Identifier: ISC
/*
 * Notes of crunched files, in ELF files made by hand. What real linkers make is in test/e2e/crunch.bats.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>

#include "engine/crunch_note.h"

enum {
	ADDRESS = 0x400000,
};

/* An image whose only segment is its bytes, and whose only notes are two. */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	Elf64_Shdr sections[3];
	char names[32];
	char bytes[32];
	uint8_t notes[512];
};

static size_t put_note(struct image *image, size_t at, const char *owner, size_t length)
{
	uint32_t header[3] = { (uint32_t)strlen(owner) + 1, (uint32_t)length, 1 };

	memcpy(image->notes + at, header, sizeof(header));
	strcpy((char *)image->notes + at + sizeof(header), owner);
	return at + 24;
}

/* Write a file's entry; returns where the next begins. */
static size_t put_file(struct image *image, size_t at, const char *path, uint64_t offset,
                       uint64_t length)
{
	uint64_t numbers[3] = { ADDRESS + offset, length, 7 };

	memcpy(image->notes + at, numbers, sizeof(numbers));
	memset(image->notes + at + 24, 0xd1, KV_DIGEST_SIZE);
	strcpy((char *)image->notes + at + 56, path);
	return (at + 56 + strlen(path) + 8) / 8 * 8;
}

static void end_notes(struct image *image, size_t at)
{
	image->sections[1].sh_size = at;
}

/* "b" and "a/c" in an index of the name "files". */
static struct image *new_image(void)
{
	struct image *image = calloc(1, sizeof(*image));

	assert_non_null(image);
	memcpy(image->header.e_ident, ELFMAG, SELFMAG);
	image->header.e_ident[EI_CLASS] = ELFCLASS64;
	image->header.e_ident[EI_DATA] = ELFDATA2LSB;
	image->header.e_type = ET_DYN;
	image->header.e_phoff = offsetof(struct image, segment);
	image->header.e_phnum = 1;
	image->header.e_phentsize = sizeof(Elf64_Phdr);
	image->header.e_shoff = offsetof(struct image, sections);
	image->header.e_shnum = 3;
	image->header.e_shentsize = sizeof(Elf64_Shdr);
	image->header.e_shstrndx = 2;
	image->segment = (Elf64_Phdr){ .p_type = PT_LOAD,
		                       .p_offset = offsetof(struct image, bytes),
		                       .p_vaddr = ADDRESS,
		                       .p_filesz = sizeof(image->bytes),
		                       .p_memsz = sizeof(image->bytes) + 4096 };
	image->sections[1] = (Elf64_Shdr){ .sh_name = 1,
		                           .sh_type = SHT_NOTE,
		                           .sh_offset = offsetof(struct image, notes) };
	image->sections[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
		                           .sh_offset = offsetof(struct image, names),
		                           .sh_size = sizeof(image->names) };
	strcpy(image->names + 1, ".note.mirage.crunch");
	memcpy(image->bytes, "hello\0world", 12);
	size_t body = put_note(image, 0, "Mirage", 0);

	strcpy((char *)image->notes + body, "files");
	size_t end = put_file(image, put_file(image, body + 8, "b", 0, 5), "a/c", 6, 5);

	put_note(image, 0, "Mirage", end - body);
	end_notes(image, end);
	return image;
}

static void expect_error(struct image *image, int expected)
{
	struct crunch_note note;

	assert_int_equal(crunch_note_read(&note, (uint8_t *)image, sizeof(*image)), expected);
	assert_true(expected != -EBADMSG || note.problem[0] != '\0');
	crunch_note_free(&note);
	free(image);
}

static void files_are_found_in_the_order_of_their_paths(void **state)
{
	struct image *image = new_image();
	struct crunch_note note;

	(void)state;
	assert_int_equal(crunch_note_read(&note, (uint8_t *)image, sizeof(*image)), 0);
	assert_int_equal(note.index.count, 2);
	assert_string_equal(note.index.files[0].path, "a/c");
	assert_string_equal((const char *)note.index.files[0].bytes, "world");
	assert_string_equal(note.index.files[1].path, "b");
	assert_int_equal(note.index.files[1].length, 5);
	assert_int_equal(note.index.files[1].modified, 7);
	assert_int_equal(note.index.files[1].digest[31], 0xd1);
	crunch_note_free(&note);
	free(image);
}

static void files_without_a_note_are_no_crunched_ones(void **state)
{
	struct image *image = new_image();

	(void)state;
	image->header.e_type = ET_REL;
	expect_error(image, -ENODATA);
	image = new_image();
	image->names[3] = 'x';
	expect_error(image, -ENODATA);
	image = new_image();
	image->notes[12] = 'm'; /* another's note */
	expect_error(image, -ENODATA);
	image = new_image();
	image->header.e_ident[EI_CLASS] = ELFCLASS32;
	expect_error(image, -ENODATA);
}

/* The first file begins at byte 32 of the notes, the second at 96. */
static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *path;
		uint64_t offset;
		uint64_t length;
	} cases[] = {
		{ "../b", 0, 5 }, { "", 0, 5 },           { "/b", 0, 5 },
		{ "b", 0, 4 },  /* no zero behind it */
		{ "b", 27, 5 }, /* the zero is not in the file */
		{ "b", 40, 0 },   { "b", 0, UINT64_MAX }, { "b", (uint64_t)-ADDRESS, 5 },
		{ "a/c", 0, 5 }, /* twice */
		{ "a", 0, 5 },   /* with the other below it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image *image = new_image();

		put_file(image, 32, cases[i].path, cases[i].offset, cases[i].length);
		expect_error(image, -EBADMSG);
	}
}

static void an_image_that_ends_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(struct image); length++) {
		struct image *image = new_image();
		struct crunch_note note;
		uint8_t *cut = malloc(length + 1);

		assert_non_null(cut);
		memcpy(cut, image, length);
		int error = crunch_note_read(&note, cut, length);

		/* What is behind the notes nobody needs. */
		if (length < offsetof(struct image, notes) + image->sections[1].sh_size)
			assert_true(error == -ENODATA || error == -EBADMSG);
		else
			assert_int_equal(error, 0);
		crunch_note_free(&note);
		free(cut);
		free(image);
	}
}

static void no_changed_byte_does_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < offsetof(struct image, notes) + 200; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct image *image = new_image();
			struct crunch_note note;

			((uint8_t *)image)[i] ^= (uint8_t)(1u << bit);
			if (crunch_note_read(&note, (uint8_t *)image, sizeof(*image)) == 0)
				for (size_t file = 0; file < note.index.count; file++)
					assert_int_equal(
						note.index.files[file]
							.bytes[note.index.files[file].length],
						0);
			crunch_note_free(&note);
			free(image);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_found_in_the_order_of_their_paths),
		cmocka_unit_test(files_without_a_note_are_no_crunched_ones),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(an_image_that_ends_anywhere_is_refused),
		cmocka_unit_test(no_changed_byte_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
