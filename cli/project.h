/* SPDX-License-Identifier: ISC */
/*
 * The project in the current folder: its configuration evaluated for one target and one set of key
 * values, and the context that `mirage configure` leaves for the other commands.
 */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/command.h"
#include "engine/compile.h"
#include "engine/generate.h"

/* What the project was last configured with. */
struct context {
	json_t *document; /* NULL: it was not */
	const char *name; /* the unikernel's */
	const char *target;
	const char *file;
	const char *output;
	const char *optimise;         /* "size", "speed", or NULL: the target's default */
	const char *compiler;         /* of the image, or NULL: gcc */
	const char *extra_repository; /* a line of sources.list(5), or NULL */
	json_t *options;              /* ["--hello=Hola!"] */
	json_t *environment;          /* {"FS": "fat" or null} */
	json_t *inputs;               /* ["settings.h", "greeting"]: included files, libraries */
};

/* Read `path`. A missing file is an empty context. -EINVAL: reported. */
must_check int context_load(struct context *context, const char *path);
void context_free(struct context *context);

/* Write the context of a configured project, whose config.c includes `included`, into a file of
   `output`. */
must_check int context_write(const struct project *project, const json_t *included,
                             const char *extra_repository, const char *path, struct output *output);

/* An evaluated project. */
struct workspace {
	struct installation installation;
	struct context context;
	struct graph graph;
	json_t *included; /* files that config.c includes */
	struct project project;
	char command[4096];   /* how to call this tool */
	const char **options; /* the context's, then the user's, behind argv[0] */
	int option_count;
};

/*
 * Evaluate the project of an invocation, with `remembered` options (of the context) below those
 * given, and parse the command line in full. The workspace must be closed whatever the result.
 *
 * Returns EXIT_OK, EXIT_ERROR or EXIT_USAGE (reported); *request may be to show help, and then
 * everything but the graph may be missing.
 */
int workspace_open(struct workspace *workspace, struct invocation *invocation, bool remembered,
                   enum arguments_request *request);
void workspace_close(struct workspace *workspace);

/*
 * Open the project, do `use` with it, and close it; or answer --help and --version. The status is
 * that of `use`, or of what went wrong before.
 */
int with_workspace(struct invocation *invocation, bool remembered,
                   int (*use)(struct workspace *workspace, const struct invocation *invocation));

/* The table of the graph's keys as options of `mirage configure`; returns the count. */
size_t key_options(const struct graph *graph, struct argument table[], size_t size);

/* `mirage configure` itself, for a workspace that was opened. */
int configure_workspace(struct workspace *workspace, const struct invocation *invocation);

/* Configure again if config.c, a file that it includes, or the list of files of a local library is newer
   than what was generated from them. EXIT_…. */
int configure_if_stale(const struct invocation *invocation);

#endif
