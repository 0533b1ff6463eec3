// SPDX-License-Identifier: ISC
/* Reading what a size report is made from: the ELF file, the link map, and what binutils print. */
#include "engine/size_lists.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *size_list_append(void **items, size_t *count, size_t size)
{
	bool full = (*count & (*count - 1)) == 0; /* 0 or a power of 2 */
	void *grown = full ? reallocarray(*items, *count > 0 ? *count * 2 : 1, size) : *items;

	if (grown == NULL)
		return NULL;
	*items = grown;
	return memset((char *)grown + (*count)++ * size, 0, size);
}

static enum size_kind kind_of(const Elf64_Shdr *section)
{
	if (section->sh_type == SHT_NOBITS)
		return SIZE_BSS;
	return (section->sh_flags & SHF_WRITE) != 0 && (section->sh_flags & SHF_EXECINSTR) == 0
	               ? SIZE_DATA
	               : SIZE_TEXT;
}

static bool lies_within(uint64_t offset, uint64_t size, size_t length)
{
	return offset <= length && size <= length - offset;
}

int size_read_sections(struct size_report *report, const uint8_t *bytes, size_t length)
{
	Elf64_Ehdr header;
	Elf64_Shdr names, section;

	if (length < sizeof(header))
		return -EINVAL;
	memcpy(&header, bytes, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shentsize != sizeof(section) ||
	    header.e_shstrndx >= header.e_shnum ||
	    !lies_within(header.e_shoff, (uint64_t)header.e_shnum * sizeof(section), length))
		return -EINVAL;
	memcpy(&names, bytes + header.e_shoff + header.e_shstrndx * sizeof(section), sizeof(names));
	if (!lies_within(names.sh_offset, names.sh_size, length))
		return -EINVAL;
	for (size_t i = 0; i < header.e_shnum; i++) {
		memcpy(&section, bytes + header.e_shoff + i * sizeof(section), sizeof(section));
		if ((section.sh_flags & SHF_ALLOC) == 0 || section.sh_name >= names.sh_size)
			continue;
		struct size_section *item =
			SIZE_LIST_APPEND(report->sections, report->section_count);
		if (item == NULL)
			return -ENOMEM;
		snprintf(item->name, sizeof(item->name), "%.*s",
		         (int)(names.sh_size - section.sh_name < 63
		                       ? names.sh_size - section.sh_name
		                       : 63),
		         (const char *)bytes + names.sh_offset + section.sh_name);
		item->address = section.sh_addr;
		item->size = section.sh_size;
		item->kind = kind_of(&section);
		item->code = (section.sh_flags & SHF_EXECINSTR) != 0;
		item->thread = (section.sh_flags & SHF_TLS) != 0;
	}
	return 0;
}

size_t size_part_named(struct size_report *report, const char *name)
{
	for (size_t i = 0; i < report->part_count; i++)
		if (strcmp(report->parts[i].name, name) == 0)
			return i;
	struct size_part *part = SIZE_LIST_APPEND(report->parts, report->part_count);
	if (part == NULL)
		return SIZE_PART_UNKNOWN;
	snprintf(part->name, sizeof(part->name), "%s", name);
	return report->part_count - 1;
}

/* "…/libmirage-spt.a(host.o)": the library's part, by the file that the map names. */
size_t size_part_of_object(struct size_report *report, const char *path)
{
	const char *slash = strrchr(path, '/'), *member = strchr(path, '(');
	const char *base = slash != NULL ? slash + 1 : path;
	char name[64];

	if (member != NULL) {
		for (slash = member; slash > path && slash[-1] != '/';)
			slash--;
		base = slash;
	}
	if (strstr(base, ".ltrans") != NULL)
		return SIZE_PART_UNKNOWN;
	if (strncmp(base, "libmirage-", 10) == 0) {
		snprintf(name, sizeof(name), "mirage %.*s", (int)strcspn(base + 10, "."),
		         base + 10);
		return size_part_named(report, name);
	}
	if (strncmp(base, "lib", 3) == 0)
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, ".(_"), base);
	else if (strstr(base, "crt1.o") != NULL || strcmp(base, "crti.o") == 0 ||
	         strcmp(base, "crtn.o") == 0)
		snprintf(name, sizeof(name), "libc");
	else if (strncmp(base, "crt", 3) == 0)
		snprintf(name, sizeof(name), "libgcc");
	else
		snprintf(name, sizeof(name), "application");
	return size_part_named(report, name);
}

/* The section whose chunks follow: a line that begins with its name. SIZE_MAX: none of the image. */
static size_t section_of_line(const struct size_report *report, const char *line)
{
	size_t length = strcspn(line, " ");

	for (size_t i = 0; i < report->section_count; i++)
		if (strlen(report->sections[i].name) == length &&
		    strncmp(report->sections[i].name, line, length) == 0)
			return i;
	return SIZE_MAX;
}

/* "   0x0000000000100040   0x2a   file" */
static int read_chunk(struct size_report *report, size_t section, const char *numbers)
{
	struct size_chunk chunk = { .section = section };
	char *end;

	chunk.address = strtoull(numbers, &end, 16);
	const char *second = end + strspn(end, " ");
	if (strncmp(second, "0x", 2) != 0)
		return 0;
	chunk.size = strtoull(second, &end, 16);
	const char *file = end + strspn(end, " ");
	if (chunk.size == 0 || file[0] == '\0' || file[0] == '(')
		return 0;
	chunk.part = size_part_of_object(report, file);
	struct size_chunk *item = SIZE_LIST_APPEND(report->chunks, report->chunk_count);
	if (item == NULL)
		return -ENOMEM;
	*item = chunk;
	return 0;
}

int size_read_map(struct size_report *report, char *map)
{
	char *start = strstr(map, "\nLinker script and memory map\n");
	size_t section = SIZE_MAX;
	int error = 0;

	for (char *save = NULL, *line = strtok_r(start != NULL ? start : map, "\n", &save);
	     line != NULL && error == 0; line = strtok_r(NULL, "\n", &save)) {
		if (line[0] != ' ') {
			section = section_of_line(report, line);
			continue;
		}
		/* A long name has its numbers on the line after it. */
		const char *numbers = strstr(line, " 0x");
		if (section != SIZE_MAX && numbers != NULL && strncmp(line, " *", 2) != 0)
			error = read_chunk(report, section, numbers + 1);
	}
	return error;
}

/* "0000000000100040 000000000000002a T hello_start<tab>./unikernel.c:12" */
static bool read_symbol(char *line, struct size_symbol *symbol)
{
	char *end, *tab = strchr(line, '\t');

	if (tab != NULL)
		*tab = '\0';
	symbol->address = strtoull(line, &end, 16);
	if (end == line || *end != ' ')
		return false;
	char *size = end + 1;
	symbol->size = strtoull(size, &end, 16);
	if (end - size != 16 || *end != ' ' || symbol->size == 0 || end[1] == '\0')
		return false;
	symbol->type = end[1];
	snprintf(symbol->name, sizeof(symbol->name), "%s", end + 2 + (end[2] == ' '));
	if (tab == NULL)
		return true;
	while (strncmp(tab + 1, "./", 2) == 0)
		tab += 2;
	char *colon = strrchr(tab + 1, ':');
	snprintf(symbol->file, sizeof(symbol->file), "%.*s",
	         (int)(colon != NULL ? colon - tab - 1 : (ptrdiff_t)strlen(tab + 1)), tab + 1);
	return true;
}

int size_read_symbols(struct size_report *report, char *listing)
{
	for (char *save = NULL, *line = strtok_r(listing, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		struct size_symbol symbol = { .part = SIZE_PART_UNKNOWN };

		if (!read_symbol(line, &symbol))
			continue;
		struct size_symbol *item = SIZE_LIST_APPEND(report->symbols, report->symbol_count);
		if (item == NULL)
			return -ENOMEM;
		*item = symbol;
	}
	return 0;
}

/* "File: /opt/lib/mirage/spt/x86_64/libmirage-spt.a(host.o)" */
static bool read_file_line(struct size_report *report, char *line, size_t *part)
{
	if (strncmp(line, "File: ", 6) != 0)
		return false;
	*part = size_part_of_object(report, line + 6);
	return true;
}

/* "   12: 0000000000000000    96 OBJECT  LOCAL  DEFAULT    7 operations" */
static bool read_object_line(char *line, struct size_owner *owner)
{
	char *save = NULL, *field = strtok_r(line, " ", &save);
	bool object = false;

	for (size_t i = 0; i < 7 && field != NULL; i++) {
		object = object || (i == 3 && strcmp(field, "OBJECT") == 0);
		field = strtok_r(NULL, " ", &save);
	}
	if (!object || field == NULL)
		return false;
	snprintf(owner->name, sizeof(owner->name), "%.*s", (int)strcspn(field, "."), field);
	return true;
}

int size_read_owners(struct size_report *report, char *listing)
{
	size_t part = SIZE_PART_UNKNOWN;

	for (char *save = NULL, *line = strtok_r(listing, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		struct size_owner owner = { .part = part };

		if (read_file_line(report, line, &part) || !read_object_line(line, &owner))
			continue;
		struct size_owner *item = SIZE_LIST_APPEND(report->owners, report->owner_count);
		if (item == NULL)
			return -ENOMEM;
		*item = owner;
	}
	return 0;
}
