/* SPDX-License-Identifier: ISC */
/*
 * `block_checksum`: a block device that notices when the one below gives other bytes than were
 * written: rot, and sectors written to the wrong place.
 *
 * Model.       Its sectors have eight times the size of those below. Each takes nine of them: one with
 *              a checksum of each of the other eight, and its own number. So a ninth of the space is
 *              lost, and a request is still one request below. Sectors that are all zero, as on a
 *              new disk, need no checksum: there is nothing to format.
 * Errors.      A read of a sector whose checksum is wrong gives -EBADMSG until it is written again;
 *              which one it was is logged, and counted. After a loss of power a sector whose write
 *              was not flushed may be old, new, or -EBADMSG; so may one that was discarded.
 * Not found.   A write that the device below lost wholly: the old sector is whole.
 * Context.     As `below`.
 */
#ifndef MIRAGE_BLOCK_CHECKSUM_H
#define MIRAGE_BLOCK_CHECKSUM_H

#include <mirage/block.h>

struct block_checksum_state {
	struct block_info info;
	uint64_t damaged;        /* sectors that were read and found so */
	uint32_t tables[8][256]; /* private */
};

struct block_checksum {
	struct block_checksum_state *state;
	const struct block *below;
};

extern const struct block_ops block_checksum_ops;

/*
 * -ENXIO   `below` is not connected
 * -EINVAL  its sectors are larger than 8 KiB
 */
must_check int block_checksum_connect(const struct block_checksum *self);

void block_checksum_disconnect(const struct block_checksum *self);

#endif
