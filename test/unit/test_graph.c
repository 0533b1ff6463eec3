// SPDX-License-Identifier: ISC
/* Graph documents: good ones are read, others refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/graph.h"

#define TIME "{\"kind\":\"device\",\"id\":0,\"name\":\"default_time\",\"type\":{\"name\":\"time\"}}"
#define SLOW                                                                                 \
	"{\"kind\":\"device\",\"id\":1,\"name\":\"slow_time\",\"type\":{\"name\":\"time\"}," \
	"\"after\":[0]}"
#define CONSOLE "{\"kind\":\"device\",\"id\":0,\"name\":\"c\",\"type\":{\"name\":\"console\"}}"
#define JOB(id, node)                                                         \
	"{\"kind\":\"job\",\"id\":" id                                        \
	",\"name\":\"m\",\"function\":\"start\",\"type\":{\"name\":\"job\"}," \
	"\"devices\":[{\"node\":" node ",\"type\":{\"name\":\"time\"}}]}"
#define UNIKERNEL(job) "\"format\":1,\"unikernel\":{\"name\":\"x\",\"jobs\":[" job "]}"

static struct graph graph;

static int load(const char *text)
{
	json_error_t why;
	json_t *document = json_loads(text, 0, &why);

	assert_non_null(document);
	return graph_load(&graph, document, "config.c");
}

static void assert_refused(const char *text)
{
	assert_int_equal(load(text), -EINVAL);
	graph_free(&graph);
}

static void a_graph_is_read_and_ordered(void **state)
{
	(void)state;
	assert_int_equal(
		load("{" UNIKERNEL("2") ",\"nodes\":[" TIME "," SLOW "," JOB("2", "1") "]}"), 0);
	assert_int_equal(select_nodes(&graph), 0);
	assert_int_equal(graph.order_count, 3);
	assert_string_equal(graph.order[0]->name, "default_time");
	assert_string_equal(graph.order[1]->name, "slow_time");
	assert_string_equal(graph.order[2]->name, "m");
	graph_free(&graph);
}

static void a_choice_leaves_the_other_branch_out(void **state)
{
	(void)state;
	assert_int_equal(load("{" UNIKERNEL(
				 "3") ",\"nodes\":[" TIME ",{\"kind\":\"device\",\"id\":1,\"name\":"
	                              "\"other\",\"type\":{\"name\":\"time\"}},"
	                              "{\"kind\":\"choice\",\"id\":2,\"type\":{\"name\":\"time\"},"
	                              "\"condition\":\"c\",\"selected\":1,"
	                              "\"branches\":[{\"label\":\"yes\",\"node\":0},{\"label\":"
	                              "\"no\",\"node\":1}]}," JOB("3", "2") "]}"),
	                 0);
	assert_int_equal(select_nodes(&graph), 0);
	assert_int_equal(graph.order_count, 2);
	assert_string_equal(node_resolve(&graph.nodes[2])->name, "other");
	assert_false(graph.nodes[0].active);
	graph_free(&graph);
}

static void instances_of_one_implementation_are_numbered(void **state)
{
	(void)state;
	assert_int_equal(
		load("{" UNIKERNEL("2,3") ",\"nodes\":[" TIME
	                                  ",{\"kind\":\"device\",\"id\":1,\"name\":\"default_"
	                                  "time\",\"type\":{\"name\":\"time\"}}," JOB(
						  "2", "0") "," JOB("3", "1") "]}"),
		0);
	assert_int_equal(select_nodes(&graph), 0);
	assert_int_equal(graph.nodes[0].instance, 1);
	assert_int_equal(graph.nodes[1].instance, 2);
	graph_free(&graph);
}

static void a_cycle_of_dependencies_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(load("{" UNIKERNEL("2") ",\"nodes\":["
	                                         "{\"kind\":\"device\",\"id\":0,\"name\":\"a\","
	                                         "\"type\":{\"name\":\"time\"},\"after\":[1]}," SLOW
	                                         "," JOB("2", "1") "]}"),
	                 0);
	assert_int_equal(select_nodes(&graph), -EINVAL);
	graph_free(&graph);
}

static void what_is_no_graph_is_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"format\":2,\"unikernel\":{\"name\":\"x\"}}",
		"{\"format\":1,\"unikernel\":{}}",
		"{\"error\":{}}",
		"{\"error\":{\"message\":\"no\",\"location\":{\"file\":\"\",\"line\":0}}}",
		"{" UNIKERNEL("0") "}",
		"{" UNIKERNEL("\"0\"") ",\"nodes\":[" TIME "]}",
		"{" UNIKERNEL("0") ",\"nodes\":[" TIME "]}",
		"{" UNIKERNEL("1") ",\"nodes\":[" CONSOLE "," JOB("1", "0") "]}",
		"{" UNIKERNEL("0") ",\"nodes\":[" JOB("0", "0") "]}",
		"{" UNIKERNEL("0") ",\"nodes\":[" JOB("0", "1") "," TIME "]}",
		"{" UNIKERNEL("") ",\"nodes\":[{\"kind\":\"engine\"}]}",
		"{" UNIKERNEL("") ",\"nodes\":[{\"kind\":\"device\"}]}",
		"{" UNIKERNEL("") ",\"nodes\":[{\"kind\":\"job\",\"type\":{\"name\":\"job\"}}]}",
		"{" UNIKERNEL("") ",\"nodes\":[{\"kind\":\"choice\",\"type\":{\"name\":\"time\"},"
				  "\"selected\":0}]}",
		"{" UNIKERNEL("") ",\"nodes\":[{\"kind\":\"noop\",\"type\":{\"name\":\"job\"},"
				  "\"after\":[7]}]}",
		"{" UNIKERNEL("") ",\"keys\":[{}]}",
		"{" UNIKERNEL(
			"") ",\"keys\":[{\"identifier\":\"a b\",\"names\":\"a\",\"type\":0}]}",
		"{" UNIKERNEL("") ",\"keys\":[{\"identifier\":\"a\",\"names\":\"a\",\"type\":99}]}",
		"{" UNIKERNEL("") ",\"keys\":[{\"identifier\":\"a\",\"names\":\"a\",\"type\":10,"
				  "\"choices\":[1]}]}",
		"{" UNIKERNEL("") ",\"nodes\":[{\"kind\":\"device\",\"name\":\"n\",\"type\":{"
				  "\"name\":\"net\"},\"manifest\":{\"type\":\"disk\","
				  "\"name\":\"n\"}}]}",
		"{" UNIKERNEL("") ",\"nodes\":[{\"kind\":\"device\",\"name\":\"n\",\"type\":{"
				  "\"name\":\"net\"},\"manifest\":{\"type\":\"net\"}}]}",
		"{\"format\":1,\"unikernel\":{\"name\":\"x\",\"rules\":[{}]}}",
		"{\"format\":1,\"unikernel\":{\"name\":\"x\",\"packages\":[{\"min\":\"1\"}]}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_graph_is_read_and_ordered),
		cmocka_unit_test(a_choice_leaves_the_other_branch_out),
		cmocka_unit_test(instances_of_one_implementation_are_numbered),
		cmocka_unit_test(a_cycle_of_dependencies_is_an_error),
		cmocka_unit_test(what_is_no_graph_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
