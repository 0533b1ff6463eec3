// SPDX-License-Identifier: ISC
/* Manifests as JSON. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tenders/elftool/elftool.h"

static int parse(const char *text, struct manifest *manifest, struct reason *reason)
{
	return elftool_parse_json(manifest, text, strlen(text), "m.json", reason);
}

static void a_manifest_becomes_entries_after_the_reserved_one(void **state)
{
	struct manifest manifest;
	struct reason reason;

	(void)state;
	assert_int_equal(parse("{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":["
	                       "{\"name\":\"a1\",\"type\":\"BLOCK_BASIC\"},"
	                       "{\"type\":\"NET_BASIC\",\"name\":\"a1\"}]}",
	                       &manifest, &reason),
	                 0);
	assert_int_equal(manifest.entry_count, 3);
	assert_int_equal(manifest.entries[0].type, 0x40000000);
	assert_string_equal(manifest.entries[1].name, "a1");
	assert_int_equal(manifest.entries[1].type, 1);
	assert_int_equal(manifest.entries[2].type, 2);

	/* What a tender would read from the note. */
	struct manifest read;
	assert_int_equal(manifest_parse(&read, &manifest, manifest_size(&manifest)), 0);
	assert_memory_equal(&read, &manifest, sizeof(read));
}

#define WITH_DEVICES(devices) "{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":" devices "}"
#define WITH_DEVICE(device)   WITH_DEVICES("[{" device "}]")

static void what_is_not_a_manifest_is_refused_with_the_place(void **state)
{
	static const char *const table[][2] = {
		{ "", "m.json:1:0: " },
		{ "{\n\n ]", "m.json:3:2: " },
		{ "[]", "m.json: expected an object" },
		{ "{}", "m.json: \"type\": expected \"solo5.manifest\"" },
		{ "{\"type\":\"solo5.abi\"}", "m.json: \"type\": expected \"solo5.manifest\"" },
		{ "{\"type\":\"solo5.manifest\",\"version\":1.0,\"devices\":[]}",
		  "m.json: \"version\": expected 1" },
		{ "{\"type\":\"solo5.manifest\",\"version\":2,\"devices\":[]}",
		  "m.json: \"version\": expected 1" },
		{ "{\"type\":\"solo5.manifest\",\"version\":1}",
		  "m.json: \"devices\": expected an array" },
		{ "{\"type\":\"solo5.manifest\",\"type\":\"x\"}", "m.json:1:31: duplicate" },
		{ "{\"other\":1}", "m.json: unknown key \"other\"" },
		{ WITH_DEVICES("{}"), "m.json: \"devices\": expected an array" },
		{ WITH_DEVICES("[1]"), "m.json: devices[0]: expected an object" },
		{ WITH_DEVICE("\"type\":\"NET_BASIC\""),
		  "m.json: devices[0]: \"name\": expected a string" },
		{ WITH_DEVICE("\"name\":\"a\""),
		  "m.json: devices[0]: \"type\": expected a string" },
		{ WITH_DEVICE("\"name\":\"\",\"type\":\"NET_BASIC\""),
		  "m.json: devices[0]: \"name\": expected 1 to 67 letters and digits" },
		{ WITH_DEVICE("\"name\":\"a b\",\"type\":\"NET_BASIC\""),
		  "m.json: devices[0]: \"name\": expected 1 to 67 letters and digits" },
		{ WITH_DEVICE("\"name\":\"\xc3\xa4\",\"type\":\"NET_BASIC\""),
		  "m.json: devices[0]: \"name\": expected 1 to 67 letters and digits" },
		{ WITH_DEVICE("\"name\":\"a\",\"type\":\"NET\""),
		  "m.json: devices[0]: \"type\": expected \"BLOCK_BASIC\" or \"NET_BASIC\"" },
		{ WITH_DEVICE("\"name\":\"a\",\"type\":\"NET_BASIC\",\"mac\":\"x\""),
		  "m.json: devices[0]: unknown key \"mac\"" },
		{ WITH_DEVICES("[{\"name\":\"a\",\"type\":\"NET_BASIC\"},"
		               "{\"name\":\"a\",\"type\":\"NET_BASIC\"}]"),
		  "m.json: devices[1]: there is a device of this name and type already" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct manifest manifest;
		struct reason reason;

		assert_int_equal(parse(table[i][0], &manifest, &reason), -EINVAL);
		if (strncmp(reason.text, table[i][1], strlen(table[i][1])) != 0)
			fail_msg("'%s' instead of '%s'", reason.text, table[i][1]);
	}
}

/* A manifest of `count` devices; to be freed. */
static char *many(int count, size_t name_length)
{
	char name[128];
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	memset(name, 'x', name_length);
	name[name_length] = '\0';
	fputs("{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":[", out);
	for (int i = 0; i < count; i++)
		fprintf(out, "%s{\"name\":\"%s%c%c\",\"type\":\"NET_BASIC\"}", i > 0 ? "," : "",
		        name, 'a' + i / 26, 'a' + i % 26);
	fputs("]}", out);
	fclose(out);
	return text;
}

static void there_may_be_63_devices_with_names_of_67_letters(void **state)
{
	struct manifest manifest;
	struct reason reason;

	(void)state;
	char *most = many(63, 65);
	assert_int_equal(parse(most, &manifest, &reason), 0);
	assert_int_equal(manifest.entry_count, 64);
	assert_int_equal(strlen(manifest.entries[63].name), 67);
	free(most);

	char *too_many = many(64, 0);
	assert_int_equal(parse(too_many, &manifest, &reason), -EINVAL);
	assert_string_equal(reason.text, "m.json: \"devices\": too many entries, maximum 63");
	free(too_many);

	char *too_long = many(1, 66);
	assert_int_equal(parse(too_long, &manifest, &reason), -EINVAL);
	free(too_long);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_becomes_entries_after_the_reserved_one),
		cmocka_unit_test(what_is_not_a_manifest_is_refused_with_the_place),
		cmocka_unit_test(there_may_be_63_devices_with_names_of_67_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
