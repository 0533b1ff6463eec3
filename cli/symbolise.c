// SPDX-License-Identifier: ISC
/* mirage symbolise: the addresses of a trap's report as functions and lines of source. */
#include "cli/project.h"
#include "engine/process.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ADDRESSES_MAX = 32, /* of one line */
};

/* What is looked up in a line of the report. */
static const struct {
	const char *mark;
	const char *label;
	uint64_t back; /* from a return address into the call before it */
} marks[] = {
	{ "trap: type=", "at", 0 },
	{ "trap: likely callers", "from", 1 },
};

static const struct argument options[] = {
	{ .names = "image",
	  .placeholder = "FILE",
	  .doc = "The image with symbols. The default is _build/TARGET/image.debug of the target "
	         "that the project is configured for." },
	{ .names = NULL },
};

/* The addresses in a line that a mark begins: all of the callers', of a trap the one behind rip=. */
static size_t find_addresses(const char *text, bool rip_only, uint64_t back,
                             uint64_t addresses[ADDRESSES_MAX])
{
	const char *prefix = rip_only ? "rip=0x" : "0x";
	size_t count = 0;

	while (count < ADDRESSES_MAX && (text = strstr(text, prefix)) != NULL) {
		char *end;

		text += strlen(prefix);
		errno = 0;
		uint64_t address = strtoull(text, &end, 16);

		if (end != text && errno == 0 && address > back)
			addresses[count++] = address - back;
		text = end;
	}
	return count;
}

static void print_line(const char *label, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (line[0] != '\0')
		printf("    %-4s %s\n", label, line);
}

/* Ask addr2line for all at once; inlined functions are lines of their own. */
static int print_places(const char *image, const char *label, const uint64_t addresses[],
                        size_t count)
{
	const char *argv[ADDRESSES_MAX + 8] = { "addr2line", "-a", "-f", "-i",
		                                "-p",        "-s", "-e", image };
	char texts[ADDRESSES_MAX][24];
	struct process_result result;

	for (size_t i = 0; i < count && i < ADDRESSES_MAX - 1; i++) {
		snprintf(texts[i], sizeof(texts[i]), "0x%" PRIx64, addresses[i]);
		argv[8 + i] = texts[i];
	}
	int error = process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);

	if (error != 0)
		return diagnostic_failure("apt-get install binutils", "cannot run addr2line: %s",
		                          strerror(-error));
	if (result.status != 0) {
		result.output[strcspn(result.output, "\n")] = '\0';
		error = diagnostic_failure("build the image again", "%s", result.output);
	} else {
		for (char *save = NULL, *line = strtok_r(result.output, "\n", &save); line != NULL;
		     line = strtok_r(NULL, "\n", &save))
			print_line(label, line);
	}
	process_result_free(&result);
	return error;
}

static int symbolise_line(const char *image, const char *line)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *found = strstr(line, marks[i].mark);
		uint64_t addresses[ADDRESSES_MAX];

		if (found == NULL)
			continue;
		size_t count = find_addresses(found, i == 0, marks[i].back, addresses);

		if (count > 0)
			return print_places(image, marks[i].label, addresses, count);
	}
	return 0;
}

static int symbolise_stream(const char *image, FILE *input)
{
	char *line = NULL;
	size_t size = 0;
	int error = 0;

	while (error == 0 && getline(&line, &size, input) >= 0) {
		fputs(line, stdout);
		error = symbolise_line(image, line);
	}
	free(line);
	return error;
}

/* Where the symbols are: the user's choice, or the project's. */
static int find_image(const struct invocation *invocation, char path[PATH_MAX])
{
	const char *chosen = invocation_text(invocation, "image");
	struct context context;

	if (chosen != NULL) {
		snprintf(path, PATH_MAX, "%s", chosen);
	} else {
		int error = context_load(&context, invocation_text(invocation, "context-file"));

		if (error != 0)
			return error;
		if (context.target == NULL)
			error = diagnostic_failure("run this where config.c is, or give --image",
			                           "there is no configured project here");
		else
			snprintf(path, PATH_MAX, "_build/%s/image.debug", context.target);
		context_free(&context);
		if (error != 0)
			return error;
	}
	if (access(path, R_OK) != 0)
		return diagnostic_failure("run `mirage build`, or give --image",
		                          "cannot read %s: %s", path, strerror(errno));
	return 0;
}

static int run_symbolise(struct invocation *invocation)
{
	char image[PATH_MAX];
	FILE *input = stdin;

	if (find_image(invocation, image) != 0)
		return EXIT_ERROR;
	if (invocation->operand_count > 0) {
		input = fopen(invocation->operands[0], "re");
		if (input == NULL) {
			(void)diagnostic_failure("give the file of a log, or pipe it in",
			                         "cannot read %s: %s", invocation->operands[0],
			                         strerror(errno));
			return EXIT_ERROR;
		}
	}
	int error = symbolise_stream(image, input);

	if (input != stdin)
		fclose(input);
	return error == 0 ? EXIT_OK : EXIT_ERROR;
}

const struct command symbolise_command = {
	.name = "symbolise",
	.summary = "show the source behind the addresses of a trap's report",
	.operands = "[LOG]",
	.operands_max = 1,
	.description =
		"Copies the log of a unikernel to standard output and adds, below the lines of a "
		"trap's report, the functions and lines of source that its addresses stand for. "
		"The log is a file, or standard input: `solo5-hvt dist/hello.hvt | mirage "
		"symbolise`.",
	.options = options,
	.in_project = true,
	.run = run_symbolise,
};
