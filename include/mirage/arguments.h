/* SPDX-License-Identifier: ISC */
/*
 * Arguments: a table of options, the values given for them, and the page that documents them.
 *
 * One implementation serves three programs: an image at boot, the `mirage` command for its own
 * options, and the evaluation of config.c. An option is declared once, as a row of a const table;
 * its default is text in the same syntax as on a command line.
 *
 * Syntax.     `--name=VALUE`, `--name VALUE`, `-n VALUE`, `-nVALUE`; a flag takes no value, or
 *             `--flag=true|false`; short flags combine, `-qv`; `--` ends the options. Giving an
 *             option with a value twice is an error; of a flag the last wins. A separate VALUE may not begin with `-` unless it is a
 *             number or `-` alone: `--name=-x` says it without doubt. `-h` is `--help` where no
 *             row has that name.
 * Ownership.  Tables and argument vectors are the caller's and must outlive the values, which
 *             point into them. arguments_free() releases what lists took.
 * Errors.     Functions that read outside text return -EINVAL with one sentence in
 *             `struct arguments_error`: what, where, what to do.
 */
#ifndef MIRAGE_ARGUMENTS_H
#define MIRAGE_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/address.h>
#include <mirage/attributes.h>
#include <mirage/duration.h>

enum argument_type {
	ARGUMENT_STRING,   /* any text */
	ARGUMENT_INT,      /* decimal or 0x…, within minimum..maximum */
	ARGUMENT_BOOL,     /* true or false */
	ARGUMENT_FLAG,     /* present or absent */
	ARGUMENT_IPV4,     /* 192.0.2.1 */
	ARGUMENT_IPV6,     /* 2001:db8::1 (RFC 4291 section 2.2) */
	ARGUMENT_PREFIX,   /* ADDRESS/BITS, IPv4 or IPv6; the address keeps its host bits */
	ARGUMENT_MAC,      /* 02:00:00:00:00:01 */
	ARGUMENT_SIZE,     /* bytes: 4096, 64k, 16M, 1G, 64KiB, 16MiB, 1GiB (powers of 1024) */
	ARGUMENT_DURATION, /* 10s, 1.5s, 250ms, 10us, 7ns, 2min, 1h; a bare number is seconds */
	ARGUMENT_ENUM,     /* one of `choices` */
};

/* One option. Strings are not copied. */
struct argument {
	const char *names; /* "logs,l": the long name first; a one-letter name is short */
	enum argument_type type;
	bool list;                  /* comma-separated values; given again, it replaces the list */
	bool required;              /* must be given; then there is no default */
	const char *value;          /* default; NULL: absent (false for a flag) */
	const char *const *choices; /* ARGUMENT_ENUM: NULL-terminated */
	int64_t minimum;            /* ARGUMENT_INT; both 0: no bounds */
	int64_t maximum;
	const char *placeholder; /* VALUE in the documentation; NULL: by type */
	const char *doc;         /* sentences for people */
	const char *section;     /* heading in the documentation; NULL: "OPTIONS" */
	const char *environment; /* variable read when the option is absent; NULL: none */
};

struct argument_value {
	bool given;       /* on the command line or in the environment, not by default */
	bool present;     /* has a value, given or default */
	const char *text; /* as written; NULL when not present */
	union {
		const char *string; /* ARGUMENT_STRING, ARGUMENT_ENUM */
		int64_t integer;
		bool boolean; /* ARGUMENT_BOOL, ARGUMENT_FLAG */
		struct ipv4_address ipv4;
		struct ipv6_address ipv6;
		struct ip_prefix prefix;
		struct mac_address mac;
		uint64_t size;
		nanoseconds duration;
	};
	size_t choice; /* ARGUMENT_ENUM: index into the choices */
	/* For a list: `count` values of the type above, each in the matching union member. */
	struct argument_value *items;
	size_t count;
	char *storage; /* private: the split text of a list */
};

struct arguments_error {
	char text[256]; /* one sentence, no newline, no trailing full stop */
};

/*
 * Parse one value of the type of `argument` (a whole list for a list).
 *
 * -EINVAL  with the reason in `error`
 * -ENOMEM  for a list
 */
must_check int argument_parse(const struct argument *argument, const char *text,
                              struct argument_value *value, struct arguments_error *error);

/* Release what a list took; other values need none, and it does not hurt. */
void argument_value_free(struct argument_value *value);

enum arguments_request {
	ARGUMENTS_RUN,     /* go on */
	ARGUMENTS_HELP,    /* --help was given */
	ARGUMENTS_VERSION, /* --version was given */
};

/*
 * Fill values[i] for table[i], i < count, from argv[1..argc-1], then the environment
 * (`environment` may be NULL; it maps a name to text or NULL), then defaults. `--help` and
 * `--version` need no row: they win over errors in other arguments.
 *
 * Operands (arguments that are no options) are stored in order in operands[0..operands_max-1] and
 * counted in *operand_count; one more is an error. Both may be NULL/0 to allow none.
 *
 * -EINVAL  unknown option (with the nearest name), missing or unexpected value, bad value, missing
 *          required option, too many operands
 * -ENOMEM
 */
must_check int arguments_parse(const struct argument *table, size_t count,
                               struct argument_value *values, int argc, const char *const argv[],
                               const char *(*environment)(const char *name), const char **operands,
                               size_t operands_max, size_t *operand_count,
                               enum arguments_request *request, struct arguments_error *error);

void arguments_free(struct argument_value *values, size_t count);

/* The row whose names include `name` (without dashes), or NULL. */
const struct argument *arguments_find(const struct argument *table, size_t count, const char *name);

/* True if `names` (comma-separated) includes `name`. */
bool argument_has_name(const char *names, const char *name);

/* Length of the first (long) name in `names`. */
size_t argument_name_length(const char *names);

/* Type names as in documentation: "string", "int", … and the default placeholder, "TEXT", "N", … */
const char *argument_type_name(enum argument_type type);
const char *argument_placeholder(const struct argument *argument);

/* What a value of the type looks like, for errors: "an IPv4 address such as 192.0.2.1". */
const char *argument_expectation(enum argument_type type);

/*
 * Edit distance (insert, delete, replace, swap neighbours) between two names, at most `limit`+1.
 * For "did you mean": see also nearest_name().
 */
size_t edit_distance(const char *a, const char *b, size_t limit);

/*
 * The name among `names[0..count-1]` nearest to `given`, or NULL if none is near enough to be what
 * was meant (a third of its length).
 */
const char *nearest_name(const char *given, const char *const names[], size_t count);

/*
 * Documentation of a program, in the form of a manual page.
 */
struct manual_section {
	const char *heading; /* "DESCRIPTION" */
	const char *text;    /* paragraphs separated by blank lines; a line that starts with a tab
				is printed as it is */
};

struct manual {
	const char *name;                      /* "hello" */
	const char *summary;                   /* one line, no full stop */
	const char *synopsis;                  /* without the name: "[OPTION]… FILE" */
	const struct manual_section *sections; /* before the options */
	size_t section_count;
	const struct argument *arguments;
	size_t argument_count;
	const struct manual_section *end_sections; /* after the options: EXIT STATUS, … */
	size_t end_section_count;
};

/*
 * Write the page as plain text, filled to `width` columns, through `write`. Options come grouped
 * by section, in table order, as
 *
 *        --hello=TEXT (absent=Hello World!)
 *            How to say hello.
 */
void manual_write(const struct manual *manual, unsigned width,
                  void (*write)(void *context, const char *text, size_t length), void *context);

#endif
