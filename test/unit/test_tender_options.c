// SPDX-License-Identifier: ISC
/* The command line of the tenders. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tenders/devices/block.h"
#include "tenders/devices/net.h"
#include "tenders/options/options.h"

static void split(struct options_line *line, int count, const char *const *words)
{
	options_split(line, count, words);
}

static void the_line_is_options_image_and_arguments(void **state)
{
	const char *words[] = { "solo5-spt", "--mem=4", "--", "-image", "--mem=5", "--" };
	struct options_line line;

	(void)state;
	split(&line, 6, words);
	assert_int_equal(line.option_count, 1);
	assert_string_equal(line.options[0], "--mem=4");
	assert_string_equal(line.image, "-image");
	assert_int_equal(line.argument_count, 2);
	assert_string_equal(line.arguments[1], "--");

	const char *without[] = { "solo5-spt", "--help", "image", "--version" };
	split(&line, 4, without);
	assert_true(line.help);
	assert_false(line.version); /* the image's own */
	assert_string_equal(line.image, "image");

	split(&line, 2, without);
	assert_null(line.image);
	split(&line, 0, NULL);
	assert_null(line.image);
	const char *dashes[] = { "solo5-spt", "--" };
	split(&line, 2, dashes);
	assert_null(line.image);
}

static void arguments_are_joined_with_blanks_up_to_the_limit(void **state)
{
	static char longest[OPTIONS_COMMAND_LINE_SIZE];
	char text[OPTIONS_COMMAND_LINE_SIZE];
	const char *words[] = { "p", "image", "a", "", "b c", longest };
	struct options_line line;
	struct reason reason;

	(void)state;
	split(&line, 5, words);
	assert_int_equal(options_join(&line, text, &reason), 0);
	assert_string_equal(text, "a  b c");
	split(&line, 2, words);
	assert_int_equal(options_join(&line, text, &reason), 0);
	assert_string_equal(text, "");

	size_t rest = sizeof(text) - 1 - strlen("a  b c ");
	memset(longest, 'x', rest);
	split(&line, 6, words);
	assert_int_equal(options_join(&line, text, &reason), 0);
	assert_int_equal(strlen(text), sizeof(text) - 1);
	longest[rest] = 'x';
	assert_int_equal(options_join(&line, text, &reason), -E2BIG);
}

static void numbers_are_digits_only_and_bounded(void **state)
{
	uint64_t number = 0;

	(void)state;
	assert_int_equal(options_number("1", 1, &number), 0);
	assert_int_equal(number, 1);
	assert_int_equal(options_number("0018446744073709551615", UINT64_MAX, &number), 0);
	assert_true(number == UINT64_MAX);
	static const char *const bad[] = { "",   "0",  "2",   "+1", "-1",
		                           " 1", "1 ", "0x1", "1k", "18446744073709551616" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(options_number(bad[i], 1, &number), -EINVAL);
	assert_int_equal(options_number("18446744073709551616", UINT64_MAX, &number), -EINVAL);
}

/* A manifest with a block device "one" and a network device "two". */
static void two_devices(struct manifest *manifest)
{
	memset(manifest, 0, sizeof(*manifest));
	manifest->version = 1;
	manifest->entry_count = 3;
	manifest->entries[0].type = SOLO5_DEVICE_RESERVED_FIRST;
	strcpy(manifest->entries[1].name, "one");
	manifest->entries[1].type = SOLO5_DEVICE_BLOCK_BASIC;
	strcpy(manifest->entries[2].name, "two");
	manifest->entries[2].type = SOLO5_DEVICE_NET_BASIC;
}

struct tables {
	struct manifest manifest;
	struct core_options core;
	struct block_options block;
	struct net_options net;
	struct reason reason;
};

/* Apply one option to fresh state. */
static int apply(struct tables *tables, const char *option)
{
	const char *words[] = { "p", option, "image" };
	struct options_line line;

	memset(tables, 0, sizeof(*tables));
	two_devices(&tables->manifest);
	tables->block.manifest = &tables->manifest;
	tables->net.manifest = &tables->manifest;
	const struct option_module modules[] = {
		core_options_module(&tables->core),
		net_options_module(&tables->net),
		block_options_module(&tables->block),
	};
	split(&line, 3, words);
	return options_apply(&line, modules, 3, &tables->reason);
}

static void options_reach_the_device_they_name(void **state)
{
	static const uint8_t mac[] = { 0x02, 0xab, 0xcd, 0xef, 0x01, 0x23 };
	struct tables tables;

	(void)state;
	assert_int_equal(apply(&tables, "--mem=12"), 0);
	assert_int_equal(tables.core.memory_mib, 12);
	assert_int_equal(apply(&tables, "--block:one=a=b"), 0);
	assert_string_equal(tables.block.paths[1], "a=b");
	assert_int_equal(apply(&tables, "--block-sector-size:one=4096"), 0);
	assert_int_equal(tables.block.block_sizes[1], 4096);
	assert_int_equal(apply(&tables, "--net:two=tap0"), 0);
	assert_string_equal(tables.net.interfaces[2], "tap0");
	assert_int_equal(apply(&tables, "--net-mac:two=02:ab:CD:ef:01:23"), 0);
	assert_memory_equal(tables.net.macs[2], mac, sizeof(mac));
	assert_true(tables.net.mac_given[2]);
}

static void options_that_are_none_are_refused_with_usage(void **state)
{
	static const char *const bad[] = {
		"--nothing",
		"--me=1",
		"--mem",
		"--memory=1",
		"--mem:one=1",
		"--block=x",
		"--block:=x",
		"--block:one",
		"--block:on=x",
		"--block:ones=x",
		"--block:two=x",
		"--net:one=x",
		"--net-mac:two=1",
		"-block:one=x",
		"-",
		"---mem=1",
		"--mem=1 ",
		"--helpful",
		"--block-sector-size:one=1000",
	};
	struct tables tables;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(apply(&tables, bad[i]) < 0);
		assert_true(tables.reason.usage);
		assert_non_null(strstr(tables.reason.text, "Invalid option: `"));
		assert_non_null(strstr(tables.reason.text, bad[i]));
	}
}

static void addresses_of_groups_and_of_other_shapes_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"01:00:00:00:00:00",
		"ff:ff:ff:ff:ff:ff",
		"02:00:00:00:00",
		"02:0:0:0:0:0",
		"02:00:00:00:00:00:",
		"02:00:00:00:00:000",
		"0g:00:00:00:00:00",
	};
	uint8_t mac[SOLO5_MAC_LENGTH];

	(void)state;
	assert_int_equal(net_parse_mac("00:00:00:00:00:00", mac), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(net_parse_mac(bad[i], mac), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_is_options_image_and_arguments),
		cmocka_unit_test(arguments_are_joined_with_blanks_up_to_the_limit),
		cmocka_unit_test(numbers_are_digits_only_and_bounded),
		cmocka_unit_test(options_reach_the_device_they_name),
		cmocka_unit_test(options_that_are_none_are_refused_with_usage),
		cmocka_unit_test(addresses_of_groups_and_of_other_shapes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
