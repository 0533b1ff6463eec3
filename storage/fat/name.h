/* SPDX-License-Identifier: ISC */
/*
 * Names in FAT directories: eight and three characters, and long ones in UTF-16 beside them.
 */
#ifndef STORAGE_FAT_NAME_H
#define STORAGE_FAT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

enum {
	FAT_UNITS_MAX = 255,                   /* UTF-16 units in a long name */
	FAT_NAME_SIZE = FAT_UNITS_MAX * 3 + 1, /* bytes of one in UTF-8, with the zero */
	FAT_SHORT_SIZE = 12 * 3 + 1,
};

/* The name in a slot's first 11 bytes, as UTF-8; other characters than ASCII's are code page 437's. */
void fat_short_to_text(const uint8_t slot[32], char text[FAT_SHORT_SIZE]);

/* False: the units are no UTF-16, or hold what no name may. */
bool fat_units_to_text(const uint16_t *units, size_t count, char text[FAT_NAME_SIZE]);

/*
 * Units of a name that is to be written. Returns the count, -EINVAL if FAT cannot have it, or
 * -ENAMETOOLONG.
 */
must_check int fat_text_to_units(const char *text, size_t length, uint16_t units[FAT_UNITS_MAX]);

/* As FAT compares: without regard to the case of ASCII's letters. */
bool fat_name_equal(const char *name, const char *text, size_t length);

/* The sum of a short name that its long slots carry. */
uint8_t fat_short_checksum(const uint8_t name[11]);

/*
 * Make the `round`th short name for a long one, from 0 on; the caller looks whether it is taken. In
 * round 0 it is the name itself if it is short: then *exact is set, and *lower has the bits of
 * SLOT_CASE.
 */
void fat_short_make(const char *text, size_t length, unsigned round, uint8_t name[11], bool *exact,
                    uint8_t *lower);

#endif
