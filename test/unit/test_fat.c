/* SPDX-License-Identifier: ISC */
/*
 * FAT: what every store does, on each type of volume; names, fullness, damage and power cuts. What
 * mtools and fsck.fat make and say is in test/e2e/image.bats.
 */
#include "test/unit/fat_disk.h"
#include "test/unit/findings.h"
#include "test/unit/kv_main.h"
#include "test/unit/power_cut.h"

#include "storage/fat/check.h"
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
	mock_clock_set(&disk->on.mock, duration_of_sec(1700000001));
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

	memcpy(saved, disk->on.ram_state.bytes, sizeof(saved));
	for (size_t i = 0; i < 512; i++) {
		for (unsigned value = 0; value < 256; value += 51) {
			struct fat_rw_state other;
			struct fat_rw fat = { .state = &other,
				              .block = &disk->on.block,
				              .clock = &disk->on.clock };
			struct kv_rw kv = { .ops = &fat_rw_ops, .self = &fat };

			disk->on.ram_state.bytes[i] = (uint8_t)value;
			if (fat_rw_connect(&fat) == 0) {
				/* Whatever it is taken for, it stays within the device. */
				error_ignore(kv_list_error(&kv, ""), "any error will do");
				fat_rw_disconnect(&fat);
			}
			disk->on.ram_state.bytes[i] = saved[i];
		}
	}
	disk->on.ram_state.bytes[510] = 0;
	assert_int_equal(fat_volume_open(&(struct fat_volume){ .problem = NULL }, &disk->on.block),
	                 -EBADMSG);
}

/* ------------------------------------------------------------------ power cuts */

static int format_two_tables(void *disk, const struct block *block)
{
	struct fat_format format = ((struct fat_disk *)disk)->format;

	format.table_count = 2;
	return fat_format(block, &format);
}

static int connect_disk(void *disk)
{
	return fat_rw_connect(&((struct fat_disk *)disk)->fat);
}

static void disconnect_disk(void *disk)
{
	fat_rw_disconnect(&((struct fat_disk *)disk)->fat);
}

static struct power_cut power_cut_of(struct fat_disk *disk)
{
	return (struct power_cut){
		.disk = disk,
		.kv = &disk->kv,
		.medium = &disk->on.block,
		.block = &disk->fat.block,
		.tear = BLOCK_FAULTY_TEAR_SECTORS,
		.seeds = 2,
		.format = format_two_tables,
		.connect = connect_disk,
		.disconnect = disconnect_disk,
	};
}

/* Nothing but what costs room: no two things have one cluster, no chain is cut. */
static void expect_only_waste(struct fat_disk *disk)
{
	static const char *const damages[] = {
		"bad-link",       "free-cluster", "bad-cluster", "loop",
		"cross-linked",   "long-chain",   "short-chain", "dot-entries",
		"directory-size", "bad-name",     "same-name",   "unfinished",
	};
	struct findings findings = { .count = 0 };

	assert_true(disk->format.type == 0 || disk->state.volume->type == disk->format.type);
	assert_int_equal(fat_check(disk->state.volume, findings_add, &findings), 0);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		assert_null(strstr(findings.text, damages[i]));
}

static void check_values(void *context, unsigned done)
{
	struct fat_disk *disk = context;

	expect_only_waste(disk);
	power_cut_check(&disk->kv, done);
	expect_only_waste(disk);
}

static void after_a_power_cut_a_value_is_the_old_or_the_new_one(void **state)
{
	struct power_cut test = power_cut_of(*state);

	test.work = power_cut_work;
	test.steps = POWER_CUT_STEPS;
	test.check = check_values;
	power_cut_everywhere(&test);
}

static void make_directories(const struct kv_rw *kv)
{
	kv_put(kv, "one/a directory/value", "first");
	kv_put(kv, "one/a directory/below/value", "second");
	kv_put(kv, "two/value", "third");
}

/* Where the directory is after each step of move_directory(). */
static const char *const homes[] = { "one/a directory", "two/another name", "two/short",
	                             "top level", "one/again" };

static unsigned move_directory(const struct kv_rw *kv)
{
	unsigned step = 0;

	while (step < 4 && kv_rw_rename(kv, homes[step], homes[step + 1]) == 0)
		step++;
	return step;
}

static void check_directories(void *context, unsigned done)
{
	struct fat_disk *disk = context;
	char key[64];
	unsigned places = 0;

	expect_only_waste(disk);
	for (unsigned i = 0; i < 5; i++) {
		if (kv_kind_at(&disk->kv, homes[i]) == KV_NONE)
			continue;
		places++;
		assert_true(i == done || i == done + 1);
		snprintf(key, sizeof(key), "%s/value", homes[i]);
		kv_expect(&disk->kv, key, "first");
		snprintf(key, sizeof(key), "%s/below/value", homes[i]);
		kv_expect(&disk->kv, key, "second");
	}
	assert_int_equal(places, 1);
	kv_expect(&disk->kv, "two/value", "third");
}

static void after_a_power_cut_a_directory_has_its_old_or_its_new_name(void **state)
{
	struct power_cut test = power_cut_of(*state);

	test.prepare = make_directories;
	test.work = move_directory;
	test.steps = 4;
	test.check = check_directories;
	power_cut_everywhere(&test);
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
		FAT_TEST(after_a_power_cut_a_directory_has_its_old_or_its_new_name, fat12),
		FAT_TEST(after_a_power_cut_a_directory_has_its_old_or_its_new_name, fat16),
		FAT_TEST(after_a_power_cut_a_directory_has_its_old_or_its_new_name, fat32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
