// SPDX-License-Identifier: ISC
/*
 * Documents that a configuration might write: an error or a graph, never a crash. The errors are
 * printed; run with -close_fd_mask=3.
 */
#include <stdio.h>

#include "engine/check.h"
#include "engine/generate.h"
#include "engine/graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct graph graph;
	json_error_t why;
	json_t *document = json_loadb((const char *)data, size, 0, &why);

	if (nowhere == NULL) {
		nowhere = fopen("/dev/null", "w");
		if (nowhere == NULL)
			return 0;
	}
	if (document == NULL)
		return 0;
	if (graph_load(&graph, document, "config.c") == 0 && select_nodes(&graph) == 0 &&
	    check_graph(&graph, "hvt", NULL, 0) == 0) {
		const struct project project = {
			.graph = &graph, .target = "hvt", .file = "config.c", .command = "mirage"
		};

		describe_text(&graph, "unix", true, nowhere);
		describe_dot(&graph, "unix", true, nowhere);
		generate_main(&project, nowhere);
		generate_build(&project, nowhere);
		generate_manifest(&project, nowhere);
		error_ignore(generate_keys(&project, nowhere), "an error is an answer");
	}
	graph_free(&graph);
	return 0;
}
