/* SPDX-License-Identifier: ISC */
/*
 * `block_ccm`: a block device whose sectors are encrypted and authenticated on the one below, with AES
 * in CCM mode (RFC 3610). Half of the disk is lost to it.
 *
 * Key.         16, 24 or 32 bytes, as 32, 48 or 64 hexadecimal digits (a "0x" may stand before them).
 * Compatible.  With MirageOS: mirage-block-ccm 2 opens the same disk (docs/spec/ccm-disk.md). `mirage
 *              image encrypt --format=ccm` makes one.
 * Errors.      A read of a sector that is not as it was written with this key gives -EBADMSG until it
 *              is written again, and nothing of its bytes. That it is so is logged, once for each
 *              request, and counted. A sector that was never written is such a one too: a new disk is
 *              filled before it is read.
 * Power.       A sector takes two below. If the power goes between them, the sector reads -EBADMSG: both
 *              its old and its new contents are lost, others are not touched. It never reads as
 *              something that was not written. A store whose disk must keep the old contents writes
 *              them elsewhere first (littlefs does).
 * Not found.   Who changes the disk on purpose can put back an old sector, or a sector of the same disk
 *              in another's place: both were written with this key.
 * Nonces.      Each write draws a random one. Two that are equal give away the exclusive or of two
 *              sectors: with the 8 bytes that MirageOS uses, a chance of one in 2^17 after 2^24 writes
 *              and two in five after 2^32; with `.nonce_length = 13`, negligible.
 * Context.     As `below`.
 */
#ifndef MIRAGE_BLOCK_CCM_H
#define MIRAGE_BLOCK_CCM_H

#include <mirage/arguments.h>
#include <mirage/block.h>
#include <mirage/random.h>

struct block_ccm_state {
	struct block_info info;
	uint64_t damaged;          /* sectors that were read and were not what had been written */
	struct cipher_ccm *cipher; /* private */
};

struct block_ccm {
	struct block_ccm_state *state;
	const struct block *below;
	const struct random *random;
	const struct argument_value *key; /* hexadecimal text */
	uint32_t nonce_length;            /* bytes, 7 to 13; 0: 8 */
	uint32_t tag_length;              /* bytes, 8, 10, … 16; 0: 16 */
};

extern const struct block_ops block_ccm_ops;

/*
 * -EINVAL  the key is missing, or no 32, 48 or 64 hexadecimal digits; `below` has sectors of more than
 *          32 KiB; it is logged which, but never the key
 * -ENXIO   `below` is not connected
 * -ENOMEM
 */
must_check int block_ccm_connect(const struct block_ccm *self);

/* Forget the key. */
void block_ccm_disconnect(const struct block_ccm *self);

#endif
