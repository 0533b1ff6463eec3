// SPDX-License-Identifier: ISC
#include "engine/size.h"
#include "engine/diagnostic.h"
#include "engine/file.h"
#include "engine/process.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OF_OPTIMISER SIZE_MAX

/* Room for one more item at the end of a list that grows by doubling; NULL if memory is out. */
static void *list_append(void **items, size_t *count, size_t size)
{
	bool full = (*count & (*count - 1)) == 0; /* 0 or a power of 2 */
	void *grown = full ? reallocarray(*items, *count > 0 ? *count * 2 : 1, size) : *items;

	if (grown == NULL)
		return NULL;
	*items = grown;
	return memset((char *)grown + (*count)++ * size, 0, size);
}

#define APPEND(items, count) list_append((void **)&(items), &(count), sizeof(*(items)))

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
		struct size_section *item = APPEND(report->sections, report->section_count);
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

/* The part of this name, made if need be; OF_OPTIMISER if memory is out. */
static size_t part_of(struct size_report *report, const char *name)
{
	for (size_t i = 0; i < report->part_count; i++)
		if (strcmp(report->parts[i].name, name) == 0)
			return i;
	struct size_part *part = APPEND(report->parts, report->part_count);
	if (part == NULL)
		return OF_OPTIMISER;
	snprintf(part->name, sizeof(part->name), "%s", name);
	return report->part_count - 1;
}

/* "…/libmirage-spt.a(host.o)": the library's part, by the file that the map names. */
static size_t part_of_object(struct size_report *report, const char *path)
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
		return OF_OPTIMISER;
	if (strncmp(base, "libmirage-", 10) == 0) {
		snprintf(name, sizeof(name), "mirage %.*s", (int)strcspn(base + 10, "."),
		         base + 10);
		return part_of(report, name);
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
	return part_of(report, name);
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
	chunk.part = part_of_object(report, file);
	struct size_chunk *item = APPEND(report->chunks, report->chunk_count);
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
		struct size_symbol symbol = { .part = OF_OPTIMISER };

		if (!read_symbol(line, &symbol))
			continue;
		struct size_symbol *item = APPEND(report->symbols, report->symbol_count);
		if (item == NULL)
			return -ENOMEM;
		*item = symbol;
	}
	return 0;
}

/* The library that a source file of an optimised function belongs to; OF_OPTIMISER: not known. */
static size_t part_of_source(struct size_report *report, const char *file,
                             const struct texts *sources)
{
	char name[64];

	if (file[0] == '\0')
		return OF_OPTIMISER;
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->items[i], file) == 0)
			return part_of(report, "application");
	/* "targets/spt/host.c" is of "mirage spt", "runtime/fiber.c" of "mirage runtime". */
	const char *folder = strncmp(file, "targets/", 8) == 0 ? file + 8 : file;
	const char *slash = strchr(folder, '/');
	if (slash == NULL || file[0] == '/')
		return part_of(report, "application");
	snprintf(name, sizeof(name), "mirage %.*s", (int)(slash - folder), folder);
	if (strcmp(name, "mirage mirage") == 0 || strcmp(name, "mirage include") == 0 ||
	    strcmp(name, "mirage build") == 0)
		snprintf(name, sizeof(name), "mirage runtime");
	return part_of(report, name);
}

static int by_address(const void *a, const void *b)
{
	const struct size_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->size > y->size ? -1 : x->size < y->size;
}

static int by_size(const void *a, const void *b)
{
	const struct size_symbol *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int chunks_by_place(const void *a, const void *b)
{
	const struct size_chunk *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

/* The first symbol at or behind `address`. */
static size_t first_symbol(const struct size_report *report, uint64_t address)
{
	size_t low = 0, high = report->symbol_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (report->symbols[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Count the bytes from `start` to `end` of one chunk, symbol by symbol. */
static void count_chunk(struct size_report *report, const struct size_chunk *chunk, uint64_t start,
                        uint64_t end, const struct texts *sources)
{
	const struct size_section *section = &report->sections[chunk->section];
	size_t rest = part_of(report, section->code ? "padding" : "unassigned data");
	size_t i = section->thread ? report->symbol_count : first_symbol(report, start);
	uint64_t at = start;

	for (; i < report->symbol_count && report->symbols[i].address < end; i++) {
		struct size_symbol *symbol = &report->symbols[i];
		uint64_t stop = symbol->address + symbol->size;

		symbol->part = chunk->part != OF_OPTIMISER
		                       ? chunk->part
		                       : part_of_source(report, symbol->file, sources);
		if (symbol->part == OF_OPTIMISER)
			symbol->part = rest;
		if (chunk->part != OF_OPTIMISER || symbol->address < at || stop > end)
			continue;
		report->parts[rest].bytes[section->kind] += symbol->address - at;
		report->parts[symbol->part].bytes[section->kind] += symbol->size;
		at = stop;
	}
	report->parts[chunk->part != OF_OPTIMISER ? chunk->part : rest].bytes[section->kind] +=
		end - at;
}

int size_attribute(struct size_report *report, const struct texts *sources)
{
	size_t padding = part_of(report, "padding");
	size_t next = 0;

	if (padding == OF_OPTIMISER || part_of(report, "unassigned data") == OF_OPTIMISER)
		return -ENOMEM;
	if (report->symbol_count > 0)
		qsort(report->symbols, report->symbol_count, sizeof(*report->symbols), by_address);
	if (report->chunk_count > 0)
		qsort(report->chunks, report->chunk_count, sizeof(*report->chunks),
		      chunks_by_place);
	for (size_t i = 0; i < report->section_count; i++) {
		const struct size_section *section = &report->sections[i];
		uint64_t at = section->address, end = section->address + section->size;

		for (; next < report->chunk_count && report->chunks[next].section == i; next++) {
			const struct size_chunk *chunk = &report->chunks[next];
			uint64_t start = chunk->address > at ? chunk->address : at;
			uint64_t stop = chunk->address + chunk->size;

			stop = stop < end ? stop : end;
			if (start >= stop)
				continue;
			report->parts[padding].bytes[section->kind] += start - at;
			count_chunk(report, chunk, start, stop, sources);
			at = stop;
		}
		report->parts[padding].bytes[section->kind] += end - at;
	}
	if (report->symbol_count > 0)
		qsort(report->symbols, report->symbol_count, sizeof(*report->symbols), by_size);
	return 0;
}

static int read_elf(struct size_report *report, const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *bytes = NULL;
	size_t length = 0;
	int error = -EINVAL;

	if (file == NULL)
		return diagnostic_failure("run `mirage build`", "there is no image yet: %s: %s",
		                          path, strerror(errno));
	if (fseek(file, 0, SEEK_END) == 0 && ftell(file) > 0) {
		length = (size_t)ftell(file);
		rewind(file);
		bytes = malloc(length);
	}
	if (bytes != NULL && fread(bytes, 1, length, file) == length)
		error = size_read_sections(report, bytes, length);
	free(bytes);
	fclose(file);
	return error != -EINVAL
	               ? error
	               : diagnostic_failure("run `mirage clean`, then `mirage build`",
	                                    "%s is not the image of a 64-bit target", path);
}

static int read_listing(struct size_report *report, const char *path)
{
	const char *const argv[] = { "nm", "-S", "-l", "--defined-only", path, NULL };
	struct process_result result;
	int error = process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);

	if (error != 0)
		return diagnostic_failure("apt-get install binutils", "cannot run nm: %s",
		                          strerror(-error));
	error = size_read_symbols(report, result.output);
	process_result_free(&result);
	return error;
}

int size_measure(struct size_report *report, const char *folder, const struct texts *sources)
{
	char path[PATH_MAX];

	*report = (struct size_report){ .sections = NULL };
	snprintf(path, sizeof(path), "%s/image.debug", folder);
	int error = read_elf(report, path);
	if (error == 0)
		error = read_listing(report, path);
	snprintf(path, sizeof(path), "%s/image.map", folder);
	char *map = error == 0 ? file_read(path) : NULL;
	if (error == 0 && map == NULL)
		error = diagnostic_failure("run `mirage clean`, then `mirage build`",
		                           "cannot read %s: %s", path, strerror(errno));
	if (error == 0)
		error = size_read_map(report, map);
	if (error == 0)
		error = size_attribute(report, sources);
	free(map);
	if (error == -ENOMEM)
		return diagnostic_failure(NULL, "out of memory");
	return error;
}

void size_report_free(struct size_report *report)
{
	free(report->sections);
	free(report->chunks);
	free(report->symbols);
	free(report->parts);
	*report = (struct size_report){ .sections = NULL };
}
