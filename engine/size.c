// SPDX-License-Identifier: ISC
#include "engine/size_lists.h"
#include "engine/diagnostic.h"
#include "engine/file.h"
#include "engine/process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library that a source file of an optimised function belongs to; SIZE_PART_UNKNOWN: not known. */
static size_t part_of_source(struct size_report *report, const char *file,
                             const struct texts *sources)
{
	char name[64];

	if (file[0] == '\0')
		return SIZE_PART_UNKNOWN;
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->items[i], file) == 0)
			return size_part_named(report, "application");
	/* "targets/spt/host.c" is of "mirage spt", "runtime/fiber.c" of "mirage runtime". */
	const char *folder = strncmp(file, "targets/", 8) == 0 ? file + 8 : file;
	const char *slash = strchr(folder, '/');
	if (slash == NULL || file[0] == '/')
		return size_part_named(report, "application");
	snprintf(name, sizeof(name), "mirage %.*s", (int)(slash - folder), folder);
	if (strcmp(name, "mirage mirage") == 0 || strcmp(name, "mirage include") == 0 ||
	    strcmp(name, "mirage build") == 0)
		snprintf(name, sizeof(name), "mirage runtime");
	return size_part_named(report, name);
}

/*
 * The library with a variable of this name ("names.0.lto_priv.1" is its "names"). If several have one,
 * nobody can say; if none has, it is the application's.
 */
static size_t part_of_owner(struct size_report *report, const char *name)
{
	size_t length = strcspn(name, "."), part = SIZE_PART_UNKNOWN;

	for (size_t i = 0; i < report->owner_count; i++) {
		const struct size_owner *owner = &report->owners[i];

		if (strncmp(owner->name, name, length) != 0 || owner->name[length] != '\0' ||
		    owner->part == part)
			continue;
		if (part != SIZE_PART_UNKNOWN)
			return SIZE_PART_UNKNOWN;
		part = owner->part;
	}
	return part != SIZE_PART_UNKNOWN || report->owner_count == 0
	               ? part
	               : size_part_named(report, "application");
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
	size_t rest = size_part_named(report, section->code ? "padding" : "unassigned data");
	size_t i = section->thread ? report->symbol_count : first_symbol(report, start);
	uint64_t at = start;

	for (; i < report->symbol_count && report->symbols[i].address < end; i++) {
		struct size_symbol *symbol = &report->symbols[i];

		symbol->part = chunk->part != SIZE_PART_UNKNOWN
		                       ? chunk->part
		                       : part_of_source(report, symbol->file, sources);
		if (symbol->part == SIZE_PART_UNKNOWN && !section->code)
			symbol->part = part_of_owner(report, symbol->name);
		if (symbol->part == SIZE_PART_UNKNOWN)
			symbol->part = rest;
		if (chunk->part != SIZE_PART_UNKNOWN || symbol->address < at ||
		    symbol->size > end - symbol->address)
			continue;
		report->parts[rest].bytes[section->kind] += symbol->address - at;
		report->parts[symbol->part].bytes[section->kind] += symbol->size;
		at = symbol->address + symbol->size;
	}
	report->parts[chunk->part != SIZE_PART_UNKNOWN ? chunk->part : rest].bytes[section->kind] +=
		end - at;
}

int size_attribute(struct size_report *report, const struct texts *sources)
{
	size_t padding = size_part_named(report, "padding");
	size_t next = 0;

	if (padding == SIZE_PART_UNKNOWN ||
	    size_part_named(report, "unassigned data") == SIZE_PART_UNKNOWN)
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

/* What variables Mirage's libraries have, of those that the map says were looked into. */
static int read_libraries(struct size_report *report, const char *map)
{
	enum {
		LIBRARIES_MAX = 32
	};
	char *paths[LIBRARIES_MAX] = { NULL };
	const char *argv[LIBRARIES_MAX + 4] = { "readelf", "-sW" };
	struct process_result result;
	size_t count = 0;

	for (const char *line = strstr(map, "\nLOAD "); line != NULL && count < LIBRARIES_MAX;
	     line = strstr(line + 1, "\nLOAD ")) {
		size_t length = strcspn(line + 6, "\n");
		char *path = strndup(line + 6, length);

		if (path != NULL && strstr(path, "/libmirage-") != NULL)
			paths[count++] = path;
		else
			free(path);
	}
	for (size_t i = 0; i < count; i++)
		argv[i + 2] = paths[i];
	int error = count > 0 ? process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result) : 0;
	if (error == 0 && count > 0) {
		error = size_read_owners(report, result.output);
		process_result_free(&result);
	}
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
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
	if (map != NULL)
		error = read_libraries(report, map);
	if (error == 0 && map != NULL)
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
	free(report->owners);
	*report = (struct size_report){ .sections = NULL };
}
