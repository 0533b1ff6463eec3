/* SPDX-License-Identifier: ISC */
/*
 * The compiler's opinion while configuring: compiling config.c, and comparing the application's
 * start functions with what MAIN() declares.
 */
#ifndef ENGINE_COMPILE_H
#define ENGINE_COMPILE_H

#include <jansson.h>

#include <mirage/attributes.h>

#include "engine/graph.h"

/* The compiler of config.c, and of images unless another is chosen. */
#define ENGINE_COMPILER "gcc"

struct installation {
	char root[4096]; /* holds include/ and lib/mirage/ */
};

/* Where this program's own files are: beside the running executable's folder. */
must_check int installation_find(struct installation *installation);

/*
 * Compile `file`, run it for `target` with the user's options, and return the document that it
 * evaluates to, and in `*included` the list of the project's files that `file` includes. Compiler
 * errors are reported as one diagnostic on the user's own line.
 *
 * -EINVAL  reported
 */
must_check int evaluate_config(const struct installation *installation, const char *file,
                               const char *target, size_t option_count, const char *const options[],
                               json_t **document, json_t **included);

/*
 * Check that the sources define each active job's function with the declared parameters, using the
 * headers that `target` has, and those in the folder `staging` for generated ones. Sources that do
 * not compile yet are left to the build, with a warning.
 *
 * -EINVAL  reported
 */
must_check int check_start_functions(const struct installation *installation,
                                     const struct graph *graph, const char *target,
                                     const char *staging);

/* The first error in a compiler's output. */
struct compiler_message {
	struct place place; /* file points into the output */
	char text[512];
	char expected[128]; /* of a mismatch: the type that is declared … */
	char given[128];    /* … and the one that is there */
};

/*
 * Find the first error in `output` (which is cut up in the process). Where it is inside a macro of
 * a header, the place is where the user's file used the macro. False if there is none.
 */
bool compiler_first_error(char *output, const char *user_file, struct compiler_message *message);

#endif
