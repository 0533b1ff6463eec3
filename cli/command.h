/* SPDX-License-Identifier: ISC */
/*
 * Subcommands of `mirage`: one file each, gathered in one table, from which dispatch, --help, the
 * manual pages and shell completion are all made.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/arguments.h>

#include "engine/diagnostic.h"

struct invocation;

struct command {
	const char *name;
	const char *summary;  /* one line, no full stop */
	const char *operands; /* "[TOPIC]", or NULL: none */
	size_t operands_max;
	const char *description;        /* paragraphs, as a manual_section's */
	const struct argument *options; /* besides the common ones; ends with NULL names */
	bool in_project;                /* works on the project in the current folder */
	bool parses_itself;             /* run() calls invocation_parse() */
	bool takes_keys;                /* the unikernel's keys are options too */
	int (*run)(struct invocation *invocation); /* an EXIT_… status */
};

extern const struct command configure_command, build_command, depends_command, run_command,
	clean_command, describe_command, query_command, crunch_command, image_command, help_command,
	new_command, doctor_command, symbolise_command;

/* A step of the build, found by its whole name but not listed. */
extern const struct command check_image_command;

/* All of them, in the order in which people should see them; ends with NULL. */
extern const struct command *const commands[];

/* Options that every command has; ends with NULL names. */
extern const struct argument common_options[];

/* The most options a command may have, keys included. */
#define INVOCATION_OPTIONS_MAX  512
#define INVOCATION_OPERANDS_MAX 64

/* One run of the tool. */
struct invocation {
	const struct command *command;
	int argc; /* what followed the command's name, behind a placeholder for argv[0] */
	const char *const *argv;
	struct argument table[INVOCATION_OPTIONS_MAX];
	struct argument_value values[INVOCATION_OPTIONS_MAX];
	size_t option_count;
	const char *operands[INVOCATION_OPERANDS_MAX];
	size_t operand_count;
};

/* The value of an option by name: text, or NULL when absent; or whether a flag is set. */
const char *invocation_text(const struct invocation *invocation, const char *name);
bool invocation_flag(const struct invocation *invocation, const char *name);

/*
 * Parse the command line against the common options, the command's, and `keys` (may be NULL).
 * Returns EXIT_OK, or EXIT_USAGE after a report. Sets *request.
 */
int invocation_parse(struct invocation *invocation, const struct argument *keys, size_t key_count,
                     enum arguments_request *request);

void invocation_free(struct invocation *invocation);

/* Common and command's options as one table; returns the count. */
size_t command_options(const struct command *command, struct argument table[], size_t size);

/* The command with this name or an unambiguous beginning of it, or NULL after a report. */
const struct command *command_find(const char *name);

#endif
