/* SPDX-License-Identifier: ISC */
/* mirage image encrypt, decrypt: disks of block_encryption() and block_ccm(), in files. */
#ifndef CLI_IMAGE_CIPHER_H
#define CLI_IMAGE_CIPHER_H

#include "cli/command.h"

/*
 * Copy the file `from` to a new file `to`, encrypting or decrypting as the options --cipher,
 * --key-file, --sector-size, --nonce-length and --tag-length say. -EINVAL: reported, and there is no
 * new file.
 */
must_check int image_encrypt(const struct invocation *invocation, const char *from, const char *to);
must_check int image_decrypt(const struct invocation *invocation, const char *from, const char *to);

#endif
