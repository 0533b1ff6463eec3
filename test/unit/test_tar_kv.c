/* SPDX-License-Identifier: ISC */
/*
 * tar archives: headers, what other programs write in theirs, damage, appending, and power cuts. What
 * real tar programs make and read is in test/e2e/image.bats.
 */
#include "test/unit/findings.h"
#include "test/unit/kv_checks.h"
#include "test/unit/store_disk.h"

#include <mirage/block_faulty.h>
#include <mirage/tar_kv.h>

#include "storage/tar/archive.h"
#include "storage/tar/check.h"
#include "storage/tar/header.h"

enum {
	DISK_SIZE = 64 << 10,
};

struct disk {
	struct kv_rw kv; /* first: the tests' state */
	struct store_disk on;
	struct tar_kv_rw_state state;
	struct tar_kv_rw tar;
	uint64_t end; /* where the test writes its next block */
};

static int open_disk(void **state)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (disk == NULL)
		return -1;
	disk->tar = (struct tar_kv_rw){ .state = &disk->state,
		                        .block = &disk->on.block,
		                        .clock = &disk->on.clock };
	disk->kv = (struct kv_rw){ .ops = &tar_kv_rw_ops, .self = &disk->tar };
	*state = disk;
	return store_disk_init(&disk->on, DISK_SIZE, 0);
}

static int close_disk(void **state)
{
	struct disk *disk = *state;

	tar_kv_rw_disconnect(&disk->tar);
	store_disk_fini(&disk->on);
	free(disk);
	return 0;
}

static void put_bytes(struct disk *disk, const void *bytes, size_t length)
{
	uint64_t rounded;

	assert_true(tar_round(length, &rounded));
	memcpy(disk->on.ram_state.bytes + disk->end, bytes, length);
	disk->end += rounded;
}

static void fix_checksum(uint8_t block[TAR_BLOCK])
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
}

static void put_entry(struct disk *disk, const char *name, char type, const char *bytes,
                      const char *link)
{
	uint8_t block[TAR_BLOCK];

	assert_int_equal(tar_header_make(block, name, strlen(bytes), 1000, type), 0);
	strcpy((char *)block + 157, link);
	fix_checksum(block);
	put_bytes(disk, block, TAR_BLOCK);
	put_bytes(disk, bytes, strlen(bytes));
}

static void connect(struct disk *disk)
{
	assert_int_equal(tar_kv_rw_connect(&disk->tar), 0);
}

static void headers_are_read_as_they_were_made(void **state)
{
	static const uint64_t sizes[] = {
		0, 1, 0777777777, 8589934591, 8589934592, UINT64_MAX >> 8
	};
	uint8_t block[TAR_BLOCK];
	struct tar_header header;
	char name[300];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(tar_header_make(block, "a/name", sizes[i], 123456, '0'), 0);
		assert_int_equal(tar_header_parse(block, &header), 0);
		assert_string_equal(header.name, "a/name");
		assert_int_equal(header.size, sizes[i]);
		assert_int_equal(header.modified_s, 123456);
		assert_int_equal(header.type, '0');
	}
	/* Every length of a name with slashes, up to what two fields hold. */
	for (size_t length = 1; length < 290; length++) {
		for (size_t i = 0; i < length; i++)
			name[i] = i % 50 == 49 ? '/' : 'x';
		name[length - 1] = 'y';
		name[length] = '\0';
		if (tar_header_make(block, name, 0, 0, '0') == 0) {
			assert_int_equal(tar_header_parse(block, &header), 0);
			assert_string_equal(header.name, name);
		} else {
			assert_true(length > 200);
		}
	}
}

static void every_flipped_bit_of_a_header_is_noticed(void **state)
{
	uint8_t block[TAR_BLOCK];
	struct tar_header header;

	(void)state;
	assert_int_equal(tar_header_make(block, "name", 77, 88, '0'), 0);
	for (size_t bit = 0; bit < (size_t)TAR_BLOCK * 8; bit++) {
		block[bit / 8] ^= (uint8_t)(1u << bit % 8);
		int error = tar_header_parse(block, &header);

		/* Blanks and zeros around the checksum's digits mean nothing. */
		if (bit / 8 < 148 || bit / 8 > 155)
			assert_int_equal(error, -EBADMSG);
		block[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void entries_of_all_kinds_are_values_or_not_there(void **state)
{
	struct disk *disk = *state;

	put_entry(disk, "./dir/", '5', "", "");
	put_entry(disk, "./dir/file", '0', "bytes", "");
	put_entry(disk, "/absolute", '0', "abs", "");
	put_entry(disk, "old", '\0', "old style", "");
	put_entry(disk, "hard", '1', "", "./dir/file");
	put_entry(disk, "dir/soft", '2', "", "../old");
	put_entry(disk, "chain", '2', "", "dir/soft");
	put_entry(disk, "dangling", '2', "", "nowhere");
	put_entry(disk, "out", '2', "", "/etc/passwd");
	put_entry(disk, "../escape", '0', "no", "");
	put_entry(disk, "pipe", '6', "", "");
	put_entry(disk, "twice", '0', "first", "");
	put_entry(disk, "twice", '0', "second", "");
	connect(disk);
	kv_expect_entries(&disk->kv, "", "absolute chain dir/ hard old twice");
	kv_expect_entries(&disk->kv, "dir", "file soft");
	kv_expect(&disk->kv, "dir/file", "bytes");
	kv_expect(&disk->kv, "hard", "bytes");
	kv_expect(&disk->kv, "dir/soft", "old style");
	kv_expect(&disk->kv, "chain", "old style");
	kv_expect(&disk->kv, "twice", "second");
	assert_int_equal(disk->state.archive->left_out, 4);
}

static void of_a_file_and_a_folder_with_one_name_the_later_counts(void **state)
{
	struct disk *disk = *state;

	put_entry(disk, "file", '0', "first", "");
	put_entry(disk, "folder/a", '0', "a", "");
	put_entry(disk, "folder/b/c", '0', "c", "");
	put_entry(disk, "folder-x", '0', "x", "");
	put_entry(disk, "file/", '5', "", "");
	put_entry(disk, "file/inner", '0', "second", "");
	put_entry(disk, "file/other/d", '0', "third", "");
	put_entry(disk, "folder", '0', "now a file", "");
	connect(disk);
	kv_expect_entries(&disk->kv, "", "file/ folder folder-x");
	kv_expect_entries(&disk->kv, "file", "inner other/");
	kv_expect(&disk->kv, "file/inner", "second");
	kv_expect(&disk->kv, "folder", "now a file");
	assert_int_equal(kv_kind_at(&disk->kv, "folder/a"), KV_NONE);
	assert_int_equal(disk->state.archive->left_out, 3);
}

static void pax_and_gnu_extensions_replace_what_the_header_says(void **state)
{
	static const char records[] =
		"18 path=pax/\xc3\xa9\xff/x\n21 mtime=2000.250000\n8 a=b=c\n\n";
	struct disk *disk = *state;
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	nanoseconds wall = 0;

	put_entry(disk, "PaxHeader", 'x', records, "");
	put_entry(disk, "short", '0', "one", "");
	put_entry(disk, "././@LongLink", 'L', "gnu/long", "");
	put_entry(disk, "short", '0', "two", "");
	put_entry(disk, "global", 'g', "11 mtime=1\n", "");
	put_entry(disk, "././@LongLink", 'K', "gnu/long", "");
	put_entry(disk, "link", '1', "", "cut");
	put_entry(disk, "plain", '0', "three", "");
	assert_int_equal(tar_kv_rw_connect(&disk->tar), -EBADMSG); /* "\n" is no record */
	memcpy(disk->on.ram_state.bytes + TAR_BLOCK + sizeof(records) - 2, "\0", 1);
	connect(disk);
	kv_expect(&disk->kv, "pax/\xc3\xa9\xff/x", "one");
	kv_expect(&disk->kv, "gnu/long", "two");
	kv_expect(&disk->kv, "link", "two");
	kv_expect(&disk->kv, "plain", "three");
	assert_int_equal(kv_ro_last_modified(&reader, "pax/\xc3\xa9\xff/x", &wall), 0);
	assert_int_equal(wall, UINT64_C(2000250000000));
	assert_int_equal(kv_ro_last_modified(&reader, "plain", &wall), 0);
	assert_int_equal(wall, UINT64_C(1000000000000));
}

static void sparse_files_are_refused(void **state)
{
	struct disk *disk = *state;

	put_entry(disk, "old GNU", 'S', "", "");
	assert_int_equal(tar_kv_rw_connect(&disk->tar), -ENOTSUP);
	memset(disk->on.ram_state.bytes, 0, TAR_BLOCK);
	disk->end = 0;
	put_entry(disk, "x", 'x', "22 GNU.sparse.major=1\n", "");
	put_entry(disk, "pax", '0', "map", "");
	assert_int_equal(tar_kv_rw_connect(&disk->tar), -ENOTSUP);
}

static void a_cut_off_archive_is_an_error(void **state)
{
	struct disk *disk = *state;
	uint8_t block[TAR_BLOCK];

	assert_int_equal(tar_header_make(block, "big", DISK_SIZE, 0, '0'), 0);
	put_bytes(disk, block, TAR_BLOCK);
	assert_int_equal(tar_kv_rw_connect(&disk->tar), -EBADMSG);
	/* Bytes up to the last, and no end. */
	assert_int_equal(tar_header_make(block, "big", DISK_SIZE - TAR_BLOCK, 0, '0'), 0);
	disk->end = 0;
	put_bytes(disk, block, TAR_BLOCK);
	assert_int_equal(tar_kv_rw_connect(&disk->tar), -EBADMSG);
	assert_int_equal(tar_header_make(block, "big", UINT64_MAX, 0, '0'), 0);
	disk->end = 0;
	put_bytes(disk, block, TAR_BLOCK);
	assert_int_equal(tar_kv_rw_connect(&disk->tar), -EBADMSG);
}

static void values_are_appended_until_the_device_is_full(void **state)
{
	struct disk *disk = *state;
	struct kv_ro reader = kv_rw_reader(&disk->kv);
	char *large = calloc(1, DISK_SIZE), name[220];
	nanoseconds wall;

	put_entry(disk, "there", '0', "before", "");
	connect(disk);
	mock_clock_set(&disk->on.mock, UINT64_C(5000000000));
	kv_put(&disk->kv, "new/value", "one");
	kv_put(&disk->kv, "new/value", "two");
	kv_put(&disk->kv, "empty", "");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	kv_put(&disk->kv, name, "long"); /* needs pax */
	assert_int_equal(kv_rw_allocate(&disk->kv, "room", 600), 0);
	assert_int_equal(kv_rw_set(&disk->kv, "large", large, DISK_SIZE - 10000), 0);
	assert_int_equal(kv_rw_set(&disk->kv, "more", large, 8192), -ENOSPC);
	assert_int_equal(kv_rw_set(&disk->kv, "new", "x", 1), -EISDIR);
	assert_int_equal(kv_rw_set(&disk->kv, "there/below", "x", 1), -ENOTDIR);
	assert_int_equal(kv_rw_remove(&disk->kv, "there"), -EPERM);
	assert_int_equal(kv_rw_remove(&disk->kv, "nothing"), -ENOENT);
	assert_int_equal(kv_rw_rename(&disk->kv, "there", "then"), -EPERM);
	assert_int_equal(kv_rw_set_part(&disk->kv, "there", 0, "x", 1), -EPERM);
	/* Again from the device. */
	tar_kv_rw_disconnect(&disk->tar);
	connect(disk);
	kv_expect(&disk->kv, "there", "before");
	kv_expect(&disk->kv, "new/value", "two");
	kv_expect(&disk->kv, "empty", "");
	kv_expect(&disk->kv, name, "long");
	kv_expect_bytes(&disk->kv, "room", large, 600);
	kv_expect_bytes(&disk->kv, "large", large, DISK_SIZE - 10000);
	assert_int_equal(kv_kind_at(&disk->kv, "more"), KV_NONE);
	assert_int_equal(kv_ro_last_modified(&reader, "new/value", &wall), 0);
	assert_int_equal(wall, UINT64_C(5000000000));
	free(large);
}

/* Set values until one fails; returns how many were set. */
static unsigned set_some(const struct kv_rw *kv)
{
	char key[16], text[1500];

	for (unsigned i = 0; i < 8; i++) {
		snprintf(key, sizeof(key), "v%u", i % 5);
		memset(text, 'a' + (int)i, sizeof(text));
		if (kv_rw_set(kv, key, text, 300u * i % sizeof(text) + 1) != 0)
			return i;
	}
	return 8;
}

static void expect_some(const struct kv_rw *kv, unsigned set)
{
	char text[1500];

	/* The value being set when the power went may be there too. */
	for (unsigned key = 0; key < 5; key++) {
		char name[16];
		unsigned last = set > key + 5 ? key + 5 : key;
		bool maybe_next = set < 8 && set % 5 == key;

		snprintf(name, sizeof(name), "v%u", key);
		if (maybe_next && kv_kind_at(kv, name) == KV_VALUE) {
			struct kv_ro reader = kv_rw_reader(kv);
			struct kv_value value;

			assert_int_equal(kv_ro_get(&reader, name, &value), 0);
			if (value.bytes[0] == 'a' + set)
				last = set;
			else
				assert_true(set > key);
			kv_value_release(&value);
		} else if (set <= key) {
			assert_int_equal(kv_kind_at(kv, name), KV_NONE);
			continue;
		}
		memset(text, 'a' + (int)last, sizeof(text));
		kv_expect_bytes(kv, name, text, 300u * last % sizeof(text) + 1);
	}
}

static void after_a_power_cut_all_that_was_set_is_there(void **state)
{
	struct disk *disk = *state;
	struct block_faulty_state faulty_state;
	struct block_faulty faulty = { .state = &faulty_state, .below = &disk->on.block };
	struct block cut_block = { .ops = &block_faulty_ops, .self = &faulty };
	bool finished = false;

	memset(&faulty_state, 0, sizeof(faulty_state));
	disk->tar.block = &cut_block;
	assert_int_equal(block_faulty_connect(&faulty), 0);
	for (unsigned seed = 1; seed <= 3; seed++, finished = false) {
		for (uint64_t cut = 1; !finished; cut++) {
			block_faulty_start(&faulty, NULL);
			assert_int_equal(tar_archive_format(&cut_block), 0);
			connect(disk);
			block_faulty_start(&faulty, &(struct block_faulty_plan){
							    .cut_at = cut,
							    .unflushed = BLOCK_FAULTY_SHUFFLE,
							    .tear = BLOCK_FAULTY_TEAR_SECTORS,
							    .seed = seed,
						    });
			unsigned set = set_some(&disk->kv);

			finished = set == 8;
			tar_kv_rw_disconnect(&disk->tar);
			block_faulty_start(&faulty, NULL);
			connect(disk);
			expect_some(&disk->kv, set);
			struct findings findings = { .count = 0 };

			/* At worst there are bytes behind the end. */
			assert_int_equal(tar_check(&disk->on.block, findings_add, &findings), 0);
			assert_int_equal(findings.damages, 0);
			tar_kv_rw_disconnect(&disk->tar);
		}
	}
	block_faulty_disconnect(&faulty);
}

static void expect_findings(struct disk *disk, const char *expected)
{
	struct findings findings = { .count = 0 };

	assert_int_equal(tar_check(&disk->on.block, findings_add, &findings), 0);
	assert_string_equal(findings.text, expected);
}

static void what_is_wrong_with_an_archive_is_all_reported(void **state)
{
	struct disk *disk = *state;

	put_entry(disk, "a", '0', "bytes", "");
	expect_findings(disk, "");
	put_entry(disk, "pipe", '6', "", "");
	put_entry(disk, "a/b", '0', "hidden", "");
	put_entry(disk, "nowhere", '2', "", "nothing");
	put_entry(disk, "nothing", '1', "", "nowhere");
	expect_findings(disk, "left-out pipe, left-out nowhere, left-out nothing, left-out a");
	disk->end += (uint64_t)2 * TAR_BLOCK;
	put_bytes(disk, "rubbish", 7);
	expect_findings(disk, "left-out pipe, left-out nowhere, left-out nothing, left-out a, "
	                      "end ");
	memset(disk->on.ram_state.bytes, 0, DISK_SIZE);
	disk->end = 0;
	put_entry(disk, "a", '0', "bytes", "");
	disk->on.ram_state.bytes[3] ^= 1;
	expect_findings(disk, "unusable ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read_as_they_were_made),
		cmocka_unit_test(every_flipped_bit_of_a_header_is_noticed),
		cmocka_unit_test_setup_teardown(entries_of_all_kinds_are_values_or_not_there,
		                                open_disk, close_disk),
		cmocka_unit_test_setup_teardown(
			of_a_file_and_a_folder_with_one_name_the_later_counts, open_disk,
			close_disk),
		cmocka_unit_test_setup_teardown(pax_and_gnu_extensions_replace_what_the_header_says,
		                                open_disk, close_disk),
		cmocka_unit_test_setup_teardown(sparse_files_are_refused, open_disk, close_disk),
		cmocka_unit_test_setup_teardown(a_cut_off_archive_is_an_error, open_disk,
		                                close_disk),
		cmocka_unit_test_setup_teardown(what_is_wrong_with_an_archive_is_all_reported,
		                                open_disk, close_disk),
		cmocka_unit_test_setup_teardown(values_are_appended_until_the_device_is_full,
		                                open_disk, close_disk),
		cmocka_unit_test_setup_teardown(after_a_power_cut_all_that_was_set_is_there,
		                                open_disk, close_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
