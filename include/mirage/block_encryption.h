/* SPDX-License-Identifier: ISC */
/*
 * `block_encryption`: a block device whose sectors are encrypted on the one below, with AES-256 in XTS
 * mode (IEEE 1619). Same sectors, same size: nothing is added.
 *
 * Key.         64 bytes, as 128 hexadecimal digits (a "0x" may stand before them): 256 bits for the data and 256, which must be
 *              others, for the sectors' numbers.
 * Compatible.  With dm-crypt's aes-xts-plain64: `cryptsetup open --type plain --cipher
 *              aes-xts-plain64 --key-size 512` opens the same disk. The number that goes into a
 *              sector's encryption counts units of 512 bytes, whatever the sector size.
 * Secrecy.     Who has the disk learns which sectors changed between two looks, and which are equal
 *              to what they were before; not what is in them.
 * No integrity.  Sectors that were changed decrypt to rubbish without an error, and old ones can be
 *              put back. Below a block_checksum (`block_checksum(block_encryption(disk, …))`) the
 *              rubbish is found, but for one case in 2^32; old sectors are not.
 * Where.       On unix, with OpenSSL's libcrypto; on hvt and spt, with Mbed TLS (cipher.h). The bytes on
 *              the disk are the same.
 * Context.     As `below`.
 */
#ifndef MIRAGE_BLOCK_ENCRYPTION_H
#define MIRAGE_BLOCK_ENCRYPTION_H

#include <mirage/arguments.h>
#include <mirage/block.h>

struct block_encryption_state { /* private */
	struct block_info info;
	struct cipher_xts *cipher;
};

struct block_encryption {
	struct block_encryption_state *state;
	const struct block *below;
	const struct argument_value *key; /* hexadecimal text */
};

extern const struct block_ops block_encryption_ops;

/*
 * -EINVAL  the key is missing, not 128 hexadecimal digits, or has two equal halves; it is logged
 *          why, but never the key
 * -ENXIO   `below` is not connected
 * -ENOMEM
 */
must_check int block_encryption_connect(const struct block_encryption *self);

/* Forget the key. */
void block_encryption_disconnect(const struct block_encryption *self);

#endif
