// SPDX-License-Identifier: ISC
/*
 * The program that config.c becomes: `PROGRAM TARGET [OPTION]…`, run by `mirage` with the result
 * descriptor open.
 */
#include "config/evaluation.h"
#include "config/graph.h"

#include <stdio.h>

int main(int argc, char *argv[])
{
	if (argc < 2) {
		fprintf(stderr, "config.c is evaluated by `mirage`, not run by itself\n");
		return 1;
	}
	evaluation_begin(argv[1], argc - 2, (const char *const *)(argv + 2));
	configure();

	json_t *unikernel = unikernel_to_json();
	if (unikernel == NULL)
		config_fail_at((struct location){ "", 0 },
		               "configure() did not call register_unikernel(): nothing to build");
	evaluation_finish(json_pack("{s:i, s:o, s:o, s:o, s:O}", "format", 1, "unikernel",
	                            unikernel, "keys", keys_to_json(), "environment",
	                            environment_to_json(), "nodes", node_table()),
	                  0);
}
