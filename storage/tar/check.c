// SPDX-License-Identifier: ISC
/* Checking an archive: opening it says most. */
#include "storage/tar/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/tar/archive.h"
#include "storage/tar/header.h"

/* POSIX wants two blocks of zeros at the end; what is behind them nobody reads. */
static int check_end(struct tar_archive *archive, bool *second, bool *more)
{
	uint8_t block[64];
	int error = 0;

	*second = archive->medium.size - archive->end >= (uint64_t)2 * TAR_BLOCK;
	*more = false;
	for (uint64_t at = archive->end; at < archive->medium.size && error == 0 && !*more;
	     at += sizeof(block)) {
		error = medium_read(&archive->medium, at, block, sizeof(block));
		for (size_t i = 0; i < sizeof(block) && error == 0; i++)
			*more |= block[i] != 0;
		if (*more && at < archive->end + (uint64_t)2 * TAR_BLOCK)
			*second = false;
	}
	return error;
}

static void report_end(finding_report *report, void *context, const char *text)
{
	report(context,
	       &(struct finding){ .kind = "end", .path = "", .text = text, .harmless = true });
}

int tar_check(const struct block *block, finding_report *report, void *context)
{
	struct tar_archive *archive = calloc(1, sizeof(*archive));
	bool second = true, more = false;

	if (archive == NULL)
		return -ENOMEM;
	archive->report = report;
	archive->context = context;
	int error = tar_archive_read(archive, block);

	if (error == 0)
		error = check_end(archive, &second, &more);
	if (error == -EBADMSG || error == -ENOTSUP) {
		report(context, &(struct finding){
					.kind = "unusable", .path = "", .text = archive->problem });
		error = 0;
	}
	if (error == 0 && !second)
		report_end(report, context, "it ends with one block of zeros, not two");
	if (error == 0 && more)
		report_end(report, context, "there is something behind its end");
	tar_archive_close(archive);
	return error;
}
