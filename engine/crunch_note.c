// SPDX-License-Identifier: ISC
#include "engine/crunch_note.h"

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTION_NAME ".note.mirage.crunch"
#define OWNER        "Mirage"

enum {
	TYPE_FILES = 1,
	HEADER_SIZE = 12, /* of a note */
	DIGEST_AT = 24,   /* in a file's entry */
	PATH_AT = DIGEST_AT + KV_DIGEST_SIZE,
};

struct reader {
	struct crunch_note *note;
	const uint8_t *image;
	size_t length;
	Elf64_Ehdr header;
	size_t notes;      /* with files */
	uint64_t together; /* bytes of all files so far */
};

static int bad(struct reader *reader, const char *format, ...) printf_like(2, 3);

static int bad(struct reader *reader, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reader->note->problem, sizeof(reader->note->problem), format, arguments);
	va_end(arguments);
	return -EBADMSG;
}

static bool lies_within(uint64_t offset, uint64_t size, uint64_t length)
{
	return offset <= length && size <= length - offset;
}

static uint64_t align(uint64_t offset)
{
	return (offset + 7) & ~(uint64_t)7;
}

/* ------------------------------------------------------------------ the ELF file */

static int read_header(struct reader *reader)
{
	Elf64_Ehdr *header = &reader->header;

	if (reader->length < sizeof(*header))
		return -ENODATA;
	memcpy(header, reader->image, sizeof(*header));
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
		return -ENODATA;
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return -ENODATA; /* not linked yet: nothing has an address */
	if ((header->e_shnum > 0 && header->e_shentsize != sizeof(Elf64_Shdr)) ||
	    (header->e_phnum > 0 && header->e_phentsize != sizeof(Elf64_Phdr)) ||
	    !lies_within(header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr),
	                 reader->length) ||
	    !lies_within(header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr),
	                 reader->length))
		return bad(reader, "its ELF header cannot be");
	return 0;
}

static Elf64_Shdr section_at(const struct reader *reader, size_t index)
{
	Elf64_Shdr section;

	memcpy(&section, reader->image + reader->header.e_shoff + index * sizeof(section),
	       sizeof(section));
	return section;
}

static bool has_name(const struct reader *reader, const Elf64_Shdr *section)
{
	if (reader->header.e_shstrndx >= reader->header.e_shnum)
		return false;
	Elf64_Shdr names = section_at(reader, reader->header.e_shstrndx);

	return lies_within(names.sh_offset, names.sh_size, reader->length) &&
	       lies_within(section->sh_name, sizeof(SECTION_NAME), names.sh_size) &&
	       memcmp(reader->image + names.sh_offset + section->sh_name, SECTION_NAME,
	              sizeof(SECTION_NAME)) == 0;
}

/* The bytes that are loaded to an address, or NULL if the file has not so many. */
static const uint8_t *bytes_at(const struct reader *reader, uint64_t address, uint64_t length)
{
	for (size_t i = 0; i < reader->header.e_phnum; i++) {
		Elf64_Phdr segment;

		memcpy(&segment, reader->image + reader->header.e_phoff + i * sizeof(segment),
		       sizeof(segment));
		if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
		    lies_within(address - segment.p_vaddr, length, segment.p_filesz) &&
		    lies_within(segment.p_offset, segment.p_filesz, reader->length))
			return reader->image + segment.p_offset + (address - segment.p_vaddr);
	}
	return NULL;
}

/* ------------------------------------------------------------------ notes */

static uint64_t number_at(const uint8_t *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof(number)); /* the tool's machines have the images' order */
	return number;
}

/* Take a file of a folder whose paths go below `above`, if that is not NULL. */
static int add_file(struct reader *reader, const uint8_t *entry, const char *above)
{
	struct crunch_note *note = reader->note;
	const char *path = (const char *)entry + PATH_AT;
	struct crunch_file file = { .length = number_at(entry + 8),
		                    .modified = number_at(entry + 16) };
	struct kv_key key;
	char *joined;

	if (asprintf(&joined, "%s%s%s", above != NULL ? above : "", above != NULL ? "/" : "",
	             path) < 0)
		return -ENOMEM;
	file.path = joined;
	file.bytes = file.length < UINT64_MAX ? bytes_at(reader, number_at(entry), file.length + 1)
	                                      : NULL;
	memcpy(file.digest, entry + DIGEST_AT, KV_DIGEST_SIZE);
	int error = 0;

	if (kv_key_check(joined, &key) != 0 || kv_key_is_root(key) || joined[0] == '/')
		error = bad(reader, "a file of the index has a path that is none");
	else if (file.bytes == NULL)
		error = bad(reader, "%.80s: its bytes would not be in the image", joined);
	else if (__builtin_add_overflow(reader->together, file.length, &reader->together) ||
	         reader->together > reader->length)
		error = bad(reader, "%.80s: it shares its bytes with other files", joined);
	else if (file.bytes[file.length] != 0)
		error = bad(reader, "%.80s: there is no zero behind its bytes", joined);
	size_t count = note->index.count;

	if (error == 0 && count == note->room) {
		size_t room = count > 0 ? count * 2 : 64;
		void *grown = reallocarray(note->files, room, sizeof(file));

		if (grown != NULL) {
			note->files = grown;
			note->room = room;
		} else {
			error = -ENOMEM;
		}
	}
	if (error != 0) {
		free(joined);
		return error;
	}
	note->files[count] = file;
	note->index.files = note->files;
	note->index.count++;
	return 0;
}

/* The index of one folder. */
static int read_files(struct reader *reader, const uint8_t *bytes, uint64_t size, bool several)
{
	const char *name = (const char *)bytes;
	uint64_t at = align(strnlen(name, size) + 1);
	int error = 0;

	if (strnlen(name, size) == size)
		return bad(reader, "an index without a name");
	while (error == 0 && at < size) {
		if (size - at <= PATH_AT || strnlen((const char *)bytes + at + PATH_AT,
		                                    size - at - PATH_AT) == size - at - PATH_AT)
			return bad(reader, "the index %.64s is cut off", name);
		error = add_file(reader, bytes + at, several ? name : NULL);
		at = align(at + PATH_AT + strlen((const char *)bytes + at + PATH_AT) + 1);
	}
	return error;
}

/* Read, or only count, the notes of a section. */
static int read_section(struct reader *reader, const Elf64_Shdr *section, bool count)
{
	const uint8_t *bytes = reader->image + section->sh_offset;
	int error = 0;

	for (uint64_t at = 0; error == 0 && at < section->sh_size;) {
		Elf64_Nhdr header;

		if (!lies_within(at, HEADER_SIZE, section->sh_size))
			return bad(reader, "a note is cut off");
		memcpy(&header, bytes + at, sizeof(header));
		uint64_t body = at + align((uint64_t)HEADER_SIZE + header.n_namesz);

		if (!lies_within(body, header.n_descsz, section->sh_size))
			return bad(reader, "a note is cut off");
		if (header.n_namesz == sizeof(OWNER) && header.n_type == TYPE_FILES &&
		    memcmp(bytes + at + HEADER_SIZE, OWNER, sizeof(OWNER)) == 0) {
			if (count)
				reader->notes++;
			else
				error = read_files(reader, bytes + body, header.n_descsz,
				                   reader->notes > 1);
		}
		at = align(body + header.n_descsz);
	}
	return error;
}

static int read_sections(struct reader *reader, bool count)
{
	int error = 0;

	for (size_t i = 0; i < reader->header.e_shnum && error == 0; i++) {
		Elf64_Shdr section = section_at(reader, i);

		if (section.sh_type != SHT_NOTE || !has_name(reader, &section))
			continue;
		error = lies_within(section.sh_offset, section.sh_size, reader->length)
		                ? read_section(reader, &section, count)
		                : bad(reader, "its notes would be outside of it");
	}
	return error;
}

static int path_order(const void *a, const void *b)
{
	const struct crunch_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

/* True if one of the paths is the first `length` bytes of `path`. */
static bool has_path(const struct crunch_index *index, const char *path, size_t length)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *at = index->files[middle].path;
		int order = strncmp(at, path, length);

		if (order == 0 && at[length] == '\0')
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Lookups are by halving, and a file has nothing below it. */
static int check_order(struct reader *reader)
{
	const struct crunch_index *index = &reader->note->index;

	for (size_t i = 0; i < index->count; i++) {
		const char *path = index->files[i].path;

		if (i > 0 && strcmp(index->files[i - 1].path, path) == 0)
			return bad(reader, "%.80s is there twice", path);
		for (const char *c = path; (c = strchr(c, '/')) != NULL; c++)
			if (has_path(index, path, (size_t)(c - path)))
				return bad(reader, "%.80s is below a file", path);
	}
	return 0;
}

int crunch_note_read(struct crunch_note *note, const uint8_t *image, size_t length)
{
	struct reader reader = { .note = note, .image = image, .length = length };

	*note = (struct crunch_note){ .files = NULL };
	int error = read_header(&reader);

	if (error == 0)
		error = read_sections(&reader, true);
	if (error == 0 && reader.notes == 0)
		error = -ENODATA;
	if (error == 0)
		error = read_sections(&reader, false);
	if (error == 0 && note->index.count > 1)
		qsort(note->files, note->index.count, sizeof(*note->files), path_order);
	if (error == 0)
		error = check_order(&reader);
	return error;
}

void crunch_note_free(struct crunch_note *note)
{
	for (size_t i = 0; i < note->index.count; i++)
		free((void *)(uintptr_t)note->files[i].path);
	free(note->files);
	*note = (struct crunch_note){ .files = NULL };
}
