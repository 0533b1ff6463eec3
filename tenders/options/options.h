/* SPDX-License-Identifier: ISC */
/*
 * The command line of a tender: PROGRAM [OPTIONS] [--] KERNEL [ARGUMENTS].
 *
 * Model.       Each module (core, block, net, and what a tender adds) is a table of options. The
 *              line is split first, because the image's manifest decides which devices there are;
 *              then each option is matched with the tables and handed to its row's function. The
 *              usage is printed from the same tables.
 * Ownership.   Everything points into argv.
 */
#ifndef TENDERS_OPTIONS_OPTIONS_H
#define TENDERS_OPTIONS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/report/reason.h"

enum {
	OPTIONS_COMMAND_LINE_SIZE = 8192, /* of the image, with its NUL */
};

enum option_form {
	OPTION_FLAG,  /* --name */
	OPTION_VALUE, /* --name=VALUE */
	OPTION_NAMED, /* --name:DEVICE=VALUE */
};

/* What stands in one option. `device` is not NUL-terminated; NULL for the other forms. */
struct option_argument {
	const char *device;
	size_t device_length;
	const char *value; /* NULL for OPTION_FLAG */
};

struct option {
	const char *name; /* without dashes */
	enum option_form form;
	const char *syntax; /* of the value, or of DEVICE=VALUE, for the usage */
	const char *help;   /* a few words for the usage */
	/* Take the option into the module's `state`. A negative errno value with a reason if it
	   cannot be; the usage is then shown below the reason. */
	int (*apply)(void *state, const struct option_argument *argument, struct reason *reason);
};

struct option_module {
	const char *name; /* NULL: more of the module before it, for one tender */
	const struct option *options;
	size_t option_count;
	void *state;
};

struct options_line {
	const char *const *options; /* between the program and the image */
	size_t option_count;
	const char *image; /* NULL if the line has none */
	const char *const *arguments;
	size_t argument_count;
	bool help;    /* --help is among the options */
	bool version; /* --version is */
};

/* Split `argv` of main(). Cannot fail: `image` is NULL if there is none. */
void options_split(struct options_line *line, int argc, const char *const *argv);

/* Write the image's own command line, its arguments with a blank between. -E2BIG. */
must_check int options_join(const struct options_line *line, char text[OPTIONS_COMMAND_LINE_SIZE],
                            struct reason *reason);

/* Hand each option of the line to its module. -EINVAL for one that no table has. */
must_check int options_apply(const struct options_line *line, const struct option_module *modules,
                             size_t module_count, struct reason *reason);

/* Print the usage to standard error. */
void options_print_usage(const char *program, const struct option_module *modules,
                         size_t module_count);

/*
 * Read a decimal number of digits only, at least 1 and at most `maximum`. -EINVAL otherwise.
 */
must_check int options_number(const char *text, uint64_t maximum, uint64_t *number);

/* The core module: options of every tender but its own. --help and --version are found by
   options_split(). */
struct core_options {
	uint64_t memory_mib;
};

enum {
	CORE_MEMORY_MIB_DEFAULT = 512,
};

struct option_module core_options_module(struct core_options *state);

#endif
