/* SPDX-License-Identifier: ISC */
/*
 * The crunched files of a linked image, found by the notes that `mirage crunch` puts into it.
 *
 * A note (section .note.mirage.crunch, owner "Mirage", type 1) is not loaded and survives strip(1).
 * Little-endian, each part aligned to 8 bytes:
 *
 *     the name of the index in C, with a zero
 *     for each file, in the order of their paths:
 *         u64 address of the bytes   u64 length   u64 time of modification   32 bytes SHA-256
 *         the path, with a zero
 *
 * Everything is checked before it is used: the file is anybody's.
 */
#ifndef ENGINE_CRUNCH_NOTE_H
#define ENGINE_CRUNCH_NOTE_H

#include <mirage/attributes.h>
#include <mirage/crunch.h>

struct crunch_note {
	struct crunch_index index; /* of all files; they borrow the image's bytes */
	struct crunch_file *files; /* private from here on */
	size_t room;
	char problem[160]; /* why it cannot be read */
};

/*
 * Read the notes of an ELF file. If it has several crunched folders, each is below the name of its index.
 * crunch_note_free() whatever comes of it.
 *
 * -ENODATA  it is no ELF file for 64-bit machines, or has no such note
 * -EBADMSG  what they say cannot be: `problem`
 * -ENOMEM
 */
must_check int crunch_note_read(struct crunch_note *note, const uint8_t *image, size_t length);
void crunch_note_free(struct crunch_note *note);

#endif
