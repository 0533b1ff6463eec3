/* SPDX-License-Identifier: ISC */
/*
 * littlefs: what every store does, in blocks of several sizes; blocks as the specification has them;
 * fullness, damage, and power cuts that tear sectors.
 */
#include "test/unit/findings.h"
#include "test/unit/kv_main.h"
#include "test/unit/power_cut.h"
#include "test/unit/store_disk.h"

#include <mirage/littlefs_kv.h>

#include "storage/kv/little_endian.h"
#include "storage/littlefs/check.h"
#include "storage/littlefs/tree.h"
#include "storage/littlefs/volume.h"

struct disk {
	struct kv_rw kv; /* first: the tests' state */
	struct store_disk on;
	struct littlefs_kv_state state;
	struct littlefs_kv littlefs;
	uint32_t block_size;
};

static int open_sized(void **state, uint64_t size, uint32_t block_size)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (disk == NULL)
		return -1;
	disk->littlefs = (struct littlefs_kv){ .state = &disk->state,
		                               .block = &disk->on.block,
		                               .clock = &disk->on.clock };
	disk->kv = (struct kv_rw){ .ops = &littlefs_kv_ops, .self = &disk->littlefs };
	*state = disk;
	if (store_disk_init(&disk->on, size, 0) != 0)
		return -1;
	assert_int_equal(littlefs_format(&disk->on.block, block_size), 0);
	return littlefs_kv_connect(&disk->littlefs);
}

static int open_512(void **state)
{
	return open_sized(state, 256 << 10, 512);
}

static int open_4096(void **state)
{
	return open_sized(state, 1 << 20, 4096);
}

static int close_disk(void **state)
{
	struct disk *disk = *state;

	littlefs_kv_disconnect(&disk->littlefs);
	store_disk_fini(&disk->on);
	free(disk);
	return 0;
}

static void reopen(struct disk *disk)
{
	littlefs_kv_disconnect(&disk->littlefs);
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), 0);
}

/* Blocks that nothing has. */
static uint32_t count_free(struct disk *disk)
{
	struct littlefs_volume *volume = disk->state.volume;
	uint32_t count = 0;

	assert_int_equal(littlefs_scan(volume), 0);
	for (uint32_t i = 0; i < volume->block_count; i++)
		count += (volume->used[i / 8] & 1u << i % 8) == 0;
	return count;
}

static void the_superblock_is_where_the_specification_has_it(void **state)
{
	/* Version 2.1, blocks of 512 bytes, 512 of them, names of 255, files of 2^31 - 1. */
	static const uint8_t expected[] = {
		0x01, 0,    0,    0, 0xf0, 0x0f, 0xff, 0xf7, 'l',  'i',  't',  't',  'l', 'e', 'f',
		's',  0x2f, 0xe0, 0, 0x10, 0x01, 0,    0x02, 0,    0,    0x02, 0,    0,   0,   0x02,
		0,    0,    0xff, 0, 0,    0,    0xff, 0xff, 0xff, 0x7f, 0xfe, 0x03, 0,   0,
	};
	struct disk *disk = *state;

	assert_memory_equal(disk->on.ram_state.bytes, expected, sizeof(expected));
}

/* A log as the reference implementation appends to it, tag by tag. */
struct log {
	uint8_t block[512];
	size_t at;
	uint32_t last;
	uint32_t crc;
};

static void log_bytes(struct log *log, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < length; i++) {
		log->block[log->at++] = from[i];
		log->crc ^= from[i];
		for (int bit = 0; bit < 8; bit++)
			log->crc = log->crc >> 1 ^ ((log->crc & 1) != 0 ? 0xedb88320u : 0);
	}
}

static void log_tag(struct log *log, uint32_t type, uint32_t id, const void *bytes, size_t length)
{
	uint32_t tag = type << 20 | id << 10 | (uint32_t)length, number = tag ^ log->last;
	uint8_t big[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
		           (uint8_t)number };

	log_bytes(log, big, 4);
	if (length <= LITTLEFS_LENGTH_MAX)
		log_bytes(log, bytes, length);
	log->last = tag;
}

/* End a commit with some padding; the valid bit of what follows is as `phase` says. */
static void log_commit(struct log *log, uint32_t phase)
{
	uint8_t crc[4];

	log_tag(log, 0x500 | phase, 0x3ff, "", 0);
	/* The tag says 8 bytes, so it is put right before it counts. */
	log->block[log->at - 1] ^= 8;
	log->last ^= 8;
	log->crc = 0xffffffff;
	size_t end = log->at;
	uint8_t copy[512];

	memcpy(copy, log->block, end);
	log->at = log->block[511]; /* where this commit began */
	log_bytes(log, copy + log->at, end - log->at);
	for (int i = 0; i < 4; i++)
		crc[i] = (uint8_t)(log->crc >> (8 * i));
	memcpy(log->block + log->at, crc, 4);
	memset(log->block + log->at + 4, 0xaa, 4);
	log->at += 8;
	log->block[511] = (uint8_t)log->at;
	log->crc = 0xffffffff;
	log->last ^= phase << 31;
}

static void expect_name(const struct littlefs_metadata *metadata, size_t id, const char *name,
                        const char *data)
{
	assert_true(id < metadata->count);
	assert_int_equal(metadata->entries[id].name.length, strlen(name));
	assert_memory_equal(metadata->entries[id].name.bytes, name, strlen(name));
	assert_int_equal(metadata->entries[id].data.length, strlen(data));
	assert_memory_equal(metadata->entries[id].data.bytes, data, strlen(data));
}

static void parse_log(const struct log *log, size_t length, struct littlefs_metadata *metadata)
{
	uint8_t *block = malloc(512);

	memset(block, 0xff, 512);
	memcpy(block, log->block, length);
	size_t end = 0;

	*metadata = (struct littlefs_metadata){ .count = 0 };
	struct littlefs_sums *sums = malloc(sizeof(*sums));

	littlefs_sums_init(sums);
	assert_int_equal(littlefs_metadata_parse(metadata, sums, block, 512, &end), 0);
	free(sums);
	assert_true(end > 0 && end <= length);
}

static void a_log_of_several_commits_is_read_to_its_last(void **state)
{
	struct log log = { .last = 0xffffffff, .crc = 0xffffffff };
	struct littlefs_metadata metadata;
	size_t first;

	(void)state;
	log_bytes(&log, "\x07\0\0", 4);
	log_tag(&log, 0x401, 0, "", 0);
	log_tag(&log, 0x001, 0, "bird", 4);
	log_tag(&log, 0x201, 0, "sings", 5);
	log_commit(&log, 0);
	first = log.at;
	/* Before it another, which moves it; then an attribute, and a tail. */
	log_tag(&log, 0x401, 0, "", 0);
	log_tag(&log, 0x001, 0, "ant", 3);
	log_tag(&log, 0x201, 0, "", 0);
	log_tag(&log, 0x374, 1, "\x10\0\0", 4);
	log_tag(&log, 0x600, 0x3ff, "\x05\0\0\0\x06\0\0", 8);
	log_commit(&log, 1);
	log_tag(&log, 0x201, 1, "flies", 5);
	log_tag(&log, 0x4ff, 0, "", 0);
	log_tag(&log, 0x374, 0, "", 0x3ff);
	log_tag(&log, 0x5ff, 0x3ff, "\x10\0\0\0\1\2\3", 8);
	log_commit(&log, 0);
	parse_log(&log, first, &metadata);
	assert_int_equal(metadata.revision, 7);
	assert_int_equal(metadata.count, 1);
	expect_name(&metadata, 0, "bird", "sings");
	littlefs_metadata_fini(&metadata);
	parse_log(&log, log.at, &metadata);
	assert_int_equal(metadata.count, 1);
	expect_name(&metadata, 0, "bird", "flies");
	assert_null(metadata.entries[0].attributes);
	assert_int_equal(metadata.tail.block[0], 5);
	assert_int_equal(metadata.tail.block[1], 6);
	assert_false(metadata.hard);
	littlefs_metadata_fini(&metadata);
	/* One bit of the last commit is wrong: the one before it counts. */
	log.block[log.at - 30] ^= 1;
	parse_log(&log, log.at, &metadata);
	assert_int_equal(metadata.count, 2);
	expect_name(&metadata, 0, "ant", "");
	expect_name(&metadata, 1, "bird", "sings");
	assert_non_null(littlefs_attribute_find(&metadata.entries[1], LITTLEFS_TIME));
	littlefs_metadata_fini(&metadata);
}

static void many_entries_divide_a_directory_and_stay_in_order(void **state)
{
	struct disk *disk = *state;
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	char name[40];
	nanoseconds wall = 0;

	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "d/entry number %u", i * 7 % 60);
		mock_clock_set(&disk->on.mock, duration_of_sec(1000 + i));
		kv_put(&disk->kv, name, name);
		snprintf(name, sizeof(name), "d/sub%u/x", i % 7);
		kv_put(&disk->kv, name, name);
	}
	reopen(disk);
	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "d/entry number %u", i);
		kv_expect(&disk->kv, name, name);
	}
	assert_int_equal(kv_ro_last_modified(&reader, "d/entry number 7", &wall), 0);
	assert_int_equal(wall, duration_of_sec(1001));
	assert_int_equal(kv_ro_last_modified(&reader, "d", &wall), 0);
	assert_int_equal(wall, duration_of_sec(1059));
	assert_int_equal(kv_rw_remove(&disk->kv, "d"), 0);
	kv_expect_entries(&disk->kv, "", "");
	/* The two blocks of the superblock are left. */
	assert_int_equal(count_free(disk), disk->state.volume->block_count - 2);
}

static void values_of_every_size_come_back(void **state)
{
	struct disk *disk = *state;
	size_t most = 20u * disk->state.volume->block_size;
	uint8_t *bytes = calloc(1, most);
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	uint8_t part[300];

	for (size_t i = 0; i < most; i++)
		bytes[i] = (uint8_t)(i * 31 >> 3);
	for (size_t length = 0; length < most; length += length < 300 ? 1 : 977) {
		assert_int_equal(kv_rw_set(&disk->kv, "value", bytes, length), 0);
		kv_expect_bytes(&disk->kv, "value", bytes, length);
	}
	assert_int_equal(kv_rw_set(&disk->kv, "value", bytes, most), 0);
	for (size_t offset = 0; offset + sizeof(part) < most; offset += 211) {
		assert_int_equal(kv_ro_get_part(&reader, "value", offset, part, sizeof(part)),
		                 sizeof(part));
		assert_memory_equal(part, bytes + offset, sizeof(part));
	}
	free(bytes);
}

static void fill_with(uint8_t *bytes, size_t length, unsigned seed)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(seed + i * 31 + (i >> 9));
}

static void a_value_in_pieces_is_read(void **state)
{
	struct disk *disk = *state;
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	size_t size = disk->state.volume->block_size, most = 40 * size;
	uint8_t *bytes = malloc(most), *part = malloc(most);
	char name[16];

	/* Free are then one block, two, three, one, two, ... and what is behind. */
	fill_with(bytes, most, 1);
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "v%u", i);
		assert_int_equal(kv_rw_set(&disk->kv, name, bytes, (i / 2 % 3 + 1) * (size - 20)),
		                 0);
	}
	for (unsigned i = 0; i < 30; i += 2) {
		snprintf(name, sizeof(name), "v%u", i);
		assert_int_equal(kv_rw_remove(&disk->kv, name), 0);
	}
	reopen(disk);
	fill_with(bytes, most, 2);
	assert_int_equal(kv_rw_set(&disk->kv, "pieces", bytes, most), 0);
	kv_expect_bytes(&disk->kv, "pieces", bytes, most);
	for (size_t offset = 0; offset < most; offset += size / 2 + 77)
		for (size_t length = 1; length <= most - offset; length += 3 * size + 5) {
			memset(part, 0, most);
			assert_int_equal(kv_ro_get_part(&reader, "pieces", offset, part, length),
			                 length);
			assert_memory_equal(part, bytes + offset, length);
			for (size_t i = length; i < most; i++)
				assert_int_equal(part[i], 0);
		}
	free(bytes);
	free(part);
}

static void blocks_side_by_side_are_read_at_once(void **state)
{
	struct disk *disk = *state;
	struct block_faulty_state counting;
	struct block_faulty faulty = { .state = &counting,
		                       .below = &disk->on.block,
		                       .plan.seed = 1 };
	struct block counted = { .ops = &block_faulty_ops, .self = &faulty };
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	size_t length = 64 * (size_t)disk->state.volume->block_size;
	uint8_t *bytes = malloc(length), *got = malloc(length);

	fill_with(bytes, length, 3);
	assert_int_equal(kv_rw_set(&disk->kv, "long", bytes, length), 0);
	littlefs_kv_disconnect(&disk->littlefs);
	disk->littlefs.block = &counted;
	assert_int_equal(block_faulty_connect(&faulty), 0);
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), 0);
	block_faulty_start(&faulty, NULL);
	assert_int_equal(kv_ro_get_part(&reader, "long", 0, got, length), length);
	assert_memory_equal(got, bytes, length);
	assert_true(counting.counts.operations < 16);
	littlefs_kv_disconnect(&disk->littlefs);
	block_faulty_disconnect(&faulty);
	free(bytes);
	free(got);
}

static void a_long_directory_is_gone_through_in_few_reads(void **state)
{
	struct disk *disk = *state;
	struct block_faulty_state counting;
	struct block_faulty faulty = { .state = &counting, .below = &disk->on.block };
	struct block counted = { .ops = &block_faulty_ops, .self = &faulty };
	char name[40];

	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "d/an entry, number %u", 1000 + i * 7 % 200);
		kv_put(&disk->kv, name, name);
	}
	littlefs_kv_disconnect(&disk->littlefs);
	disk->littlefs.block = &counted;
	assert_int_equal(block_faulty_connect(&faulty), 0);
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), 0);
	block_faulty_start(&faulty, NULL);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "d/an entry, number %u", 1000 + i);
		kv_expect(&disk->kv, name, name);
	}
	/* Some 30 pairs of three reads, not half of them for each. */
	assert_true(counting.counts.operations < 600);
	/* Another directory that takes the place of this one is not taken for it. */
	assert_int_equal(kv_rw_remove(&disk->kv, "d"), 0);
	assert_int_equal(littlefs_scan(disk->state.volume), 0);
	disk->state.volume->next = 2;
	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "d/another, number %u", i);
		kv_put(&disk->kv, name, name);
		snprintf(name, sizeof(name), "d/an entry, number %u", 1000 + i);
		assert_int_equal(kv_get_error(&disk->kv, name), -ENOENT);
	}
	littlefs_kv_disconnect(&disk->littlefs);
	block_faulty_disconnect(&faulty);
}

static void a_full_volume_refuses_and_keeps_what_it_has(void **state)
{
	struct disk *disk = *state;
	size_t room = (size_t)disk->state.volume->block_size * disk->state.volume->block_count;
	uint8_t *bytes = calloc(1, room);
	unsigned count = 0;
	char name[16];

	kv_put(&disk->kv, "first", "here");
	assert_int_equal(kv_rw_set(&disk->kv, "big", bytes, room), -ENOSPC);
	do
		snprintf(name, sizeof(name), "v%u", count++);
	while (kv_rw_set(&disk->kv, name, bytes, room / 20) == 0);
	assert_true(count > 15);
	assert_int_equal(kv_rw_set(&disk->kv, name, bytes, room / 20), -ENOSPC);
	kv_expect(&disk->kv, "first", "here");
	kv_expect_bytes(&disk->kv, "v3", bytes, room / 20);
	assert_int_equal(kv_rw_remove(&disk->kv, "v3"), 0);
	assert_int_equal(kv_rw_set(&disk->kv, name, bytes, room / 20), 0);
	reopen(disk);
	kv_expect_bytes(&disk->kv, name, bytes, room / 20);
	free(bytes);
}

static void one_bad_block_of_each_pair_does_no_harm_but_to_the_last_change(void **state)
{
	struct disk *disk = *state;

	kv_put(&disk->kv, "a", "old");
	kv_put(&disk->kv, "a", "new");
	struct littlefs_metadata metadata;

	assert_int_equal(
		littlefs_fetch(disk->state.volume, (struct littlefs_pair){ { 0, 1 } }, &metadata),
		0);
	uint32_t latest = metadata.pair.block[0];

	littlefs_metadata_fini(&metadata);
	disk->on.ram_state.bytes[(size_t)latest * disk->state.volume->block_size + 30] ^= 4;
	reopen(disk);
	kv_expect(&disk->kv, "a", "old");
}

static void what_is_no_volume_is_refused(void **state)
{
	struct disk *disk = *state;
	uint32_t size = disk->state.volume->block_size;

	littlefs_kv_disconnect(&disk->littlefs);
	disk->on.ram_state.bytes[8] = 'L';
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), -EBADMSG);
	disk->on.ram_state.bytes[8] = 'l';
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), 0);
	/* The first block is lost: the second says all. */
	kv_put(&disk->kv, "x", "1");
	kv_put(&disk->kv, "x", "2");
	littlefs_kv_disconnect(&disk->littlefs);
	memset(disk->on.ram_state.bytes, 0, size);
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), 0);
	kv_expect(&disk->kv, "x", disk->on.ram_state.bytes[size] % 2 == 0 ? "1" : "2");
	assert_int_equal(littlefs_format(&disk->on.block, 100), -EINVAL);
}

/* ------------------------------------------------------------------ bad blocks and wear */

/* The disk again, behind a device of which these blocks are bad. */
struct bad_disk {
	struct disk *disk;
	struct block_faulty_state state;
	struct block_faulty faulty;
	struct block block;
};

static void go_bad(struct bad_disk *bad, struct disk *disk, uint32_t first, uint32_t count,
                   enum block_faulty_bad how)
{
	uint32_t sectors = disk->state.volume->block_size / 512;

	*bad = (struct bad_disk){
		.disk = disk,
		.faulty = { .state = &bad->state,
		            .below = &disk->on.block,
		            .plan = { .bad_sector = (uint64_t)first * sectors,
		                      .bad_count = (uint64_t)count * sectors,
		                      .bad = how } },
		.block = { .ops = &block_faulty_ops, .self = &bad->faulty },
	};
	littlefs_kv_disconnect(&disk->littlefs);
	disk->littlefs.block = &bad->block;
	assert_int_equal(block_faulty_connect(&bad->faulty), 0);
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), 0);
}

static void be_good(struct bad_disk *bad)
{
	littlefs_kv_disconnect(&bad->disk->littlefs);
	block_faulty_disconnect(&bad->faulty);
	bad->disk->littlefs.block = &bad->disk->on.block;
	assert_int_equal(littlefs_kv_connect(&bad->disk->littlefs), 0);
}

static struct littlefs_pair pair_of(struct disk *disk, const char *directory)
{
	struct littlefs_pair pair;
	struct kv_key key;

	assert_int_equal(kv_key_check(directory, &key), 0);
	assert_int_equal(littlefs_directory(disk->state.volume, key, &pair), 0);
	return pair;
}

static void either_block_of_a_pair_may_go_bad(void **state)
{
	struct disk *disk = *state;

	for (unsigned which = 0; which < 2; which++)
		for (unsigned how = BLOCK_FAULTY_BAD_FAILS; how <= BLOCK_FAULTY_BAD_LIES; how++) {
			struct bad_disk bad;
			struct kv_ro reader = kv_rw_reader(&disk->kv);
			struct kv_value value;
			char name[16];

			kv_put(&disk->kv, "d/kept", "old");
			kv_put(&disk->kv, "d/kept", "new");
			uint32_t block = pair_of(disk, "d").block[which];

			go_bad(&bad, disk, block, 1, (enum block_faulty_bad)how);
			/* What cannot be read is lost; what was there before is not. */
			assert_int_equal(kv_ro_get(&reader, "d/kept", &value), 0);
			assert_true(memcmp(value.bytes, "new", 4) == 0 ||
			            (memcmp(value.bytes, "old", 4) == 0 &&
			             how == BLOCK_FAULTY_BAD_FAILS));
			kv_value_release(&value);
			for (unsigned i = 0; i < 4; i++) {
				snprintf(name, sizeof(name), "d/%u", i);
				kv_put(&disk->kv, name, name);
			}
			struct littlefs_pair pair = pair_of(disk, "d");

			assert_true(pair.block[0] != block && pair.block[1] != block);
			be_good(&bad);
			for (unsigned i = 0; i < 4; i++) {
				snprintf(name, sizeof(name), "d/%u", i);
				kv_expect(&disk->kv, name, name);
			}
			assert_int_equal(kv_rw_remove(&disk->kv, "d"), 0);
			assert_int_equal(count_free(disk), disk->state.volume->block_count - 2);
		}
}

static void a_pair_that_cannot_be_read_for_a_moment_is_not_lost(void **state)
{
	struct disk *disk = *state;
	struct bad_disk bad;

	kv_put(&disk->kv, "d/x", "old");
	kv_put(&disk->kv, "d/x", "new");
	go_bad(&bad, disk, 0, 0, BLOCK_FAULTY_BAD_FAILS);
	for (uint64_t fail = 1; fail < 12; fail++) {
		block_faulty_start(&bad.faulty,
		                   &(struct block_faulty_plan){ .fail_at = fail, .fail_count = 2 });
		kv_expect(&disk->kv, "d/x", "new");
	}
	be_good(&bad);
}

static void the_first_pair_cannot_move_but_is_read(void **state)
{
	struct disk *disk = *state;
	struct bad_disk bad;

	kv_put(&disk->kv, "d/b", "2");
	kv_put(&disk->kv, "a", "1");
	kv_put(&disk->kv, "a", "1");
	go_bad(&bad, disk, 0, 2, BLOCK_FAULTY_BAD_FROZEN);
	kv_expect(&disk->kv, "a", "1");
	assert_int_equal(kv_rw_set(&disk->kv, "a", "3", 1), -EIO);
	kv_put(&disk->kv, "d/b", "4");
	be_good(&bad);
	kv_expect(&disk->kv, "a", "1");
	kv_expect(&disk->kv, "d/b", "4");
	for (uint32_t block = 0; block < 2; block++) {
		go_bad(&bad, disk, block, 1, BLOCK_FAULTY_BAD_FAILS);
		kv_expect(&disk->kv, "d/b", "4");
		be_good(&bad);
	}
}

static void bad_blocks_leave_room_for_as_much_as_the_others_hold(void **state)
{
	struct disk *disk = *state;
	struct bad_disk bad;
	size_t size = disk->state.volume->block_size;
	uint8_t *bytes = malloc(20 * size);

	fill_with(bytes, 20 * size, 5);
	for (unsigned how = BLOCK_FAULTY_BAD_FAILS; how <= BLOCK_FAULTY_BAD_LIES; how++) {
		go_bad(&bad, disk, 20, 40, (enum block_faulty_bad)how);
		for (unsigned i = 0; i < 40; i++) {
			char name[16];

			snprintf(name, sizeof(name), "v%u", i % 5);
			assert_int_equal(kv_rw_set(&disk->kv, name, bytes + i, 19 * size), 0);
			kv_expect_bytes(&disk->kv, name, bytes + i, 19 * size);
		}
		assert_true(bad.state.counts.failed + bad.state.counts.lost > 0);
		be_good(&bad);
	}
	free(bytes);
}

static void a_disk_of_nothing_but_bad_blocks_fails_in_time(void **state)
{
	struct disk *disk = *state;
	struct bad_disk bad;
	uint8_t bytes[10000] = { 0 };

	go_bad(&bad, disk, 2, disk->state.volume->block_count - 2, BLOCK_FAULTY_BAD_FAILS);
	assert_int_equal(kv_rw_set(&disk->kv, "x", bytes, sizeof(bytes)), -EIO);
	assert_int_equal(kv_rw_set(&disk->kv, "d/x", bytes, 1), -EIO);
	assert_true(bad.state.counts.operations < 1000);
	kv_put(&disk->kv, "small", "1"); /* the first pair is good */
	be_good(&bad);
	kv_expect_entries(&disk->kv, "", "small");
}

static void blocks_are_taken_in_turn_and_from_another_place_each_time(void **state)
{
	struct disk *disk = *state;
	uint32_t count = disk->state.volume->block_count, seen = 0;
	uint8_t *taken = calloc(1, count);
	uint8_t bytes[200];

	/* One file is replaced again and again, with the volume opened anew or not. */
	memset(bytes, 'x', sizeof(bytes));
	for (unsigned i = 0; i < count; i++) {
		if (i % 4 == 0)
			reopen(disk);
		uint32_t before = disk->state.volume->next;

		assert_int_equal(kv_rw_set(&disk->kv, "one", bytes, sizeof(bytes)), 0);
		taken[before] = 1;
	}
	for (uint32_t i = 0; i < count; i++)
		seen += taken[i];
	assert_true(seen > count / 3);
	free(taken);
}

static void worn_pairs_move_on(void **state)
{
	struct disk *disk = *state;

	kv_put(&disk->kv, "d/e/x", "first");
	struct littlefs_pair old = pair_of(disk, "d/e");
	bool moved = false;

	disk->state.volume->cycles = 5;
	for (unsigned i = 0; i < 30; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", i);
		kv_put(&disk->kv, "d/e/x", text);
		kv_expect(&disk->kv, "d/e/x", text);
		struct littlefs_pair pair = pair_of(disk, "d/e");

		moved = moved || (pair.block[0] != old.block[0] && pair.block[0] != old.block[1] &&
		                  pair.block[1] != old.block[0] && pair.block[1] != old.block[1]);
	}
	assert_true(moved);
	reopen(disk);
	kv_expect(&disk->kv, "d/e/x", "29");
	assert_int_equal(disk->state.volume->state[0], 0);
}

/* ------------------------------------------------------------------ checking */

static void expect_findings(struct disk *disk, const char *expected)
{
	struct findings findings = { .count = 0 };

	assert_int_equal(littlefs_check(disk->state.volume, findings_add, &findings), 0);
	assert_string_equal(findings.text, expected);
}

static void expect_no_damage(struct disk *disk)
{
	struct findings findings = { .count = 0 };

	assert_int_equal(littlefs_check(disk->state.volume, findings_add, &findings), 0);
	assert_int_equal(findings.damages, 0);
}

/* The last block and the size of a file, and the pair it is in. */
static uint32_t head_of(struct disk *disk, const char *path, struct littlefs_pair *pair)
{
	struct littlefs_place place;
	struct kv_key key;

	assert_int_equal(kv_key_check(path, &key), 0);
	assert_int_equal(littlefs_find(disk->state.volume, key, &place), 0);
	assert_true(place.found);
	uint32_t head = get_le32(littlefs_entry_at(&place)->data.bytes);

	*pair = place.metadata.pair;
	littlefs_place_fini(&place);
	return head;
}

/* Rewrite an entry's structure so that it leads to another block. */
static void set_head(struct disk *disk, const char *path, uint32_t head)
{
	struct littlefs_place place;
	struct kv_key key;
	uint8_t data[8];

	assert_int_equal(kv_key_check(path, &key), 0);
	assert_int_equal(littlefs_find(disk->state.volume, key, &place), 0);
	struct littlefs_entry *entry = &place.metadata.entries[place.position];

	memcpy(data, entry->data.bytes, sizeof(data));
	put_le32(data, head);
	entry->data.bytes = data;
	assert_int_equal(littlefs_commit(disk->state.volume, &place.metadata, NULL), 0);
	littlefs_place_fini(&place);
}

static void fill(struct disk *disk)
{
	static const uint8_t bytes[40000] = { 1 };

	assert_int_equal(kv_rw_set(&disk->kv, "a", bytes, sizeof(bytes)), 0);
	assert_int_equal(kv_rw_set(&disk->kv, "d/b", bytes, sizeof(bytes)), 0);
	kv_put(&disk->kv, "d/e/f", "inline");
	expect_findings(disk, "");
}

static void a_volume_in_use_is_sound(void **state)
{
	struct disk *disk = *state;

	expect_findings(disk, "");
	kv_behaves_like_a_table(&disk->kv, 3, 200, 4000);
	expect_findings(disk, "");
	fill(disk);
	assert_int_equal(kv_rw_rename(&disk->kv, "d/e", "g"), 0);
	expect_findings(disk, "");
	assert_int_equal(kv_rw_remove(&disk->kv, "d"), 0);
	expect_findings(disk, "");
}

static void blocks_that_two_files_have_are_cross_linked(void **state)
{
	struct disk *disk = *state;
	struct littlefs_pair pair;

	fill(disk);
	set_head(disk, "d/b", head_of(disk, "a", &pair));
	expect_findings(disk, "cross-linked b");
	set_head(disk, "d/b", disk->state.volume->block_count);
	expect_findings(disk, "bad-list b");
}

static void pointers_that_contradict_each_other_are_found(void **state)
{
	struct disk *disk = *state;
	struct littlefs_volume *volume = disk->state.volume;
	struct littlefs_pair pair;
	uint32_t head, blocks[256], count = 0;
	uint8_t pointer[4];

	fill(disk);
	head = head_of(disk, "a", &pair);
	/* From the last to the first, by each block's first pointer. */
	for (uint32_t at = head;
	     count < (40000 + volume->block_size - 9) / (volume->block_size - 8);) {
		blocks[count++] = at;
		assert_int_equal(littlefs_read(volume, at, 0, pointer, 4), 0);
		at = get_le32(pointer);
	}
	/* The file has its block 8, whose pointers are to 7, 6, 4 and 0: the fourth is spoilt. */
	uint32_t eighth = blocks[count - 9];

	put_le32(pointer, blocks[0]);
	assert_int_equal(medium_write(&volume->medium, (uint64_t)eighth * volume->block_size + 12,
	                              pointer, 4),
	                 0);
	expect_findings(disk, "bad-list a");
}

static void directories_that_two_have_are_cross_linked(void **state)
{
	struct disk *disk = *state;
	struct littlefs_place place, other;
	struct kv_key here, there;
	uint8_t data[8];

	fill(disk);
	kv_put(&disk->kv, "h/x", "y");
	/* h leads to what is d/e: both have it, and nobody has h's own. */
	assert_int_equal(kv_key_check("h", &here), 0);
	assert_int_equal(kv_key_check("d/e", &there), 0);
	assert_int_equal(littlefs_find(disk->state.volume, there, &other), 0);
	memcpy(data, littlefs_entry_at(&other)->data.bytes, sizeof(data));
	littlefs_place_fini(&other);
	assert_int_equal(littlefs_find(disk->state.volume, here, &place), 0);
	place.metadata.entries[place.position].data.bytes = data;
	assert_int_equal(littlefs_commit(disk->state.volume, &place.metadata, NULL), 0);
	littlefs_place_fini(&place);
	struct findings findings = { .count = 0 };

	assert_int_equal(littlefs_check(disk->state.volume, findings_add, &findings), 0);
	assert_int_equal(findings.count, 2);
	assert_int_equal(findings.damages, 1);
	assert_non_null(strstr(findings.text, "cross-linked "));
	assert_non_null(strstr(findings.text, "orphan "));
}

static void a_newer_block_that_is_not_whole_is_noted(void **state)
{
	struct disk *disk = *state;
	struct littlefs_pair pair;
	uint32_t size = disk->state.volume->block_size;

	fill(disk);
	kv_put(&disk->kv, "d/e/f", "other");
	head_of(disk, "d/e/f", &pair);
	disk->on.ram_state.bytes[(size_t)pair.block[0] * size + 20] ^= 1;
	struct findings findings = { .count = 0 };

	littlefs_kv_disconnect(&disk->littlefs);
	assert_int_equal(littlefs_kv_connect(&disk->littlefs), 0);
	assert_int_equal(littlefs_check(disk->state.volume, findings_add, &findings), 0);
	assert_string_equal(findings.text, "torn-block ");
	assert_int_equal(findings.damages, 0);
	kv_expect(&disk->kv, "d/e/f", "inline");
}

/* ------------------------------------------------------------------ power cuts */

static int format_disk(void *disk, const struct block *block)
{
	return littlefs_format(block, ((struct disk *)disk)->block_size);
}

static int connect_disk(void *disk)
{
	return littlefs_kv_connect(&((struct disk *)disk)->littlefs);
}

static void disconnect_disk(void *disk)
{
	littlefs_kv_disconnect(&((struct disk *)disk)->littlefs);
}

static void check_values(void *context, unsigned done)
{
	struct disk *disk = context;
	char name[40];

	expect_no_damage(disk);
	snprintf(name, sizeof(name), POWER_CUT_NAME, 2);
	/* A value that is moved is in one place. */
	if (done == POWER_CUT_MOVE)
		assert_true((power_cut_found(&disk->kv, name) >= 0) !=
		            (power_cut_found(&disk->kv, POWER_CUT_MOVED) >= 0));
	power_cut_check(&disk->kv, done);
	/* Nothing is lost: without its values the volume is empty. */
	assert_int_equal(kv_rw_remove(&disk->kv, "dir"), 0);
	if (kv_kind_at(&disk->kv, POWER_CUT_MOVED) != KV_NONE)
		assert_int_equal(kv_rw_remove(&disk->kv, POWER_CUT_MOVED), 0);
	assert_int_equal(count_free(disk), disk->state.volume->block_count - 2);
}

static void after_a_power_cut_a_value_is_the_old_or_the_new_one(void **state)
{
	struct disk *disk = *state;

	disk->block_size = disk->state.volume->block_size;
	power_cut_everywhere(&(struct power_cut){
		.disk = disk,
		.kv = &disk->kv,
		.medium = &disk->on.block,
		.block = &disk->littlefs.block,
		.tear = BLOCK_FAULTY_TEAR_BYTES,
		.seeds = 3,
		.format = format_disk,
		.connect = connect_disk,
		.disconnect = disconnect_disk,
		.work = power_cut_work,
		.steps = POWER_CUT_STEPS,
		.check = check_values,
	});
}

#define LITTLEFS_TEST(name, size) cmocka_unit_test_setup_teardown(name, open_##size, close_disk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KV_TESTS(open_512, close_disk),
		KV_TESTS(open_4096, close_disk),
		LITTLEFS_TEST(the_superblock_is_where_the_specification_has_it, 512),
		LITTLEFS_TEST(a_log_of_several_commits_is_read_to_its_last, 512),
		LITTLEFS_TEST(many_entries_divide_a_directory_and_stay_in_order, 512),
		LITTLEFS_TEST(many_entries_divide_a_directory_and_stay_in_order, 4096),
		LITTLEFS_TEST(values_of_every_size_come_back, 512),
		LITTLEFS_TEST(values_of_every_size_come_back, 4096),
		LITTLEFS_TEST(a_value_in_pieces_is_read, 512),
		LITTLEFS_TEST(a_value_in_pieces_is_read, 4096),
		LITTLEFS_TEST(blocks_side_by_side_are_read_at_once, 512),
		LITTLEFS_TEST(blocks_side_by_side_are_read_at_once, 4096),
		LITTLEFS_TEST(a_long_directory_is_gone_through_in_few_reads, 512),
		LITTLEFS_TEST(a_full_volume_refuses_and_keeps_what_it_has, 512),
		LITTLEFS_TEST(a_full_volume_refuses_and_keeps_what_it_has, 4096),
		LITTLEFS_TEST(one_bad_block_of_each_pair_does_no_harm_but_to_the_last_change, 512),
		LITTLEFS_TEST(what_is_no_volume_is_refused, 512),
		LITTLEFS_TEST(what_is_no_volume_is_refused, 4096),
		LITTLEFS_TEST(either_block_of_a_pair_may_go_bad, 512),
		LITTLEFS_TEST(either_block_of_a_pair_may_go_bad, 4096),
		LITTLEFS_TEST(a_pair_that_cannot_be_read_for_a_moment_is_not_lost, 512),
		LITTLEFS_TEST(the_first_pair_cannot_move_but_is_read, 512),
		LITTLEFS_TEST(bad_blocks_leave_room_for_as_much_as_the_others_hold, 512),
		LITTLEFS_TEST(bad_blocks_leave_room_for_as_much_as_the_others_hold, 4096),
		LITTLEFS_TEST(a_disk_of_nothing_but_bad_blocks_fails_in_time, 512),
		LITTLEFS_TEST(blocks_are_taken_in_turn_and_from_another_place_each_time, 512),
		LITTLEFS_TEST(worn_pairs_move_on, 512),
		LITTLEFS_TEST(a_volume_in_use_is_sound, 512),
		LITTLEFS_TEST(a_volume_in_use_is_sound, 4096),
		LITTLEFS_TEST(blocks_that_two_files_have_are_cross_linked, 512),
		LITTLEFS_TEST(pointers_that_contradict_each_other_are_found, 512),
		LITTLEFS_TEST(pointers_that_contradict_each_other_are_found, 4096),
		LITTLEFS_TEST(directories_that_two_have_are_cross_linked, 512),
		LITTLEFS_TEST(a_newer_block_that_is_not_whole_is_noted, 512),
		LITTLEFS_TEST(after_a_power_cut_a_value_is_the_old_or_the_new_one, 512),
		LITTLEFS_TEST(after_a_power_cut_a_value_is_the_old_or_the_new_one, 4096),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
