/* SPDX-License-Identifier: ISC */
/*
 * A file of the host as a block device, for the tool: no fibers, no waiting.
 */
#ifndef CLI_IMAGE_FILE_H
#define CLI_IMAGE_FILE_H

#include <mirage/attributes.h>
#include <mirage/block.h>

struct image_file {
	int descriptor;
	struct block_info info;
	struct block block; /* with the file as its `self` */
};

/* Open a file, in sectors of 512 bytes; what is behind the last whole one is left alone. -EINVAL,
   reported. */
must_check int image_file_open(struct image_file *file, const char *path, bool write);

/* Take the same bytes in sectors of another size. */
void image_file_use_sectors(struct image_file *file, uint32_t size);

/* Make a file of `size` bytes of zeros, in place of one that is there. -EINVAL, reported. */
must_check int image_file_make(struct image_file *file, const char *path, uint64_t size);

/* Close it. -EINVAL, reported: what was written is not there. */
must_check int image_file_close(struct image_file *file, const char *path);

#endif
