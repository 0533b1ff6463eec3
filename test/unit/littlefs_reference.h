/* SPDX-License-Identifier: ISC */
/*
 * littlefs's reference implementation on the bytes of a RAM disk, for tests that have both work on one
 * volume. It can lose its power in any of its writes.
 */
#ifndef TEST_UNIT_LITTLEFS_REFERENCE_H
#define TEST_UNIT_LITTLEFS_REFERENCE_H

#include <lfs2.h>

#include <stdio.h>
#include <stdlib.h>

struct reference {
	struct lfs2_config config;
	lfs2_t volume;
	uint8_t *bytes;
	uint64_t changes; /* since reference_start() */
	uint64_t cut_at;  /* the change in which the power goes; 0: never */
};

static inline uint8_t *reference_at(const struct lfs2_config *config, lfs2_block_t block,
                                    lfs2_off_t offset)
{
	const struct reference *reference = config->context;

	return reference->bytes + (size_t)block * config->block_size + offset;
}

static inline bool reference_is_off(const struct reference *reference)
{
	return reference->cut_at != 0 && reference->changes >= reference->cut_at;
}

static inline int reference_read(const struct lfs2_config *config, lfs2_block_t block,
                                 lfs2_off_t offset, void *bytes, lfs2_size_t size)
{
	if (reference_is_off(config->context))
		return LFS2_ERR_IO;
	memcpy(bytes, reference_at(config, block, offset), size);
	return 0;
}

/* The change in which the power goes is half done. */
static inline int reference_program(const struct lfs2_config *config, lfs2_block_t block,
                                    lfs2_off_t offset, const void *bytes, lfs2_size_t size)
{
	struct reference *reference = config->context;

	if (reference_is_off(reference))
		return LFS2_ERR_IO;
	reference->changes++;
	if (reference_is_off(reference))
		size /= 2;
	memcpy(reference_at(config, block, offset), bytes, size);
	return reference_is_off(reference) ? LFS2_ERR_IO : 0;
}

static inline int reference_erase(const struct lfs2_config *config, lfs2_block_t block)
{
	struct reference *reference = config->context;

	if (reference_is_off(reference))
		return LFS2_ERR_IO;
	reference->changes++;
	memset(reference_at(config, block, 0), 0xff,
	       reference_is_off(reference) ? config->block_size / 2 : config->block_size);
	return reference_is_off(reference) ? LFS2_ERR_IO : 0;
}

static inline int reference_sync(const struct lfs2_config *config)
{
	return reference_is_off(config->context) ? LFS2_ERR_IO : 0;
}

/* `cycles`: changes of a pair after which it moves to other blocks; -1: never */
static inline void reference_init(struct reference *reference, uint8_t *bytes, uint32_t block_size,
                                  uint32_t block_count, int32_t cycles)
{
	*reference = (struct reference){
		.bytes = bytes,
		.config = {
			.context = reference,
			.read = reference_read,
			.prog = reference_program,
			.erase = reference_erase,
			.sync = reference_sync,
			.read_size = 16,
			.prog_size = 16,
			.block_size = block_size,
			.block_count = block_count,
			.block_cycles = cycles,
			.cache_size = 64,
			.lookahead_size = 16,
		},
	};
}

static inline void reference_start(struct reference *reference, uint64_t cut_at)
{
	reference->changes = 0;
	reference->cut_at = cut_at;
}

static inline int reference_format(struct reference *reference)
{
	return lfs2_format(&reference->volume, &reference->config);
}

static inline int reference_mount(struct reference *reference)
{
	return lfs2_mount(&reference->volume, &reference->config);
}

static inline void reference_unmount(struct reference *reference)
{
	lfs2_unmount(&reference->volume);
}

/* Make the folder that a path is in; there is one level of them. */
static inline int reference_make_folder(struct reference *reference, const char *path)
{
	const char *slash = strchr(path, '/');
	char folder[64];

	if (slash == NULL)
		return 0;
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	int error = lfs2_mkdir(&reference->volume, folder);

	return error == LFS2_ERR_EXIST ? 0 : error;
}

static inline int reference_set(struct reference *reference, const char *path, const uint8_t *bytes,
                                size_t length)
{
	lfs2_file_t file;
	int error = reference_make_folder(reference, path);

	if (error == 0)
		error = lfs2_file_open(&reference->volume, &file, path,
		                       LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC);
	if (error != 0)
		return error;
	lfs2_ssize_t count = lfs2_file_write(&reference->volume, &file, bytes, (lfs2_size_t)length);

	error = lfs2_file_close(&reference->volume, &file);
	return count < 0 ? count : error;
}

/* The size, or an error; at most `room` bytes of it are in `bytes`. */
static inline lfs2_ssize_t reference_get(struct reference *reference, const char *path,
                                         uint8_t *bytes, size_t room)
{
	lfs2_file_t file;
	int error = lfs2_file_open(&reference->volume, &file, path, LFS2_O_RDONLY);

	if (error != 0)
		return error;
	lfs2_ssize_t size = lfs2_file_size(&reference->volume, &file);
	lfs2_ssize_t count = lfs2_file_read(&reference->volume, &file, bytes, (lfs2_size_t)room);

	error = lfs2_file_close(&reference->volume, &file);
	if (count < 0 || error != 0)
		return count < 0 ? count : error;
	return size;
}

static inline int reference_remove(struct reference *reference, const char *path)
{
	return lfs2_remove(&reference->volume, path);
}

static inline int reference_rename(struct reference *reference, const char *from, const char *to)
{
	int error = reference_make_folder(reference, to);

	return error == 0 ? lfs2_rename(&reference->volume, from, to) : error;
}

#endif
