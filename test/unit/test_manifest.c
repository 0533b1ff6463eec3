// SPDX-License-Identifier: ISC
/* Devices of the manifest: from the graph to mirage/manifest.json. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/check.h"
#include "engine/generate.h"

/* A graph of one job with devices, each given by its manifest in JSON. */
static void load(struct graph *graph, const char *const manifests[], size_t count)
{
	json_t *nodes = json_array(), *edges = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(nodes,
		                      json_pack("{s:s, s:s, s:I, s:{s:s}, s:{s:s, s:i}, s:o}",
		                                "kind", "device", "name", "netif", "id",
		                                (json_int_t)i, "type", "name", "net", "location",
		                                "file", "config.c", "line", (int)i + 1, "manifest",
		                                json_loads(manifests[i], JSON_DECODE_ANY, NULL)));
		json_array_append_new(edges, json_pack("{s:I, s:{s:s}}", "node", (json_int_t)i,
		                                       "type", "name", "net"));
	}
	json_array_append_new(nodes,
	                      json_pack("{s:s, s:s, s:s, s:I, s:{s:s}, s:o}", "kind", "job", "name",
	                                "main", "function", "start", "id", (json_int_t)count,
	                                "type", "name", "job", "devices", edges));
	json_t *document = json_pack("{s:i, s:{s:s, s:[I]}, s:o}", "format", 1, "unikernel", "name",
	                             "x", "jobs", (json_int_t)count, "nodes", nodes);
	assert_non_null(document);
	assert_int_equal(graph_load(graph, document, "config.c"), 0);
	assert_int_equal(select_nodes(graph), 0);
}

static int check(const char *const manifests[], size_t count)
{
	struct graph graph;

	load(&graph, manifests, count);
	int error = check_manifest(&graph);
	graph_free(&graph);
	return error;
}

static void the_manifest_lists_devices_in_order(void **state)
{
	static const char *const manifests[] = {
		"{\"type\":\"net\",\"name\":\"service\"}",
		"null",
		"{\"type\":\"block\",\"name\":\"storage\"}",
	};
	struct graph graph;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	assert_non_null(file);
	load(&graph, manifests, 3);
	assert_int_equal(check_manifest(&graph), 0);
	generate_manifest(&(struct project){ .graph = &graph, .target = "hvt" }, file);
	fclose(file);
	json_t *manifest = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_t *expected = json_pack("{s:s, s:i, s:[{s:s, s:s}, {s:s, s:s}]}", "type",
	                             "solo5.manifest", "version", 1, "devices", "name", "service",
	                             "type", "NET_BASIC", "name", "storage", "type", "BLOCK_BASIC");
	assert_true(json_equal(manifest, expected));
	json_decref(manifest);
	json_decref(expected);
	free(text);
	graph_free(&graph);
}

static void a_manifest_without_devices_is_one(void **state)
{
	static const char *const none[] = { "null" };
	struct graph graph;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	assert_non_null(file);
	load(&graph, none, 1);
	generate_manifest(&(struct project){ .graph = &graph, .target = "spt" }, file);
	fclose(file);
	json_t *manifest = json_loads(text, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(manifest, "devices")), 0);
	assert_int_equal(json_object_size(manifest), 3);
	json_decref(manifest);
	free(text);
	graph_free(&graph);
}

static void names_are_letters_and_digits(void **state)
{
	static const char *const bad[] = { "", "a b", "disk.img", "tap-0", "\xc3\xa4", "a\\n" };
	char text[160], longest[69];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\"type\":\"net\",\"name\":\"%s\"}", bad[i]);
		assert_int_equal(check((const char *const[]){ text }, 1), -EINVAL);
	}
	memset(longest, 'a', 68);
	longest[68] = '\0';
	snprintf(text, sizeof(text), "{\"type\":\"net\",\"name\":\"%s\"}", longest);
	assert_int_equal(check((const char *const[]){ text }, 1), -EINVAL);
	snprintf(text, sizeof(text), "{\"type\":\"net\",\"name\":\"%s\"}", longest + 1);
	assert_int_equal(check((const char *const[]){ text }, 1), 0);
}

static void two_devices_of_one_name_are_an_error(void **state)
{
	static const char *const manifests[] = {
		"{\"type\":\"net\",\"name\":\"service\"}",
		"{\"type\":\"block\",\"name\":\"service\"}",
	};

	(void)state;
	assert_int_equal(check(manifests, 1), 0);
	assert_int_equal(check(manifests, 2), -EINVAL);
}

static void there_are_63_devices_and_no_more(void **state)
{
	char texts[64][64];
	const char *manifests[64];

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		snprintf(texts[i], sizeof(texts[i]), "{\"type\":\"net\",\"name\":\"n%zu\"}", i);
		manifests[i] = texts[i];
	}
	assert_int_equal(check(manifests, 63), 0);
	assert_int_equal(check(manifests, 64), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manifest_lists_devices_in_order),
		cmocka_unit_test(a_manifest_without_devices_is_one),
		cmocka_unit_test(names_are_letters_and_digits),
		cmocka_unit_test(two_devices_of_one_name_are_an_error),
		cmocka_unit_test(there_are_63_devices_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
