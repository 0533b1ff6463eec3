// SPDX-License-Identifier: ISC
/*
 * fat_check: silent about volumes that are sound, and each kind of damage is found and named. What
 * fsck.fat thinks of the same is in test/e2e/image_check.bats.
 */
#include "test/unit/fat_disk.h"
#include "test/unit/findings.h"

#include "storage/fat/check.h"
#include "storage/fat/directory.h"
#include "storage/fat/table.h"
#include "storage/kv/little_endian.h"

static void expect_findings(struct fat_disk *disk, const char *expected)
{
	struct findings findings = { .count = 0 };

	assert_int_equal(fat_check(disk->state.volume, findings_add, &findings), 0);
	assert_string_equal(findings.text, expected);
}

static struct fat_entry entry_of(struct fat_disk *disk, const char *path)
{
	struct fat_entry entry;
	struct kv_key key;

	assert_int_equal(kv_key_check(path, &key), 0);
	assert_int_equal(fat_find(disk->state.volume, key, &entry), 0);
	return entry;
}

/* Set what comes behind the `index`th cluster of a file. */
static void set_next(struct fat_disk *disk, const char *path, uint32_t index, uint32_t next)
{
	struct fat_volume *volume = disk->state.volume;
	uint32_t cluster;

	assert_int_equal(fat_chain_at(volume, entry_of(disk, path).cluster, index, &cluster), 0);
	assert_int_equal(fat_table_set(volume, cluster, next), 0);
	assert_int_equal(fat_table_write(volume), 0);
}

static uint32_t cluster_at(struct fat_disk *disk, const char *path, uint32_t index)
{
	uint32_t cluster;

	assert_int_equal(
		fat_chain_at(disk->state.volume, entry_of(disk, path).cluster, index, &cluster), 0);
	return cluster;
}

/* Where the slot of an entry is. */
static uint64_t slot_of(struct fat_disk *disk, const char *path)
{
	struct fat_volume *volume = disk->state.volume;
	struct fat_entry entry = entry_of(disk, path);

	return entry.directory == 0 ? volume->root_offset + (uint64_t)entry.slot * SLOT_SIZE
	                            : fat_cluster_offset(volume, entry.directory) +
	                                      (uint64_t)entry.slot * SLOT_SIZE;
}

static void write_at(struct fat_disk *disk, uint64_t offset, const void *bytes, size_t length)
{
	assert_int_equal(medium_write(&disk->state.volume->medium, offset, bytes, length), 0);
}

/* Files of four clusters, as A, B and dir/f, and a long name. */
static void fill(struct fat_disk *disk)
{
	size_t length = (size_t)4 * disk->state.volume->cluster_size - 7;
	uint8_t *bytes = calloc(1, length);

	assert_non_null(bytes);
	assert_int_equal(kv_rw_set(&disk->kv, "A", bytes, length), 0);
	assert_int_equal(kv_rw_set(&disk->kv, "B", bytes, length), 0);
	assert_int_equal(kv_rw_set(&disk->kv, "dir/f", bytes, length), 0);
	kv_put(&disk->kv, "dir/sub/a name that is rather long", "x");
	free(bytes);
	expect_findings(disk, "");
}

static void a_volume_in_use_is_sound(void **state)
{
	struct fat_disk *disk = *state;

	expect_findings(disk, "");
	kv_behaves_like_a_table(&disk->kv, 3, 200, 20000);
	expect_findings(disk, "");
	kv_put(&disk->kv, "d/e/f", "x");
	assert_int_equal(kv_rw_rename(&disk->kv, "d/e", "g"), 0);
	assert_int_equal(kv_rw_rename(&disk->kv, "g/f", "d/a longer name.text"), 0);
	expect_findings(disk, "");
	assert_int_equal(kv_rw_remove(&disk->kv, "d"), 0);
	expect_findings(disk, "");
}

static void chains_that_nobody_has_are_lost(void **state)
{
	struct fat_disk *disk = *state;
	struct fat_volume *volume = disk->state.volume;
	uint32_t *free_ones;

	fill(disk);
	assert_int_equal(fat_find_free(volume, 5, &free_ones), 0);
	assert_int_equal(fat_chain_make(volume, free_ones, 3), 0);
	/* And a circle of two. */
	assert_int_equal(fat_table_set(volume, free_ones[3], free_ones[4]), 0);
	assert_int_equal(fat_table_set(volume, free_ones[4], free_ones[3]), 0);
	volume->free_change -= 2;
	assert_int_equal(fat_flush(volume), 0);
	free(free_ones);
	expect_findings(disk, "lost-chain , lost-chain ");
}

static void chains_that_meet_are_cross_linked(void **state)
{
	struct fat_disk *disk = *state;

	fill(disk);
	/* B goes on in dir/f. What comes behind it was dir/f's and B's own end is lost. */
	set_next(disk, "B", 1, cluster_at(disk, "dir/f", 2));
	expect_findings(disk, "cross-linked dir/f, lost-chain , cross-linked B");
}

static void a_chain_that_leads_back_is_a_loop(void **state)
{
	struct fat_disk *disk = *state;

	fill(disk);
	set_next(disk, "dir/f", 3, cluster_at(disk, "dir/f", 1));
	expect_findings(disk, "loop dir/f");
}

static void chains_that_do_not_fit_the_size_are_found(void **state)
{
	static const uint8_t small[4] = { 1 };
	struct fat_disk *disk = *state;

	fill(disk);
	write_at(disk, slot_of(disk, "A") + SLOT_LENGTH, small, sizeof(small));
	set_next(disk, "B", 2, FAT_END);
	expect_findings(disk, "long-chain A, short-chain B, lost-chain ");
}

static void links_to_what_is_no_cluster_are_found(void **state)
{
	struct fat_disk *disk = *state;
	struct fat_volume *volume = disk->state.volume;
	uint32_t beyond = volume->cluster_count + FAT_FIRST_CLUSTER;
	uint8_t first[2];

	fill(disk);
	set_next(disk, "A", 3, beyond);
	set_next(disk, "B", 3, 1);
	put_le16(first, beyond & 0xffff);
	write_at(disk, slot_of(disk, "dir/f") + SLOT_CLUSTER_LOW, first, sizeof(first));
	put_le16(first, beyond >> 16);
	if (volume->type == FAT_32)
		write_at(disk, slot_of(disk, "dir/f") + SLOT_CLUSTER_HIGH, first, sizeof(first));
	expect_findings(disk, "bad-link A, bad-link B, bad-link dir/f, lost-chain ");
}

static void the_mark_of_an_end_is_no_beginning(void **state)
{
	struct fat_disk *disk = *state;
	static const uint8_t high[2] = { 0xff, 0x0f }, low[2] = { 0xff, 0xff };
	static const char *const paths[] = { "A", "dir/sub" };

	fill(disk);
	for (size_t i = 0; i < 2; i++) {
		uint64_t slot = slot_of(disk, paths[i]);

		write_at(disk, slot + SLOT_CLUSTER_HIGH, high, sizeof(high));
		write_at(disk, slot + SLOT_CLUSTER_LOW, low, sizeof(low));
	}
	expect_findings(disk,
	                "bad-link A, bad-link dir/sub, lost-chain , lost-chain , lost-chain ");
}

static void clusters_that_are_free_or_bad_are_found(void **state)
{
	struct fat_disk *disk = *state;

	fill(disk);
	set_next(disk, "A", 3, FAT_FREE);
	set_next(disk, "B", 3,
	         disk->state.volume->type == FAT_12   ? 0xff7
	         : disk->state.volume->type == FAT_16 ? 0xfff7
	                                              : 0x0ffffff7);
	/* The table was changed behind the back of the count that only FAT32 has. */
	expect_findings(disk, disk->state.volume->type == FAT_32
	                              ? "free-cluster A, bad-cluster B, free-count "
	                              : "free-cluster A, bad-cluster B");
}

static void directories_that_are_not_as_they_should_be_are_found(void **state)
{
	struct fat_disk *disk = *state;
	struct fat_volume *volume = disk->state.volume;
	static const uint8_t size[4] = { 0, 1 }, gone[1] = { SLOT_FREE }, wrong[2] = { 9 };

	fill(disk);
	uint64_t dir = fat_cluster_offset(volume, entry_of(disk, "dir").cluster);
	uint64_t sub = fat_cluster_offset(volume, entry_of(disk, "dir/sub").cluster);

	write_at(disk, slot_of(disk, "dir") + SLOT_LENGTH, size, sizeof(size));
	write_at(disk, dir, gone, sizeof(gone));
	write_at(disk, sub + SLOT_SIZE + SLOT_CLUSTER_LOW, wrong, sizeof(wrong));
	expect_findings(disk, "directory-size dir, dot-entries dir, dot-entries dir/sub");
}

static void a_directory_that_contains_itself_is_cross_linked(void **state)
{
	struct fat_disk *disk = *state;
	struct fat_volume *volume = disk->state.volume;
	uint8_t slot[SLOT_SIZE] = "LOOP       \x10";

	kv_put(&disk->kv, "d/e/f", "x");
	uint32_t above = entry_of(disk, "d").cluster;

	put_le16(slot + SLOT_CLUSTER_LOW, above & 0xffff);
	put_le16(slot + SLOT_CLUSTER_HIGH, above >> 16);
	write_at(disk, fat_cluster_offset(volume, entry_of(disk, "d/e").cluster) + 96, slot,
	         SLOT_SIZE);
	expect_findings(disk, "cross-linked d/e/LOOP, cross-linked d");
}

static void names_that_cannot_be_are_found(void **state)
{
	struct fat_disk *disk = *state;
	static const uint8_t bad[1] = { '*' }, gone[1] = { SLOT_FREE }, letter[1] = { 'C' };

	fill(disk);
	kv_put(&disk->kv, "C", "");
	kv_put(&disk->kv, "D", "");
	write_at(disk, slot_of(disk, "A") + 1, bad, sizeof(bad));
	write_at(disk, slot_of(disk, "D"), letter, sizeof(letter));
	write_at(disk, slot_of(disk, "dir/sub/a name that is rather long"), gone, sizeof(gone));
	expect_findings(disk, "bad-name A*, same-name /, loose-name dir/sub, lost-chain ");
}

static void copies_that_are_none_are_found(void **state)
{
	struct fat_disk *disk = *state;
	struct fat_volume *volume = disk->state.volume;
	static const uint8_t other[1] = { 0x77 };

	fill(disk);
	write_at(disk, volume->table_offset + volume->table_size + 5, other, sizeof(other));
	expect_findings(disk, "tables-differ ");
}

static void what_fat32_keeps_besides_is_checked(void **state)
{
	struct fat_disk *disk = *state;
	struct fat_volume *volume = disk->state.volume;
	static const uint8_t number[1] = { 0x77 };

	fill(disk);
	write_at(disk, volume->info_offset + INFO_FREE, number, sizeof(number));
	write_at(disk, (uint64_t)6 * volume->sector_size + BOOT_MAKER, number, sizeof(number));
	expect_findings(disk, "free-count , boot-copy ");
	write_at(disk, volume->info_offset, number, sizeof(number));
	expect_findings(disk, "free-count , boot-copy ");
}

/* A path longer than there is room for is shown from behind. */
static void directories_far_below_each_other_are_checked(void **state)
{
	struct fat_disk *disk = *state;
	char key[KV_KEY_SIZE] = "";
	size_t length = 0;

	while (length + 2 < KV_KEY_LENGTH_MAX)
		length += (size_t)snprintf(key + length, sizeof(key) - length, "d/");
	key[length++] = 'f';
	key[length] = '\0';
	kv_put(&disk->kv, key, "x");
	expect_findings(disk, "");
	set_next(disk, key, 0, 1);
	struct findings findings = { .count = 0 };

	assert_int_equal(fat_check(disk->state.volume, findings_add, &findings), 0);
	assert_int_equal(findings.count, 1);
	assert_string_equal(findings.text + strlen(findings.text) - 6, "/d/d/f");
}

#define CHECK_TEST(name, type) \
	cmocka_unit_test_setup_teardown(name, fat_disk_open_##type, fat_disk_close)
#define CHECK_TESTS(name) CHECK_TEST(name, fat12), CHECK_TEST(name, fat16), CHECK_TEST(name, fat32)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK_TESTS(a_volume_in_use_is_sound),
		CHECK_TESTS(chains_that_nobody_has_are_lost),
		CHECK_TESTS(chains_that_meet_are_cross_linked),
		CHECK_TESTS(a_chain_that_leads_back_is_a_loop),
		CHECK_TESTS(chains_that_do_not_fit_the_size_are_found),
		CHECK_TESTS(links_to_what_is_no_cluster_are_found),
		CHECK_TESTS(clusters_that_are_free_or_bad_are_found),
		CHECK_TESTS(directories_that_are_not_as_they_should_be_are_found),
		CHECK_TESTS(a_directory_that_contains_itself_is_cross_linked),
		CHECK_TESTS(names_that_cannot_be_are_found),
		CHECK_TEST(copies_that_are_none_are_found, fat12),
		CHECK_TEST(the_mark_of_an_end_is_no_beginning, fat32),
		CHECK_TEST(what_fat32_keeps_besides_is_checked, fat32),
		CHECK_TEST(directories_far_below_each_other_are_checked, fat16),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
