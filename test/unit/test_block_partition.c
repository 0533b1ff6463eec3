// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <stdio.h>

#include <mirage/block_partition.h>

#include "storage/block/crc32.h"

enum {
	SECTORS = 200,
	SIZE = 512,
	ARRAY = 2, /* where GPT entries begin */
	ENTRIES = 8,
};

static struct test_disk disk;

static int begin(void **state)
{
	(void)state;
	test_disk_init(&disk, SECTORS * SIZE, SIZE);
	return 0;
}

static int end(void **state)
{
	(void)state;
	test_disk_fini(&disk);
	return 0;
}

static void put_le(uint8_t *bytes, uint64_t value, int count)
{
	for (int i = 0; i < count; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint8_t *sector(uint64_t number)
{
	return disk.state.bytes + number * SIZE;
}

static void put_entry(uint64_t table, int index, uint8_t type, uint32_t start, uint32_t count)
{
	uint8_t *entry = sector(table) + 446 + 16 * index;

	entry[4] = type;
	put_le(entry + 8, start, 4);
	put_le(entry + 12, count, 4);
	put_le(sector(table) + 510, 0xaa55, 2);
}

/* 1: 10+20; extended 40+100 with 5: 41+9 and 6: 51+9 and 7: 71+9; 4: 150+50. */
static void make_mbr(void)
{
	put_entry(0, 0, 0x83, 10, 20);
	put_entry(0, 1, 0x05, 40, 100);
	put_entry(0, 3, 0x0c, 150, 50);
	put_entry(40, 0, 0x83, 1, 9);
	put_entry(40, 1, 0x05, 10, 10);
	put_entry(50, 0, 0x83, 1, 9);
	put_entry(50, 1, 0x05, 30, 10);
	put_entry(70, 0, 0x83, 1, 9);
}

static void put_gpt_entry(uint64_t array, int index, uint64_t first, uint64_t last,
                          const char *name)
{
	uint8_t *entry = sector(array) + 128 * index;

	memset(entry, 0, 128);
	memset(entry, 0xa0 + index, 16);
	memset(entry + 16, 0xb0 + index, 16);
	put_le(entry + 32, first, 8);
	put_le(entry + 40, last, 8);
	for (size_t i = 0; name[i] != '\0'; i++)
		put_le(entry + 56 + 2 * i, (uint8_t)name[i], 2);
}

static void put_gpt_header(uint64_t here, uint64_t other, uint64_t array)
{
	uint8_t *header = sector(here);

	memcpy(header, "EFI PART", 8);
	put_le(header + 8, 0x00010000, 4);
	put_le(header + 12, 92, 4);
	put_le(header + 16, 0, 4);
	put_le(header + 24, here, 8);
	put_le(header + 32, other, 8);
	put_le(header + 40, 10, 8);
	put_le(header + 48, SECTORS - 11, 8);
	put_le(header + 72, array, 8);
	put_le(header + 80, ENTRIES, 4);
	put_le(header + 84, 128, 4);
	put_le(header + 88, crc32_update(0, sector(array), ENTRIES * 128), 4);
	put_le(header + 16, crc32_update(0, header, 92), 4);
}

/* Both headers, with their checksums, over what the arrays are. */
static void seal_gpt(void)
{
	put_gpt_header(1, SECTORS - 1, ARRAY);
	put_gpt_header(SECTORS - 1, 1, SECTORS - 3);
}

/* 1: 10-19 "boot", 3: 20-99 "root", 8: 100-189 "". */
static void make_gpt(void)
{
	put_entry(0, 0, 0xee, 1, SECTORS - 1);
	for (int copy = 0; copy < 2; copy++) {
		uint64_t array = copy == 0 ? ARRAY : SECTORS - 3;

		put_gpt_entry(array, 0, 10, 19, "boot");
		put_gpt_entry(array, 2, 20, 99, "root");
		put_gpt_entry(array, 7, 100, 189, "");
	}
	seal_gpt();
}

struct list_text {
	char text[4096];
	size_t length;
};

static int add_to_list(void *context, const struct partition *partition)
{
	struct list_text *list = context;

	list->length += (size_t)snprintf(
		list->text + list->length, sizeof(list->text) - list->length, "%u:%ju+%ju%s%s ",
		partition->number, (uintmax_t)partition->sector, (uintmax_t)partition->sector_count,
		*partition->name != '\0' ? "=" : "", partition->name);
	return 0;
}

static void assert_partitions(const char *expected)
{
	struct list_text list = { .length = 0 };

	assert_int_equal(partition_each(&disk.block, add_to_list, &list), 0);
	assert_string_equal(list.text, expected);
}

static int walk_result(void)
{
	struct list_text list = { .length = 0 };

	return partition_each(&disk.block, add_to_list, &list);
}

static void checksums_are_the_standard_ones(void **state)
{
	(void)state;
	assert_int_equal(crc32_update(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32c_update(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32_update(crc32_update(0, "1234", 4), "56789", 5), 0xcbf43926);
}

static void a_disk_without_a_table_says_so(void **state)
{
	(void)state;
	assert_int_equal(walk_result(), -ENODATA);
	/* A file system's first sector: the signature, and code where a table would be. */
	test_pattern(sector(0), SIZE, 0, 0);
	put_le(sector(0) + 510, 0xaa55, 2);
	assert_int_equal(walk_result(), -ENODATA);
}

static void primary_and_logical_partitions_have_their_numbers(void **state)
{
	(void)state;
	make_mbr();
	assert_partitions("1:10+20 4:150+50 5:41+9 6:51+9 7:71+9 ");
}

static void an_empty_extended_partition_has_none(void **state)
{
	(void)state;
	put_entry(0, 0, 0x0f, 40, 100);
	put_entry(40, 3, 0, 0, 0);
	assert_partitions("");
}

static void an_mbr_beyond_the_disk_is_refused(void **state)
{
	(void)state;
	put_entry(0, 0, 0x83, 10, SECTORS - 10);
	assert_int_equal(walk_result(), 0);
	put_entry(0, 0, 0x83, 10, SECTORS - 9);
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(0, 0, 0x83, UINT32_MAX, UINT32_MAX);
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(0, 0, 0x83, 0, 10);
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(0, 0, 0x83, 10, 0);
	assert_int_equal(walk_result(), -EBADMSG);
}

static void chains_that_go_astray_are_refused(void **state)
{
	(void)state;
	make_mbr();
	put_entry(70, 1, 0x05, 10, 10); /* back to 50 */
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(70, 1, 0x05, 30, 10); /* to itself */
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(70, 1, 0x05, 100, 10); /* out of the extended partition */
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(70, 1, 0x83, 60, 10); /* not a table */
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(70, 1, 0x05, 60, 10); /* where there is none */
	assert_int_equal(walk_result(), -EBADMSG);
	put_entry(100, 0, 0x83, 1, 9);
	assert_int_equal(walk_result(), 0);
	put_entry(0, 2, 0x0f, 140, 5); /* two extended partitions */
	assert_int_equal(walk_result(), -EBADMSG);
}

static void a_gpt_has_numbers_and_names(void **state)
{
	struct partition partition;

	(void)state;
	make_gpt();
	assert_partitions("1:10+10=boot 3:20+80=root 8:100+90 ");
	assert_int_equal(partition_find(&disk.block, 3, &partition), 0);
	assert_int_equal(partition.scheme, PARTITION_GPT);
	assert_int_equal(partition.type[0], 0xa2);
	assert_int_equal(partition.identity[15], 0xb2);
	assert_int_equal(partition_find_named(&disk.block, "boot", &partition), 0);
	assert_int_equal(partition.number, 1);
	assert_int_equal(partition_find(&disk.block, 2, &partition), -ENOENT);
	assert_int_equal(partition_find_named(&disk.block, "nothing", &partition), -ENOENT);
}

static void a_damaged_gpt_is_read_from_its_copy(void **state)
{
	(void)state;
	make_gpt();
	sector(ARRAY)[40] ^= 1; /* an entry */
	assert_partitions("1:10+10=boot 3:20+80=root 8:100+90 ");
	sector(1)[80] ^= 1; /* the header */
	assert_partitions("1:10+10=boot 3:20+80=root 8:100+90 ");
	sector(SECTORS - 3)[40] ^= 1;
	assert_int_equal(walk_result(), -EBADMSG);
}

/* Each field wrong by itself, in both copies, with right checksums. */
static void a_gpt_that_makes_no_sense_is_refused(void **state)
{
	static const struct {
		size_t offset;
		uint64_t value;
		int size;
	} wrong[] = {
		{ 12, 91, 4 },         { 12, 513, 4 },  { 24, 7, 8 },       { 40, 1, 8 },
		{ 48, SECTORS, 8 },    { 72, 1, 8 },    { 72, SECTORS, 8 }, { 72, UINT64_MAX, 8 },
		{ 80, UINT32_MAX, 4 }, { 80, 5000, 4 }, { 84, 64, 4 },      { 84, 1024, 4 },
		{ 84, 192, 4 },        { 84, 0, 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		make_gpt();
		for (int copy = 0; copy < 2; copy++) {
			uint8_t *header = sector(copy == 0 ? 1 : SECTORS - 1);
			size_t size = wrong[i].offset == 12 && wrong[i].value <= SIZE
			                      ? wrong[i].value
			                      : 92;

			put_le(header + wrong[i].offset, wrong[i].value, wrong[i].size);
			put_le(header + 16, 0, 4);
			put_le(header + 16, crc32_update(0, header, size), 4);
		}
		assert_int_equal(walk_result(), -EBADMSG);
	}
}

static void gpt_partitions_outside_of_the_usable_sectors_are_refused(void **state)
{
	static const uint64_t wrong[][2] = { { 9, 20 },
		                             { 20, SECTORS - 10 },
		                             { 30, 29 },
		                             { 20, UINT64_MAX },
		                             { UINT64_MAX, UINT64_MAX } };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		make_gpt();
		put_gpt_entry(ARRAY, 4, wrong[i][0], wrong[i][1], "wrong");
		seal_gpt();
		assert_int_equal(walk_result(), -EBADMSG);
	}
}

static void names_become_utf8(void **state)
{
	struct partition partition;
	uint8_t *units = sector(ARRAY) + 56;

	(void)state;
	make_gpt();
	put_le(units, 0xe4, 2);       /* ä */
	put_le(units + 2, 0x20ac, 2); /* € */
	put_le(units + 4, 0xd83d, 2); /* a smile, in two */
	put_le(units + 6, 0xde00, 2);
	put_le(units + 8, 0xd83d, 2); /* half of one */
	put_le(units + 10, 'x', 2);
	put_le(units + 12, 0xdc00, 2); /* the other half */
	put_le(units + 14, 0, 2);
	seal_gpt();
	assert_int_equal(partition_find(&disk.block, 1, &partition), 0);
	assert_string_equal(partition.name, "\u00e4\u20ac\U0001F600\ufffdx\ufffd");
	for (int i = 0; i < 36; i++)
		put_le(units + 2 * i, 0xffff, 2);
	seal_gpt();
	assert_int_equal(partition_find(&disk.block, 1, &partition), 0);
	assert_int_equal(strlen(partition.name), PARTITION_NAME_MAX);
}

static void a_partition_that_overlaps_another_is_not_opened(void **state)
{
	struct partition partition;

	(void)state;
	make_mbr();
	put_entry(0, 2, 0x83, 29, 2);
	assert_int_equal(partition_find(&disk.block, 1, &partition), -EBADMSG);
	assert_int_equal(partition_find(&disk.block, 3, &partition), -EBADMSG);
	assert_int_equal(partition_find(&disk.block, 4, &partition), 0);
	put_entry(0, 2, 0x83, 30, 2);
	assert_int_equal(partition_find(&disk.block, 1, &partition), 0);
}

static void a_partition_is_a_window_of_the_disk(void **state)
{
	struct block_partition_state partition_state;
	const struct block_partition partition = { .state = &partition_state,
		                                   .below = &disk.block,
		                                   .number = 6 };
	const struct block block = { .ops = &block_partition_ops, .self = &partition };
	uint8_t bytes[9 * SIZE], back[9 * SIZE];
	const struct slice slice = slice_of(bytes, SIZE);
	struct block_request request = {
		.operation = BLOCK_WRITE, .sector = 8, .slices = &slice, .slice_count = 1
	};

	(void)state;
	make_mbr();
	test_pattern(bytes, sizeof(bytes), 1, 1);
	assert_int_equal(block_partition_connect(&partition), 0);
	assert_int_equal(block_info(&block)->sector_count, 9);
	assert_int_equal(block_write(&block, 0, bytes, sizeof(bytes), NEVER), 0);
	assert_memory_equal(sector(51), bytes, sizeof(bytes));
	assert_int_equal(sector(60)[0], 0);
	assert_int_equal(block_read(&block, 0, back, sizeof(back), NEVER), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_int_equal(block_read(&block, 9, back, SIZE, NEVER), -ERANGE);
	assert_int_equal(block_write(&block, 8, bytes, 2 * SIZE, NEVER), -ERANGE);
	assert_int_equal(block_flush(&block, NEVER), 0);
	assert_int_equal(block_discard(&block, 0, 1, NEVER), 0);
	assert_int_equal(sector(51)[0], 0);
	assert_int_equal(block_submit(&block, &request, 1, NEVER), 0);
	assert_int_equal(request.sector, 8);
	block_partition_disconnect(&partition);
	assert_int_equal(block_read(&block, 0, back, SIZE, NEVER), -ENXIO);
}

static void partitions_that_are_not_there_do_not_connect(void **state)
{
	struct block_partition_state partition_state;
	struct block_partition partition = { .state = &partition_state,
		                             .below = &disk.block,
		                             .number = 2 };

	(void)state;
	assert_int_equal(block_partition_connect(&partition), -ENODATA);
	make_mbr();
	assert_int_equal(block_partition_connect(&partition), -ENOENT);
	assert_int_equal(partition_state.info.sector_size, 0);
	make_gpt();
	partition.name = "root";
	assert_int_equal(block_partition_connect(&partition), 0);
	assert_int_equal(partition_state.partition.number, 3);
	test_disk_fini(&disk);
	assert_int_equal(block_partition_connect(&partition), -ENXIO);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(checksums_are_the_standard_ones),
		EACH(a_disk_without_a_table_says_so),
		EACH(primary_and_logical_partitions_have_their_numbers),
		EACH(an_empty_extended_partition_has_none),
		EACH(an_mbr_beyond_the_disk_is_refused),
		EACH(chains_that_go_astray_are_refused),
		EACH(a_gpt_has_numbers_and_names),
		EACH(a_damaged_gpt_is_read_from_its_copy),
		EACH(a_gpt_that_makes_no_sense_is_refused),
		EACH(gpt_partitions_outside_of_the_usable_sectors_are_refused),
		EACH(names_become_utf8),
		EACH(a_partition_that_overlaps_another_is_not_opened),
		EACH(a_partition_is_a_window_of_the_disk),
		EACH(partitions_that_are_not_there_do_not_connect),
	};

	return cmocka_run_group_tests_name("block_partition", tests, NULL, NULL);
}
