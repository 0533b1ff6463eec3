/* SPDX-License-Identifier: ISC */
/*
 * The notes of an image: which tender it is for, and its manifest.
 *
 * Only the first note of each PT_NOTE segment counts (abi/solo5_note.h).
 */
#ifndef TENDERS_ELF_NOTE_H
#define TENDERS_ELF_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "abi/solo5_note.h"
#include "tenders/elf/executable.h"
#include "tenders/report/reason.h"

/*
 * Find the Solo5 note of `type` and copy its description, of at most `size` bytes, to
 * `description`; `*length` is how many there were.
 *
 * -ENOENT    there is none; no reason is set
 * -ENOEXEC   one is larger than `size` or than its segment, or a segment is too small for any note
 */
must_check int note_find(const struct executable *executable, uint32_t type, void *description,
                         size_t size, size_t *length, struct reason *reason);

/* What the ABI note says. -ENOEXEC if there is none or it is not of the right size. */
must_check int note_abi(const struct executable *executable, uint32_t *target, uint32_t *version,
                        struct reason *reason);

/* Check that the image is for `target` in `version`. `program` is the tender's name. */
must_check int note_check_abi(const struct executable *executable, uint32_t target,
                              uint32_t version, const char *program, struct reason *reason);

/* "hvt", "spt", …; NULL if unknown. */
const char *note_target_name(uint32_t target);

#endif
