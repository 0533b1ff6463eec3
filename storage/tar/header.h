/* SPDX-License-Identifier: ISC */
/*
 * Headers of tar archives: POSIX's ustar, with what GNU tar and pax put into them.
 *
 * An archive is a row of blocks of 512 bytes: for each entry a header and, rounded up, its bytes; at
 * the end blocks of zeros. The layout is POSIX.1-2017's (pax, "ustar Interchange Format"); numbers
 * in base 256 and the types L, K and S are GNU's.
 */
#ifndef STORAGE_TAR_HEADER_H
#define STORAGE_TAR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

enum {
	TAR_BLOCK = 512,
	TAR_NAME_SIZE = 257,          /* prefix, slash, name, zero */
	TAR_OCTAL_MAX_BITS = 33,      /* of a size as ustar writes it */
	TAR_EXTENSION_MAX = 64 << 10, /* bytes of a long name or of pax records */
};

struct tar_header {
	char name[TAR_NAME_SIZE];
	char link[101];
	uint64_t size;
	uint64_t modified_s;
	char type; /* '0' also for the old '\0' and '7' */
};

/* 0, -ENODATA for a block of zeros, or -EBADMSG for one that is no header. */
must_check int tar_header_parse(const uint8_t block[TAR_BLOCK], struct tar_header *header);

/*
 * Make the header of an entry. -ENAMETOOLONG if the name needs pax; a size that needs it is written
 * in base 256 too, which all readers know.
 */
must_check int tar_header_make(uint8_t block[TAR_BLOCK], const char *name, uint64_t size,
                               uint64_t modified_s, char type);

/* What pax records say of the next entry. */
struct tar_pax {
	const char *path; /* in the records' own bytes */
	size_t path_length;
	const char *link;
	size_t link_length;
	bool has_size;
	uint64_t size;
	bool has_modified;
	uint64_t modified_s;
	uint32_t modified_ns;
	bool sparse;
};

/* -EBADMSG: they are not of the form "LENGTH KEY=VALUE\n". */
must_check int tar_pax_parse(const char *records, size_t length, struct tar_pax *pax);

/* "LENGTH path=NAME\n", at most `size` bytes. Returns the length, or -ENAMETOOLONG. */
must_check int tar_pax_path(char *records, size_t size, const char *name);

/* The blocks' bytes that `size` bytes take. False: too many to count. */
bool tar_round(uint64_t size, uint64_t *rounded);

#endif
