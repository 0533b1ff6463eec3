/* SPDX-License-Identifier: ISC */
/*
 * What takes the bytes of an image, by library and by function.
 *
 * Model.      Every allocated section of the linked file is covered by the chunks of the link map. A
 *             chunk of an archive belongs to that library. One that link-time optimisation made
 *             belongs to nobody in particular: what its symbols have a source for goes to that
 *             source's library, variables go to the library that has one of that name, the rest is
 *             counted as unassigned. So the sums are those of size(1).
 * Ownership.  The report owns its lists until size_report_free().
 */
#ifndef ENGINE_SIZE_H
#define ENGINE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "engine/graph.h"

/* The columns of size(1). */
enum size_kind {
	SIZE_TEXT, /* code and what is only read */
	SIZE_DATA,
	SIZE_BSS,
	SIZE_KINDS
};

struct size_part {
	char name[64];
	uint64_t bytes[SIZE_KINDS];
};

struct size_section {
	char name[64];
	uint64_t address;
	uint64_t size;
	enum size_kind kind;
	bool code;
	bool thread; /* thread-local: its symbols have no addresses */
};

struct size_chunk {
	size_t section;
	uint64_t address;
	uint64_t size;
	size_t part; /* SIZE_MAX: of link-time optimisation */
};

struct size_symbol {
	char name[96];
	uint64_t address;
	uint64_t size;
	char type;      /* as nm prints it */
	char file[192]; /* source, or "" */
	size_t part;
};

/* A variable of one of Mirage's libraries, before link-time optimisation. */
struct size_owner {
	char name[96];
	size_t part;
};

struct size_report {
	struct size_section *sections;
	size_t section_count;
	struct size_chunk *chunks;
	size_t chunk_count;
	struct size_symbol *symbols; /* largest first, once size_attribute() has run */
	size_t symbol_count;
	struct size_part *parts;
	size_t part_count;
	struct size_owner *owners;
	size_t owner_count;
};

/* The allocated sections of an ELF file. -EINVAL: it is none. -ENOMEM. */
must_check int size_read_sections(struct size_report *report, const uint8_t *bytes, size_t length);

/* The chunks of a link map (cut up in the process), after the sections. -ENOMEM. */
must_check int size_read_map(struct size_report *report, char *map);

/* The symbols that `nm -S -l` printed (cut up in the process). -ENOMEM. */
must_check int size_read_symbols(struct size_report *report, char *listing);

/* The variables that `readelf -sW` printed of libraries (cut up in the process). -ENOMEM. */
must_check int size_read_owners(struct size_report *report, char *listing);

/* Count every byte once; `sources` are the project's own. -ENOMEM. */
must_check int size_attribute(struct size_report *report, const struct texts *sources);

/*
 * All of it, for FOLDER/image.debug and FOLDER/image.map.
 *
 * -EINVAL  reported
 */
must_check int size_measure(struct size_report *report, const char *folder,
                            const struct texts *sources);

void size_report_free(struct size_report *report);

#endif
