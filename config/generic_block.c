// SPDX-License-Identifier: ISC
/* A block device by key. A file of its own: the key is there if a config.c uses the constructor. */
#include <mirage/config.h>

KEY_ENUM(block, .value = "ramdisk", .stage = KEY_STAGE_CONFIGURE,
         .choices = CHOICES("ramdisk", "file"), .placeholder = "KIND", .section = "DISK PARAMETERS",
         .doc = "Use a `ramdisk' or a `file' (on Solo5 targets, a device of the manifest) for the "
                "block device.")

block_impl *generic_block_at(struct location here, const char *name)
{
	block_impl *memory = ramdisk_at(here, name, &(struct ramdisk_fields){ .size = 0 });
	block_impl *file =
		block_of_file_at(here, name, &(struct block_of_file_fields){ .sector_size = 0 });

	return (block_impl *)match_impl_new(here, &key_block, (struct impl *)memory,
	                                    (const struct impl_case[]){ CASE("ramdisk", memory),
	                                                                CASE("file", file),
	                                                                { NULL, NULL } });
}
