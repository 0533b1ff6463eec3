/* SPDX-License-Identifier: ISC */
/* Keys of ciphers as they are given when an image runs: hexadecimal digits. */
#ifndef STORAGE_BLOCK_KEY_TEXT_H
#define STORAGE_BLOCK_KEY_TEXT_H

#include <stdint.h>

#include <mirage/arguments.h>

/*
 * Read all digits of an option, two for a byte, after an optional "0x", into `key`, which has room
 * for `size` bytes. Returns how many bytes they are; -ENODATA if the option was not given, -EINVAL
 * if something else than digits is in it, or an odd number of them, -E2BIG if they are too many.
 */
must_check int key_text_read(const struct argument_value *value, uint8_t *key, size_t size);

#endif
