/* SPDX-License-Identifier: ISC */
/*
 * Key/value stores in config.c. Included by <mirage/config.h>.
 */
#ifndef MIRAGE_CONFIG_KV_H
#define MIRAGE_CONFIG_KV_H

#include <mirage/config.h>

/* A folder of the project as read-only data in the image (crunch.h). */
#define crunch(folder) crunch_at(CONFIG_HERE, folder)

/*
 * A folder of the host (direct_kv.h), found from where the image is started; only for the unix
 * target. What is not in the folder is out of the image's reach.
 */
#define direct_kv_ro(folder) direct_kv_ro_at(CONFIG_HERE, folder)
#define direct_kv_rw(folder) direct_kv_rw_at(CONFIG_HERE, folder)

/* A tar archive on a block device (tar_kv.h). To write, it can only be appended to. */
#define tar_kv_ro(block) tar_kv_ro_at(CONFIG_HERE, block)
#define tar_kv_rw(block) tar_kv_rw_at(CONFIG_HERE, block)

/* A FAT file system on a block device (fat_kv.h). */
#define fat_ro(block) fat_ro_at(CONFIG_HERE, block)
#define fat_rw(block) fat_rw_at(CONFIG_HERE, block)

/* A littlefs file system on a block device, for values that survive power cuts (littlefs_kv.h). */
#define littlefs(block) littlefs_at(CONFIG_HERE, block)

/* MirageOS's names: chamelon is its littlefs; of docteur the error says what to do instead. */
#define chamelon(block) littlefs(block)
#define docteur(remote) docteur_at(CONFIG_HERE, remote)

/*
 * A folder of the project as an image that the build makes: fat1.img or archive1.tar, with other
 * numbers for other folders. On Solo5 targets the tender attaches it:
 *
 *     solo5-hvt --block:fat1=fat1.img dist/kv_ro.hvt
 *
 * A file system becomes a store by kv_ro_of_fs(fat_of_files("t")).
 */
typedef struct fs_impl fs_impl;
#define fat_of_files(folder)     fat_of_files_at(CONFIG_HERE, folder)
#define archive_of_files(folder) archive_of_files_at(CONFIG_HERE, folder)
kv_ro_impl *kv_ro_of_fs(fs_impl *fs);

/* A store in memory, empty at first (kv_mem.h). `.bytes_max` is its budget; none by default. */
struct kv_rw_mem_fields {
	uint64_t bytes_max;
};
#define kv_rw_mem(...) kv_rw_mem_at(CONFIG_HERE, &(struct kv_rw_mem_fields){ __VA_ARGS__ })

/*
 * A folder of the project by the means that `mirage configure --kv_ro=...` says; crunch unless told
 * otherwise.
 */
#define generic_kv_ro(folder) generic_kv_ro_at(CONFIG_HERE, folder)

kv_ro_impl *crunch_at(struct location here, const char *folder);
kv_ro_impl *direct_kv_ro_at(struct location here, const char *folder);
kv_rw_impl *direct_kv_rw_at(struct location here, const char *folder);
kv_ro_impl *tar_kv_ro_at(struct location here, block_impl *block);
kv_rw_impl *tar_kv_rw_at(struct location here, block_impl *block);
kv_ro_impl *fat_ro_at(struct location here, block_impl *block);
kv_rw_impl *fat_rw_at(struct location here, block_impl *block);
kv_rw_impl *littlefs_at(struct location here, block_impl *block);
fs_impl *fat_of_files_at(struct location here, const char *folder);
kv_ro_impl *archive_of_files_at(struct location here, const char *folder);
kv_rw_impl *kv_rw_mem_at(struct location here, const struct kv_rw_mem_fields *fields);
kv_ro_impl *docteur_at(struct location here, const char *remote) __attribute__((noreturn));
kv_ro_impl *generic_kv_ro_at(struct location here, const char *folder);

#endif
