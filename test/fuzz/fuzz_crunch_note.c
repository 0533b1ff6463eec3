/* SPDX-License-Identifier: ISC */
/*
 * Whatever an ELF file says of crunched files, they can be looked up and read without harm, and all that
 * are listed are there.
 */
#include "test/fuzz/hostile_disk.h"

#include "engine/crunch_note.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct crunch_note note;
	uint8_t *copy = malloc(length); /* so that a byte too far is noticed */

	if (copy == NULL)
		return 0;
	memcpy(copy, bytes, length);
	int error = crunch_note_read(&note, copy, length);
	struct crunch crunch = { .index = &note.index };

	if (error == -EBADMSG && note.problem[0] == '\0')
		abort();
	if (error == 0)
		sound_read(&(struct hostile_walk){
			.reader = { .ops = &crunch_ops, .self = &crunch }, .key = "" });
	crunch_note_free(&note);
	free(copy);
	return 0;
}
