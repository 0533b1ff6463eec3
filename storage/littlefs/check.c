// SPDX-License-Identifier: ISC
/* Checking a volume: pairs, then what they lead to, then what nothing leads to. */
#include "storage/littlefs/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"
#include "storage/littlefs/list.h"
#include "storage/littlefs/tree.h"

struct check {
	struct littlefs_volume *volume;
	finding_report *report;
	void *context;
	uint8_t *used;    /* a bit for each block that something has */
	uint8_t *pairs;   /* for each that is of a pair in the list of all */
	uint8_t *reached; /* for each pair that a directory leads to, by its blocks */
	uint32_t *blocks; /* of the file that is looked at, from the last to the first */
	uint32_t count;
	uint32_t room;
	uint32_t crossed; /* the block that something else has */
	char name[LITTLEFS_LENGTH_MAX + 1];
	char text[256];
};

static void found(struct check *check, bool harmless, const char *kind, const char *format, ...)
	printf_like(4, 5);

/* About what has the check's name. */
static void found(struct check *check, bool harmless, const char *kind, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(check->text, sizeof(check->text), format, arguments);
	va_end(arguments);
	check->report(check->context, &(struct finding){ .kind = kind,
	                                                 .path = check->name,
	                                                 .text = check->text,
	                                                 .harmless = harmless });
}

static void set_name(struct check *check, const struct littlefs_entry *entry)
{
	size_t length = entry != NULL && entry->name.bytes != NULL ? entry->name.length : 0;

	memcpy(check->name, length > 0 ? (const char *)entry->name.bytes : "", length);
	check->name[length] = '\0';
}

/* Set a bit. True: it was set. */
static bool take(uint8_t *bits, uint32_t block)
{
	bool was = (bits[block / 8] & 1u << block % 8) != 0;

	bits[block / 8] |= (uint8_t)(1u << block % 8);
	return was;
}

static bool has(const uint8_t *bits, struct littlefs_pair pair)
{
	return (bits[pair.block[0] / 8] & 1u << pair.block[0] % 8) != 0 &&
	       (bits[pair.block[1] / 8] & 1u << pair.block[1] % 8) != 0;
}

/* ------------------------------------------------------------------ pairs */

/*
 * Look at the block of a pair that does not count. It may hold anything, but if its revision is the next
 * one and no commit in it is whole, that is what was last written.
 */
static int check_other_block(struct check *check, const struct littlefs_metadata *counts)
{
	struct littlefs_volume *volume = check->volume;
	struct littlefs_metadata metadata = { .count = 0 };
	uint32_t block = counts->pair.block[1];
	uint8_t *bytes = malloc(volume->block_size);
	size_t end = 0;

	if (bytes == NULL)
		return -ENOMEM;
	int error = littlefs_read(volume, block, 0, bytes, volume->block_size);

	if (error != 0) {
		free(bytes);
		return error;
	}
	error = littlefs_metadata_parse(&metadata, volume->sums, bytes, volume->block_size, &end);
	if (error == -ENODATA && metadata.revision == counts->revision + 1)
		found(check, true, "torn-block",
		      "block %u is newer than the other of its pair, but not whole: a write of it "
		      "was cut short, or it is damaged; the other counts",
		      block);
	littlefs_metadata_fini(&metadata);
	return error == -ENOMEM ? error : 0;
}

static int check_pair(void *context, struct littlefs_metadata *metadata)
{
	struct check *check = context;

	set_name(check, NULL);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t block = metadata->pair.block[i];

		take(check->pairs, block);
		if (take(check->used, block))
			found(check, false, "cross-linked", "block %u is in two pairs of metadata",
			      block);
	}
	return check_other_block(check, metadata);
}

/* ------------------------------------------------------------------ files */

static int add_block(void *context, uint32_t block)
{
	struct check *check = context;

	if (take(check->used, block)) {
		check->crossed = block;
		return 1;
	}
	if (check->count == check->room) {
		uint32_t room = check->room > 0 ? check->room * 2 : 64;
		void *grown = reallocarray(check->blocks, room, sizeof(*check->blocks));

		if (grown == NULL)
			return -ENOMEM;
		check->blocks = grown;
		check->room = room;
	}
	check->blocks[check->count++] = block;
	return 0;
}

/* Each way back through the list must lead to the same blocks. */
static int check_pointers(struct check *check)
{
	uint8_t pointers[4 * 32];
	int error = 0;

	for (uint32_t i = 0; i + 1 < check->count && error == 0; i++) {
		uint32_t number = check->count - 1 - i;
		uint32_t count = (uint32_t)__builtin_ctz(number) + 1;

		error = littlefs_read(check->volume, check->blocks[i], 0, pointers,
		                      4 * (size_t)count);
		for (uint32_t j = 0; j < count && error == 0; j++) {
			uint32_t to = get_le32(pointers + 4 * (size_t)j);

			if (to == check->blocks[i + (1u << j)])
				continue;
			found(check, false, "bad-list",
			      "its block %u leads to block %u, where %u should be",
			      check->blocks[i], to, check->blocks[i + (1u << j)]);
			return 0;
		}
	}
	return error;
}

static int check_list(struct check *check, struct littlefs_list list)
{
	struct littlefs_volume *volume = check->volume;

	check->count = 0;
	check->crossed = LITTLEFS_NULL;
	int error = littlefs_list_walk(volume, list, add_block, check);

	if (error == -EBADMSG) {
		found(check, false, "bad-list",
		      "behind %u blocks the list of its blocks leads out of the volume",
		      check->count);
		return 0;
	}
	if (error != 0)
		return error;
	if (check->crossed != LITTLEFS_NULL) {
		found(check, false, "cross-linked", "block %u of it belongs to something else too",
		      check->crossed);
		return 0;
	}
	return check_pointers(check);
}

/* ------------------------------------------------------------------ entries */

static void check_directory(struct check *check, const struct littlefs_entry *entry)
{
	struct littlefs_pair pair;

	if (!littlefs_pair_of(check->volume, entry, &pair))
		found(check, false, "bad-directory", "a directory without a pair of blocks");
	else if (!has(check->pairs, pair))
		/* A directory that moves to another block is in its entry first. */
		found(check, (check->volume->state[0] & LITTLEFS_SYNC) != 0, "bad-directory",
		      "its blocks %u and %u are in no pair of the list of all", pair.block[0],
		      pair.block[1]);
	else if (take(check->reached, pair.block[0]) | take(check->reached, pair.block[1]))
		found(check, false, "cross-linked",
		      "its blocks %u and %u are another directory's too", pair.block[0],
		      pair.block[1]);
}

static int check_entry(struct check *check, const struct littlefs_entry *entry)
{
	set_name(check, entry);
	if (entry->type == LITTLEFS_SUPERBLOCK)
		return 0;
	if (entry->type != LITTLEFS_FILE && entry->type != LITTLEFS_DIRECTORY) {
		found(check, false, "bad-entry", "neither a file nor a directory");
		return 0;
	}
	if (check->name[0] == '\0' || strlen(check->name) != entry->name.length ||
	    strchr(check->name, '/') != NULL || strcmp(check->name, ".") == 0 ||
	    strcmp(check->name, "..") == 0 || entry->name.length > check->volume->name_max)
		found(check, false, "bad-entry", "its name cannot be");
	if (entry->type == LITTLEFS_DIRECTORY) {
		check_directory(check, entry);
		return 0;
	}
	if (entry->structure == LITTLEFS_LIST && entry->data.length == 8)
		return check_list(
			check, (struct littlefs_list){ .head = get_le32(entry->data.bytes),
		                                       .size = get_le32(entry->data.bytes + 4) });
	if (entry->structure != LITTLEFS_INLINE)
		found(check, false, "bad-entry", "a file without contents");
	return 0;
}

static int check_entries(void *context, struct littlefs_metadata *metadata)
{
	struct check *check = context;
	int error = 0;

	/* What continues a directory is reached through it. */
	if (metadata->hard)
		for (unsigned i = 0; i < 2; i++)
			if (littlefs_is_block(check->volume, metadata->tail.block[i]))
				take(check->reached, metadata->tail.block[i]);
	for (size_t i = 0; i < metadata->count && error == 0; i++)
		if (!littlefs_moved_away(check->volume, metadata, i))
			error = check_entry(check, &metadata->entries[i]);
	return error;
}

static int check_reached(void *context, struct littlefs_metadata *metadata)
{
	struct check *check = context;
	bool superblock = metadata->count > 0 && metadata->entries[0].type == LITTLEFS_SUPERBLOCK;

	if (!superblock && !has(check->reached, metadata->pair))
		found(check, true, "orphan",
		      "blocks %u and %u are a directory that nobody has: the next that writes "
		      "drops it",
		      metadata->pair.block[0], metadata->pair.block[1]);
	return 0;
}

/* ------------------------------------------------------------------ all */

static int check_volume(struct check *check)
{
	struct littlefs_volume *volume = check->volume;
	int error = littlefs_for_each_pair(volume, check_pair, check);

	if (error == 0)
		error = littlefs_for_each_pair(volume, check_entries, check);
	set_name(check, NULL);
	if (error == 0)
		error = littlefs_for_each_pair(volume, check_reached, check);
	if (error == 0 && (volume->state[0] & LITTLEFS_MOVE_MASK) != 0)
		found(check, true, "unfinished-move",
		      "something was being moved: the next that writes finishes it");
	return error;
}

int littlefs_check(struct littlefs_volume *volume, finding_report *report, void *context)
{
	size_t size = (size_t)volume->block_count / 8 + 1;
	struct check *check = calloc(1, sizeof(*check));
	uint8_t *bits = calloc(3, size);
	int error = -ENOMEM;

	if (check != NULL && bits != NULL) {
		check->volume = volume;
		check->report = report;
		check->context = context;
		check->used = bits;
		check->pairs = bits + size;
		check->reached = bits + 2 * size;
		error = check_volume(check);
		free(check->blocks);
	}
	free(bits);
	free(check);
	return error;
}
