// SPDX-License-Identifier: ISC
/* Files: reading them, and putting new ones in their place. */
#include "storage/fat/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/fat/mend.h"
#include "storage/fat/table.h"

ssize_t fat_file_read(struct fat_volume *volume, const struct fat_entry *entry, uint64_t offset,
                      void *bytes, size_t length)
{
	uint8_t *to = bytes;
	size_t done = 0;

	if (offset >= entry->size)
		return 0;
	if (length > entry->size - offset)
		length = (size_t)(entry->size - offset);
	while (done < length) {
		uint64_t at = offset + done;
		uint32_t index = (uint32_t)(at / volume->cluster_size), first, next;
		size_t within = (size_t)(at % volume->cluster_size);
		size_t count = volume->cluster_size - within;
		int error = fat_chain_at(volume, entry->cluster, index, &first);

		/* Clusters that lie side by side are read at once. */
		for (uint32_t run = 1; error == 0 && count < length - done; run++) {
			if (fat_chain_at(volume, entry->cluster, index + run, &next) != 0 ||
			    next != first + run)
				break;
			count += volume->cluster_size;
		}
		if (count > length - done)
			count = length - done;
		if (error == 0)
			error = medium_read(&volume->medium,
			                    fat_cluster_offset(volume, first) + within, to + done,
			                    count);
		if (error != 0)
			return error == -ENODATA || error == -ERANGE ? -EBADMSG : error;
		done += count;
	}
	return (ssize_t)length;
}

/* ------------------------------------------------------------------ writing */

/* Fill a chunk with the content from `at` on. */
static int fill(struct fat_volume *volume, const struct fat_content *content, uint64_t at,
                uint8_t *chunk, size_t size)
{
	memset(chunk, 0, size);
	if (content->old != NULL) {
		ssize_t count = fat_file_read(volume, content->old, at, chunk, size);

		if (count < 0)
			return (int)count;
	}
	uint64_t end = content->offset + content->length;
	uint64_t from = at > content->offset ? at : content->offset;
	uint64_t to = at + size < end ? at + size : end;

	if (from < to)
		memcpy(chunk + (from - at), content->bytes + (from - content->offset),
		       (size_t)(to - from));
	return 0;
}

/* Write the content to clusters. Those in a row that are new bytes alone are written at once. */
static int write_clusters(struct fat_volume *volume, const struct fat_content *content,
                          const uint32_t *clusters, uint32_t count, uint8_t *chunk)
{
	size_t size = volume->cluster_size;
	int error = 0;

	for (uint32_t i = 0; i < count && error == 0;) {
		uint64_t at = (uint64_t)i * size;
		uint64_t end = content->offset + content->length;
		uint32_t run = 1;

		if (at < content->offset || at + size > end) {
			error = fill(volume, content, at, chunk, size);
			if (error == 0)
				error = medium_write(&volume->medium,
				                     fat_cluster_offset(volume, clusters[i]), chunk,
				                     size);
		} else {
			while (i + run < count && clusters[i + run] == clusters[i] + run &&
			       at + (run + 1) * (uint64_t)size <= end)
				run++;
			error = medium_write(&volume->medium,
			                     fat_cluster_offset(volume, clusters[i]),
			                     content->bytes + (at - content->offset), run * size);
		}
		i += run;
	}
	return error;
}

/* Write the content to free clusters and chain them: flushed, but nobody's. */
static int write_content(struct fat_volume *volume, const struct fat_content *content,
                         uint32_t *first)
{
	uint64_t count = (content->size + volume->cluster_size - 1) / volume->cluster_size;
	uint32_t *clusters = NULL;

	*first = 0;
	if (count == 0)
		return 0;
	if (count > volume->cluster_count)
		return -ENOSPC;
	uint8_t *chunk = malloc(volume->cluster_size);
	int error = chunk != NULL ? fat_find_free(volume, (uint32_t)count, &clusters) : -ENOMEM;

	if (error == 0)
		error = write_clusters(volume, content, clusters, (uint32_t)count, chunk);
	if (error == 0)
		error = fat_chain_make(volume, clusters, (uint32_t)count);
	if (error == 0)
		error = fat_flush(volume);
	if (error == 0)
		*first = clusters[0];
	free(clusters);
	free(chunk);
	return error;
}

/* Free clusters that nobody has any more. */
static int give_back(struct fat_volume *volume, uint32_t first)
{
	if (first == 0)
		return 0;
	int error = fat_chain_free(volume, first);

	return error == 0 ? fat_flush(volume) : error;
}

static int make_directory(struct fat_volume *volume, const struct fat_entry *parent,
                          struct kv_key name, nanoseconds modified, struct fat_entry *made)
{
	uint8_t slots[2 * SLOT_SIZE];
	struct fat_content content = { .size = volume->cluster_size,
		                       .bytes = slots,
		                       .length = sizeof(slots) };
	uint32_t *cluster;

	/* Its own slot needs its cluster, which write_content() then finds first. */
	int error = fat_find_free(volume, 1, &cluster);

	if (error != 0)
		return error;
	*made = (struct fat_entry){ .is_directory = true,
		                    .cluster = *cluster,
		                    .modified = modified };
	fat_directory_init(volume, parent->cluster, *cluster, modified, slots);
	free(cluster);
	error = write_content(volume, &content, &made->cluster);
	if (error != 0)
		return error;
	error = fat_directory_add(volume, parent->cluster, name, made);
	if (error == -EINVAL || error == -ENAMETOOLONG || error == -ENOSPC)
		error_ignore(give_back(volume, made->cluster), "the first error is reported");
	return error;
}

int fat_make_directories(struct fat_volume *volume, struct kv_key key, nanoseconds modified,
                         struct fat_entry *directory)
{
	struct kv_key rest = kv_key_parent(key), segment;
	int error = 0;

	*directory = fat_root(volume);
	while (error == 0 && kv_key_next(&rest, &segment)) {
		size_t length = (size_t)(segment.text - key.text) + segment.length;
		struct fat_entry parent = *directory;

		error = fat_find(volume, (struct kv_key){ key.text, length }, directory);
		if (error == -ENOENT)
			error = make_directory(volume, &parent, segment, modified, directory);
		else if (error == 0 && !directory->is_directory)
			error = -ENOTDIR;
	}
	return error;
}

/* Make an entry lead to the chain from `first` on; its old clusters are freed. */
static int put_entry(struct fat_volume *volume, struct kv_key key,
                     const struct fat_entry *directory, const struct fat_entry *old,
                     struct fat_entry *entry)
{
	if (old == NULL) {
		int error = fat_directory_add(volume, directory->cluster, kv_key_last(key), entry);

		if (error == -EINVAL || error == -ENAMETOOLONG || error == -ENOSPC)
			error_ignore(give_back(volume, entry->cluster),
			             "the first error is reported");
		return error;
	}
	entry->directory = old->directory;
	entry->slot = old->slot;
	int error = fat_entry_update(volume, entry);

	if (error == 0)
		error = medium_flush(&volume->medium);
	return error == 0 ? give_back(volume, old->cluster) : error;
}

int fat_file_set(struct fat_volume *volume, struct kv_key key, const struct fat_content *content,
                 nanoseconds modified)
{
	struct fat_entry old, directory, entry = { .modified = modified };

	if (!volume->medium.read_write)
		return -EROFS;
	if (content->size > UINT32_MAX)
		return -EFBIG;
	int missing = fat_find(volume, key, &old);

	if (missing != 0 && missing != -ENOENT)
		return missing;
	if (missing == 0 && old.is_directory)
		return -EISDIR;
	int error = fat_make_directories(volume, key, modified, &directory);

	if (error == 0)
		error = write_content(volume, content, &entry.cluster);
	entry.size = (uint32_t)content->size;
	return error != 0 ? error
	                  : put_entry(volume, key, &directory, missing == 0 ? &old : NULL, &entry);
}

/* ------------------------------------------------------------------ removing */

struct pending {
	uint32_t *directories;
	size_t count;
	size_t room;
};

static int remember(struct pending *pending, uint32_t directory)
{
	if (pending->count == pending->room) {
		size_t room = pending->room > 0 ? pending->room * 2 : 16;
		void *grown = reallocarray(pending->directories, room, sizeof(uint32_t));

		if (grown == NULL)
			return -ENOMEM;
		pending->directories = grown;
		pending->room = room;
	}
	pending->directories[pending->count++] = directory;
	return 0;
}

/* Free what the files in a directory have, and put its directories on the list. */
static int free_entries(struct fat_volume *volume, uint32_t directory, struct pending *pending)
{
	struct fat_walk *walk;
	int more = fat_walk_new(&walk, volume, directory);

	while (more >= 0 && (more = fat_walk_next(walk)) == 1) {
		if (walk->entry.is_directory)
			more = remember(pending, walk->entry.cluster);
		else if (walk->entry.cluster != 0)
			more = fat_chain_free(volume, walk->entry.cluster);
		if (more < 0)
			break;
	}
	free(walk);
	return more;
}

/*
 * Free a directory and all below it, none of which can be reached any more. Each round frees a chain;
 * one that is freed already (a damaged volume may have circles) is passed over, so it comes to an
 * end.
 */
static int free_tree(struct fat_volume *volume, uint32_t directory)
{
	struct pending pending = { .count = 0 };
	int error = remember(&pending, directory);

	while (error == 0 && pending.count > 0) {
		uint32_t at = pending.directories[--pending.count], next = FAT_FREE;

		if (!fat_is_cluster(volume, at))
			continue;
		error = fat_table_get(volume, at, &next);
		if (error != 0 || next == FAT_FREE)
			continue;
		error = free_entries(volume, at, &pending);
		if (error == -EBADMSG)
			error = 0; /* as far as it can be read */
		if (error == 0)
			error = fat_chain_free(volume, at);
	}
	free(pending.directories);
	return error == 0 ? fat_flush(volume) : error;
}

int fat_remove(struct fat_volume *volume, struct kv_key key)
{
	struct fat_entry entry;
	int error = volume->medium.read_write ? fat_find(volume, key, &entry) : -EROFS;

	if (error == 0)
		error = fat_entry_delete(volume, &entry);
	if (error != 0)
		return error;
	return entry.is_directory ? free_tree(volume, entry.cluster)
	                          : give_back(volume, entry.cluster);
}

/* ------------------------------------------------------------------ moving */

/*
 * A file is copied and then removed: were there two names for one chain when the power goes, the
 * change of one would spoil the other.
 */
static int rename_file(struct fat_volume *volume, struct kv_key source, struct kv_key destination,
                       const struct fat_entry *entry)
{
	struct fat_content content = { .size = entry->size, .old = entry };
	int error = fat_file_set(volume, destination, &content, entry->modified);

	return error == 0 ? fat_remove(volume, source) : error;
}

/*
 * Whether a directory would come to be below itself, or a thing in its own place: other spellings
 * may hide it. 1: it is there already; 0: it is not; -EINVAL: below itself.
 */
static int is_there(struct fat_volume *volume, const struct fat_entry *entry,
                    struct kv_key destination)
{
	struct fat_entry other;
	struct kv_key rest = destination, segment;

	while (kv_key_next(&rest, &segment)) {
		size_t length = (size_t)(segment.text - destination.text) + segment.length;
		int error = fat_find(volume, (struct kv_key){ destination.text, length }, &other);

		if (error != 0)
			return error == -ENOENT ? 0 : error;
		if (other.directory == entry->directory && other.slot == entry->slot)
			return rest.length == 0 ? 1 : -EINVAL;
	}
	return 0;
}

/* Give a directory another name, another parent, and then take its first name away. */
static int move_directory(struct fat_volume *volume, const struct fat_entry *entry,
                          const struct fat_entry *parent, struct kv_key name)
{
	uint8_t slots[2 * SLOT_SIZE];
	int error = fat_mark_move(volume, true);

	if (error == 0)
		error = fat_directory_add(volume, parent->cluster, name, entry);
	if (error == -EINVAL || error == -ENAMETOOLONG || error == -ENOSPC) {
		int cleared = fat_mark_move(volume, false);

		return cleared != 0 ? cleared : error;
	}
	if (error == 0 && parent->cluster != entry->directory) {
		fat_directory_init(volume, parent->cluster, entry->cluster, entry->modified, slots);
		error = medium_write(&volume->medium, fat_cluster_offset(volume, entry->cluster),
		                     slots, sizeof(slots));
		if (error == 0)
			error = medium_flush(&volume->medium);
	}
	if (error == 0)
		error = fat_entry_delete(volume, entry);
	return error == 0 ? fat_mark_move(volume, false) : error;
}

int fat_rename(struct fat_volume *volume, struct kv_key source, struct kv_key destination,
               nanoseconds modified)
{
	struct fat_entry entry, directory;
	int error = volume->medium.read_write ? fat_find(volume, source, &entry) : -EROFS;

	if (error == 0)
		error = is_there(volume, &entry, destination);
	if (error != 0)
		return error == 1 ? 0 : error;
	if (!entry.is_directory)
		return rename_file(volume, source, destination, &entry);
	error = fat_make_directories(volume, destination, modified, &directory);
	return error != 0 ? error
	                  : move_directory(volume, &entry, &directory, kv_key_last(destination));
}
