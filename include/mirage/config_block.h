/* SPDX-License-Identifier: ISC */
/*
 * Block devices in config.c. Included by <mirage/config.h>.
 *
 * The fields after the fixed arguments are all optional: `ramdisk("scratch", .size = 1 << 20)`.
 */
#ifndef MIRAGE_CONFIG_BLOCK_H
#define MIRAGE_CONFIG_BLOCK_H

#include <mirage/block_faulty.h>
#include <mirage/config.h>

/*
 * A file or block device of the host: on unix `name` is a path, relative to the folder where the
 * unikernel is started; on Solo5 targets it is a name in the manifest, of letters and digits, that
 * the tender attaches (`solo5-hvt --block:storage=disk.img`). The same name is the same device.
 */
struct block_of_file_fields {
	uint32_t sector_size; /* unix: bytes; default 512 for files. Solo5: the tender's option */
	bool read_only;       /* not written even if it could be */
};
#define block_of_file(name, ...) \
	block_of_file_at(CONFIG_HERE, name, &(struct block_of_file_fields){ __VA_ARGS__ })

/*
 * A block device of XenStore, by its number: only for the targets xen and qubes, which are not there yet.
 * On other targets it may be in a branch of if_impl() that is not taken.
 */
#define block_of_xenstore_id(id) block_of_xenstore_id_at(CONFIG_HERE, id)

/* Memory of the image, zero at the start. The same name is the same device. */
struct ramdisk_fields {
	uint64_t size;        /* bytes; default 16 MiB */
	uint32_t sector_size; /* bytes; default 512 */
};
#define ramdisk(name, ...) ramdisk_at(CONFIG_HERE, name, &(struct ramdisk_fields){ __VA_ARGS__ })

/*
 * What `mirage configure --block=ramdisk|file` says: ramdisk(name), the default, or
 * block_of_file(name).
 */
#define generic_block(name) generic_block_at(CONFIG_HERE, name)

/*
 * A partition of `disk`, by its number as on Linux, or by its name in a GPT:
 * `partition(disk, 1)`, `partition_named(disk, "root")`.
 */
#define partition(disk, number)     partition_at(CONFIG_HERE, disk, number, NULL)
#define partition_named(disk, name) partition_at(CONFIG_HERE, disk, 0, name)

/* A cache of what is read from `disk`: `block_cache(disk, .size = 4 << 20)`. */
struct block_cache_fields {
	uint64_t size; /* bytes; default 1 MiB */
};
#define block_cache(disk, ...) \
	block_cache_at(CONFIG_HERE, disk, &(struct block_cache_fields){ __VA_ARGS__ })

/* `disk` with checksums: rot becomes an error. Eight ninths of its space, in larger sectors. */
#define block_checksum(disk) block_checksum_at(CONFIG_HERE, disk)

/*
 * `disk` with its sectors encrypted by a key of 128 hexadecimal digits:
 *
 *     KEY_STRING(disk_key, .stage = KEY_STAGE_RUN, .required = true, .doc = "The disk's key.")
 *     block_encryption(disk, &key_disk_key)
 */
#define block_encryption(disk, key) block_encryption_at(CONFIG_HERE, disk, key)

/*
 * `disk` with its sectors encrypted and authenticated, in half of its space, by a key of 32, 48 or 64
 * hexadecimal digits: `block_ccm(disk, &key_disk_key)`. MirageOS's disks have the defaults; before
 * version 2 of mirage-block-ccm, tags of 8 bytes.
 */
struct block_ccm_fields {
	unsigned int nonce_length; /* bytes, 7 to 13; default 8 */
	unsigned int tag_length;   /* bytes, 8, 10, … 16; default 16 */
};
#define block_ccm(disk, key, ...) \
	block_ccm_at(CONFIG_HERE, disk, key, &(struct block_ccm_fields){ __VA_ARGS__ })

/* MirageOS's name for it, with its order. */
#define ccm_block(key, disk, ...) block_ccm(disk, key, __VA_ARGS__)

/*
 * `disk` as a disk that fails, to see what a unikernel makes of it. What goes wrong, and when, are the
 * fields of struct block_faulty_plan (<mirage/block_faulty.h>):
 *
 *     block_faulty(disk, .cut_at = 7, .unflushed = BLOCK_FAULTY_LOSE)
 *     block_faulty(disk, .bad_sector = 16, .bad_count = 8)
 */
#define block_faulty(disk, ...) \
	block_faulty_at(CONFIG_HERE, disk, &(struct block_faulty_plan){ __VA_ARGS__ })

block_impl *block_of_file_at(struct location here, const char *name,
                             const struct block_of_file_fields *fields);
block_impl *block_of_xenstore_id_at(struct location here, const char *id);
block_impl *ramdisk_at(struct location here, const char *name, const struct ramdisk_fields *fields);
block_impl *generic_block_at(struct location here, const char *name);
block_impl *partition_at(struct location here, block_impl *disk, unsigned int number,
                         const char *name);
block_impl *block_cache_at(struct location here, block_impl *disk,
                           const struct block_cache_fields *fields);
block_impl *block_checksum_at(struct location here, block_impl *disk);
block_impl *block_encryption_at(struct location here, block_impl *disk, const struct key *key);
block_impl *block_ccm_at(struct location here, block_impl *disk, const struct key *key,
                         const struct block_ccm_fields *fields);
block_impl *block_faulty_at(struct location here, block_impl *disk,
                            const struct block_faulty_plan *plan);

#endif
