// SPDX-License-Identifier: ISC
/* Making an archive, and appending to one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/tar/archive.h"
#include "storage/tar/header.h"

enum {
	NANOSECONDS_PER_S = 1000000000,
};

/*
 * The blocks in front of a value's bytes: its header, or, if its name is too long for one, a pax
 * header, the record, and a header with a name of no account. Returns the count of bytes.
 */
static int make_headers(uint8_t headers[4 * TAR_BLOCK], const char *path, uint64_t length,
                        uint64_t modified_s)
{
	int error = tar_header_make(headers, path, length, modified_s, '0');

	if (error != -ENAMETOOLONG)
		return error == 0 ? TAR_BLOCK : error;
	memset(headers, 0, 4 * (size_t)TAR_BLOCK);
	int records = tar_pax_path((char *)headers + TAR_BLOCK, 2 * (size_t)TAR_BLOCK, path);
	uint64_t rounded;

	if (records < 0 || !tar_round((uint64_t)records, &rounded))
		return -ENAMETOOLONG;
	error = tar_header_make(headers, "PaxHeader", (uint64_t)records, modified_s, 'x');
	if (error == 0)
		error = tar_header_make(headers + TAR_BLOCK + rounded, "long-name", length,
		                        modified_s, '0');
	return error == 0 ? 2 * TAR_BLOCK + (int)rounded : error;
}

/* All but the first block, and the new end; then that block, which makes it count. */
static int write_entry(struct tar_archive *archive, const uint8_t *headers, uint64_t header_size,
                       const void *bytes, uint64_t length, uint64_t end)
{
	struct medium *medium = &archive->medium;
	uint64_t at = archive->end + header_size;
	int error = medium_write(medium, archive->end + TAR_BLOCK, headers + TAR_BLOCK,
	                         (size_t)header_size - TAR_BLOCK);

	if (error == 0 && bytes != NULL)
		error = medium_write(medium, at, bytes, (size_t)length);
	if (error == 0)
		error = medium_zero(medium, bytes != NULL ? at + length : at,
		                    end - at - (bytes != NULL ? length : 0));
	if (error == 0)
		error = medium_flush(medium);
	if (error == 0)
		error = medium_write(medium, archive->end, headers, TAR_BLOCK);
	return error == 0 ? medium_flush(medium) : error;
}

int tar_archive_append(struct tar_archive *archive, struct kv_key key, const void *bytes,
                       uint64_t length, nanoseconds modified)
{
	uint8_t *headers = malloc(4 * (size_t)TAR_BLOCK);
	char *path = strndup(key.text, key.length);
	uint64_t rounded, end = 0;
	int header_size =
		headers != NULL && path != NULL
			? make_headers(headers, path, length, modified / NANOSECONDS_PER_S)
			: -ENOMEM;
	int error = header_size < 0 ? header_size : tar_archive_reserve(archive);

	if (error == 0 && !archive->medium.read_write)
		error = -EROFS;
	/* Two blocks of zeros are the end. */
	if (error == 0 &&
	    (!tar_round(length, &rounded) ||
	     __builtin_add_overflow(archive->end + (uint64_t)header_size, rounded, &end) ||
	     end > archive->medium.size || archive->medium.size - end < 2 * (uint64_t)TAR_BLOCK))
		error = -ENOSPC;
	if (error == 0)
		error = write_entry(archive, headers, (uint64_t)header_size, bytes, length,
		                    end + 2 * (uint64_t)TAR_BLOCK);
	if (error == 0) {
		struct tar_entry entry = {
			.path = path,
			.offset = archive->end + (uint64_t)header_size,
			.length = length,
			.modified = modified - modified % NANOSECONDS_PER_S,
		};

		archive->end = end;
		tar_archive_put(archive, &entry); /* has the path now */
		path = NULL;
	}
	free(path);
	free(headers);
	return error;
}

int tar_archive_format(const struct block *block)
{
	struct medium medium;
	int error = medium_open(&medium, block);

	if (error == 0)
		error = medium_zero(&medium, 0, 2 * (uint64_t)TAR_BLOCK);
	if (error == 0)
		error = medium_flush(&medium);
	medium_close(&medium);
	return error;
}
