/* SPDX-License-Identifier: ISC */
/*
 * FAT: what every store does, on each type of volume; names, fullness, damage and power cuts. What
 * mtools and fsck.fat make and say is in test/e2e/image.bats.
 */
#include "test/unit/fat_disk.h"
#include "test/unit/kv_main.h"

#include <mirage/block_faulty.h>

#include "storage/fat/name.h"
#include "storage/fat/table.h"
#include "storage/fat/time.h"
#include "storage/fat/volume.h"

static uint32_t count_free(struct fat_disk *disk)
{
	uint32_t count = 0;

	assert_int_equal(fat_count_free(disk->state.volume, &count), 0);
	return count;
}

static void the_types_are_what_they_should_be(void **state)
{
	(void)state;
	static const struct {
		int (*open)(void **state);
		enum fat_type type;
	} cases[] = { { fat_disk_open_fat12, FAT_12 },
		      { fat_disk_open_fat16, FAT_16 },
		      { fat_disk_open_fat32, FAT_32 } };

	for (size_t i = 0; i < 3; i++) {
		void *disk;

		assert_int_equal(cases[i].open(&disk), 0);
		assert_int_equal(((struct fat_disk *)disk)->state.volume->type, cases[i].type);
		fat_disk_close(&disk);
	}
}

static void names_of_all_kinds_come_back_as_they_were(void **state)
{
	static const char *const names[] = {
		"README.TXT",
		"readme.md",
		"Mixed Case.txt",
		"a",
		"noext.",
		"UPPER.low",
		"two.dots.here",
		"with space",
		".hidden",
		"plus+comma,semi;equal=[x]",
		"\xc3\xa9t\xc3\xa9",
		"\xf0\x9f\x90\xab camel",
		"exactly8.abc",
		"ninechars.abc",
		"x.abcd",
		"NUL~1",
	};
	struct fat_disk *disk = *state;
	char longest[FAT_UNITS_MAX + 2];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], "noext.") == 0) {
			assert_int_equal(kv_rw_set(&disk->kv, names[i], "x", 1), -EINVAL);
			continue;
		}
		kv_put(&disk->kv, names[i], names[i]);
	}
	memset(longest, 'L', sizeof(longest));
	longest[FAT_UNITS_MAX + 1] = '\0';
	assert_int_equal(kv_rw_set(&disk->kv, longest, "x", 1), -ENAMETOOLONG);
	longest[FAT_UNITS_MAX] = '\0';
	kv_put(&disk->kv, longest, "long");
	struct kv_names seen = { .count = 0 };
	struct kv_ro reader = kv_rw_reader(&disk->kv);

	assert_int_equal(kv_rw_remove(&disk->kv, longest), 0);
	assert_int_equal(kv_ro_list(&reader, "", kv_collect, &seen), 0);
	assert_int_equal(seen.count, sizeof(names) / sizeof(names[0]) - 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool found = strcmp(names[i], "noext.") == 0;

		for (size_t j = 0; j < seen.count; j++)
			found |= strcmp(seen.names[j], names[i]) == 0;
		assert_true(found);
	}
	/* Capitals and small letters are the same. */
	kv_expect(&disk->kv, "MIXED case.TXT", "Mixed Case.txt");
	kv_put(&disk->kv, "mixed CASE.txt", "other");
	kv_expect(&disk->kv, "Mixed Case.txt", "other");
}

static void names_that_fat_cannot_have_are_refused(void **state)
{
	static const char *const names[] = { "a:b",          "what?",       "star*",
		                             "q\"q",         "<",           ">",
		                             "p|p",          "back\\slash", "trailing ",
		                             "dots..",       "\xff",        "\xc0\x80",
		                             "\xed\xa0\x80", "tab\t",       "\x7f" };
	const struct kv_rw *kv = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(kv_rw_set(kv, names[i], "x", 1), -EINVAL);
		assert_int_equal(kv_kind_at(kv, names[i]), KV_NONE);
	}
	kv_expect_entries(kv, "", "");
}

static void names_in_different_cases_are_one_thing_when_renamed(void **state)
{
	const struct kv_rw *kv = *state;

	kv_put(kv, "dir/file", "x");
	assert_int_equal(kv_rw_rename(kv, "dir/file", "DIR/FILE"), 0);
	kv_expect(kv, "dir/file", "x");
	assert_int_equal(kv_rw_rename(kv, "dir", "DIR"), -EINVAL);
	assert_int_equal(kv_rw_rename(kv, "dir", "Dir/sub"), -EINVAL);
	kv_expect(kv, "dir/file", "x");
}

static void short_names_stay_apart_when_long_ones_look_alike(void **state)
{
	const struct kv_rw *kv = *state;
	char name[64];

	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "a rather long name, number %u.text", i);
		kv_put(kv, name, name);
	}
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "a rather long name, number %u.text", i);
		kv_expect(kv, name, name);
	}
}

static void a_full_disk_refuses_and_keeps_what_it_has(void **state)
{
	struct fat_disk *disk = *state;
	uint32_t clusters = count_free(disk);
	size_t room = (size_t)clusters * disk->state.volume->cluster_size;
	uint8_t *bytes = calloc(1, room + 1);

	assert_non_null(bytes);
	memset(bytes, 0x5a, room);
	kv_put(&disk->kv, "small", "here first");
	assert_int_equal(kv_rw_set(&disk->kv, "big", bytes, room), -ENOSPC);
	assert_int_equal(count_free(disk), clusters - 1);
	room -= disk->state.volume->cluster_size;
	assert_int_equal(kv_rw_set(&disk->kv, "big", bytes, room), 0);
	assert_int_equal(count_free(disk), 0);
	/* No room for the new beside the old. */
	assert_int_equal(kv_rw_set(&disk->kv, "small", "x", 1), -ENOSPC);
	assert_int_equal(kv_rw_set(&disk->kv, "d/x", "", 0), -ENOSPC);
	kv_expect(&disk->kv, "small", "here first");
	kv_expect_bytes(&disk->kv, "big", bytes, room);
	assert_int_equal(kv_rw_remove(&disk->kv, "big"), 0);
	assert_int_equal(count_free(disk), clusters - 1);
	assert_int_equal(kv_rw_remove(&disk->kv, "small"), 0);
	assert_int_equal(count_free(disk), clusters);
	free(bytes);
}

static void clusters_come_back_whatever_was_done(void **state)
{
	struct fat_disk *disk = *state;
	uint32_t before;

	kv_put(&disk->kv, "d/keep", "");
	before = count_free(disk);
	kv_behaves_like_a_table(&disk->kv, 7, 200, 20000);
	for (unsigned i = 0; i < 3; i++) {
		char name[8];

		snprintf(name, sizeof(name), "dir%u", i);
		if (kv_kind_at(&disk->kv, name) != KV_NONE)
			assert_int_equal(kv_rw_remove(&disk->kv, name), 0);
	}
	assert_int_equal(count_free(disk), before);
}

static void a_root_directory_of_fixed_size_gets_full(void **state)
{
	void *small;
	char name[16];
	unsigned count = 0;

	(void)state;
	assert_int_equal(
		fat_disk_open(&small, 64 << 10, 512, &(struct fat_format){ .root_slots = 32 }), 0);
	const struct kv_rw *kv = small;

	do
		snprintf(name, sizeof(name), "F%u", count++);
	while (kv_rw_set(kv, name, "", 0) == 0);
	assert_int_equal(count, 33);
	assert_int_equal(kv_rw_set(kv, name, "", 0), -ENOSPC);
	assert_int_equal(kv_rw_remove(kv, "F7"), 0);
	kv_put(kv, "again", "there");
	fat_disk_close(&small);
}

static void times_are_kept_in_steps_of_two_seconds(void **state)
{
	static const uint64_t seconds[] = { 315532800,  951782400,  951868800,
		                            4107542398, 1700000000, 4354819198 };
	struct fat_disk *disk = *state;
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	uint8_t bytes[4];
	nanoseconds wall = 0;

	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		fat_time_write(bytes, duration_of_sec(seconds[i]));
		assert_int_equal(fat_time_read(bytes), duration_of_sec(seconds[i]));
	}
	fat_time_write(bytes, 0);
	assert_int_equal(fat_time_read(bytes), duration_of_sec(315532800));
	mock_clock_set(&disk->mock, duration_of_sec(1700000001));
	kv_put(&disk->kv, "d/x", "");
	assert_int_equal(kv_ro_last_modified(&reader, "d/x", &wall), 0);
	assert_int_equal(wall, duration_of_sec(1700000000));
	assert_int_equal(kv_ro_last_modified(&reader, "d", &wall), 0);
	assert_int_equal(wall, duration_of_sec(1700000000));
}

static void a_damaged_volume_gives_errors_and_nothing_worse(void **state)
{
	struct fat_disk *disk = *state;
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	struct fat_volume *volume = disk->state.volume;
	uint8_t bytes[3000] = { 1 };
	struct kv_value value;

	/* A chain that bites its tail. */
	assert_int_equal(kv_rw_set(&disk->kv, "circle", bytes, sizeof(bytes)), 0);
	uint32_t cluster = 0;

	for (uint32_t c = FAT_FIRST_CLUSTER; cluster == 0; c++) {
		uint32_t next;

		assert_int_equal(fat_table_get(volume, c, &next), 0);
		if (next != FAT_FREE && next != FAT_END)
			cluster = c;
	}
	assert_int_equal(fat_table_set(volume, cluster, cluster), 0);
	assert_int_equal(fat_flush(volume), 0);
	assert_int_equal(kv_ro_get(&reader, "circle", &value), 0);
	kv_value_release(&value);
	/* One that leads to nowhere, and one that ends too soon. */
	assert_int_equal(fat_table_set(volume, cluster, 1), 0);
	assert_int_equal(kv_ro_get(&reader, "circle", &value), -EBADMSG);
	assert_int_equal(fat_table_set(volume, cluster, FAT_END), 0);
	assert_int_equal(kv_ro_get(&reader, "circle", &value), -EBADMSG);
	assert_int_equal(kv_rw_remove(&disk->kv, "circle"), 0);
}

static void a_directory_that_contains_itself_can_be_removed(void **state)
{
	struct fat_disk *disk = *state;
	struct fat_volume *volume = disk->state.volume;
	uint8_t slot[32] = "LOOP       \x10";

	kv_put(&disk->kv, "d/e/f", "x");
	/* d is the first directory made, so d/e's cluster comes behind its own. */
	slot[26] = FAT_FIRST_CLUSTER;
	assert_int_equal(medium_write(&volume->medium,
	                              fat_cluster_offset(volume, FAT_FIRST_CLUSTER + 1) + 96, slot,
	                              32),
	                 0);
	assert_int_equal(kv_kind_at(&disk->kv, "d/e/loop/e/loop/e/f"), KV_VALUE);
	assert_int_equal(kv_rw_remove(&disk->kv, "d"), 0);
	kv_expect_entries(&disk->kv, "", "");
}

static void boot_sectors_that_cannot_be_are_refused(void **state)
{
	struct fat_disk *disk = *state;
	uint8_t saved[512];

	memcpy(saved, disk->ram_state.bytes, sizeof(saved));
	for (size_t i = 0; i < 512; i++) {
		for (unsigned value = 0; value < 256; value += 51) {
			struct fat_rw_state other;
			struct fat_rw fat = { .state = &other,
				              .block = &disk->block,
				              .clock = &disk->clock };
			struct kv_rw kv = { .ops = &fat_rw_ops, .self = &fat };

			disk->ram_state.bytes[i] = (uint8_t)value;
			if (fat_rw_connect(&fat) == 0) {
				/* Whatever it is taken for, it stays within the device. */
				error_ignore(kv_list_error(&kv, ""), "any error will do");
				fat_rw_disconnect(&fat);
			}
			disk->ram_state.bytes[i] = saved[i];
		}
	}
	disk->ram_state.bytes[510] = 0;
	assert_int_equal(fat_volume_open(&(struct fat_volume){ .problem = NULL }, &disk->block),
	                 -EBADMSG);
}

/* ------------------------------------------------------------------ power cuts */

/* Values of several clusters, replaced and removed. Returns the steps that were done. */
static unsigned work(const struct kv_rw *kv)
{
	uint8_t bytes[3000];
	unsigned step = 0;

	for (; step < 9; step++) {
		int error;

		memset(bytes, 'a' + (int)step, sizeof(bytes));
		if (step == 4)
			error = kv_rw_remove(kv, "dir/a file with a long name 1");
		else if (step == 6)
			error = kv_rw_rename(kv, "dir/a file with a long name 2", "moved");
		else {
			char name[40];

			snprintf(name, sizeof(name), "dir/a file with a long name %u", step % 3);
			error = kv_rw_set(kv, name, bytes, 1000 + 200 * step);
		}
		if (error != 0)
			break;
	}
	return step;
}

/* What the value of a key is after so many steps: the step that set it, or -1 for none. */
static int expected_at(unsigned steps, unsigned key)
{
	int at = -1;

	for (unsigned step = 0; step < steps; step++) {
		if (step == 4)
			at = key == 1 ? -1 : at;
		else if (step == 6)
			at = key == 2 ? -1 : at;
		else if (step % 3 == key)
			at = (int)step;
	}
	return at;
}

static int found_at(const struct kv_rw *kv, const char *name)
{
	struct kv_ro reader = kv_rw_reader(kv);
	struct kv_value value;
	int error = kv_ro_get(&reader, name, &value), step;

	if (error == -ENOENT)
		return -1;
	assert_int_equal(error, 0);
	assert_true(value.length > 0);
	step = value.bytes[0] - 'a';
	assert_int_equal(value.length, 1000 + 200 * step);
	for (size_t i = 0; i < value.length; i++)
		assert_int_equal(value.bytes[i], 'a' + step);
	kv_value_release(&value);
	return step;
}

static void after_a_power_cut_a_value_is_the_old_or_the_new_one(void **state)
{
	struct fat_disk *disk = *state;
	struct block_faulty_state faulty_state;
	struct block_faulty faulty = { .state = &faulty_state, .below = &disk->block };
	struct block cut_block = { .ops = &block_faulty_ops, .self = &faulty };
	char name[40];

	memset(&faulty_state, 0, sizeof(faulty_state));
	fat_rw_disconnect(&disk->fat);
	disk->fat.block = &cut_block;
	assert_int_equal(block_faulty_connect(&faulty), 0);
	for (unsigned seed = 1; seed <= 2; seed++) {
		bool finished = false;

		for (uint64_t cut = 1; !finished; cut++) {
			block_faulty_start(&faulty, NULL);
			assert_int_equal(
				fat_format(&cut_block, &(struct fat_format){ .table_count = 2 }),
				0);
			assert_int_equal(fat_rw_connect(&disk->fat), 0);
			block_faulty_start(&faulty, &(struct block_faulty_plan){
							    .cut_at = cut,
							    .unflushed = BLOCK_FAULTY_SHUFFLE,
							    .tear = BLOCK_FAULTY_TEAR_SECTORS,
							    .seed = seed * 1000 + cut,
						    });
			unsigned done = work(&disk->kv);

			finished = done == 9;
			fat_rw_disconnect(&disk->fat);
			block_faulty_start(&faulty, NULL);
			assert_int_equal(fat_rw_connect(&disk->fat), 0);
			for (unsigned key = 0; key < 3; key++) {
				snprintf(name, sizeof(name), "dir/a file with a long name %u", key);
				int found = found_at(&disk->kv, name);

				assert_true(found == expected_at(done, key) ||
				            found == expected_at(done + 1, key));
			}
			/* It can be written to, and what is written is there. */
			kv_put(&disk->kv, "dir/after", "the cut");
			kv_expect(&disk->kv, "dir/after", "the cut");
			fat_rw_disconnect(&disk->fat);
		}
	}
	block_faulty_disconnect(&faulty);
}

#define FAT_TEST(name, type) \
	cmocka_unit_test_setup_teardown(name, fat_disk_open_##type, fat_disk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_types_are_what_they_should_be),
		KV_TESTS(fat_disk_open_fat12, fat_disk_close),
		KV_TESTS(fat_disk_open_fat16, fat_disk_close),
		KV_TESTS(fat_disk_open_fat32, fat_disk_close),
		FAT_TEST(names_of_all_kinds_come_back_as_they_were, fat12),
		FAT_TEST(names_that_fat_cannot_have_are_refused, fat12),
		FAT_TEST(names_in_different_cases_are_one_thing_when_renamed, fat32),
		FAT_TEST(short_names_stay_apart_when_long_ones_look_alike, fat32),
		FAT_TEST(a_full_disk_refuses_and_keeps_what_it_has, fat12),
		FAT_TEST(clusters_come_back_whatever_was_done, fat12),
		FAT_TEST(clusters_come_back_whatever_was_done, fat16),
		FAT_TEST(clusters_come_back_whatever_was_done, fat32),
		cmocka_unit_test(a_root_directory_of_fixed_size_gets_full),
		FAT_TEST(times_are_kept_in_steps_of_two_seconds, fat16),
		FAT_TEST(a_damaged_volume_gives_errors_and_nothing_worse, fat12),
		FAT_TEST(a_directory_that_contains_itself_can_be_removed, fat12),
		FAT_TEST(boot_sectors_that_cannot_be_are_refused, fat12),
		FAT_TEST(after_a_power_cut_a_value_is_the_old_or_the_new_one, fat12),
		FAT_TEST(after_a_power_cut_a_value_is_the_old_or_the_new_one, fat32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
