// SPDX-License-Identifier: ISC
/* mirage(1): dispatch to a subcommand. */
#include "cli/command.h"
#include "cli/pages.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mirage/arguments_scan.h>

static bool colour_wanted(const char *when)
{
	if (when != NULL && strcmp(when, "always") == 0)
		return true;
	if (when != NULL && strcmp(when, "never") == 0)
		return false;
	const char *terminal = getenv("TERM");
	return isatty(STDERR_FILENO) != 0 && getenv("NO_COLOR") == NULL && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

static unsigned count_verbose(int argc, const char *const argv[])
{
	unsigned count = 0;

	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--verbose") == 0)
			count++;
		else if (argv[i][0] == '-' && argv[i][1] == 'v' &&
		         strspn(argv[i] + 1, "v") == strlen(argv[i] + 1))
			count += (unsigned)strlen(argv[i] + 1);
	}
	return count;
}

/* How to talk must be known before anything can go wrong. */
static void set_up_messages(int argc, const char *const argv[])
{
	static const char *const levels[] = { "quiet", "error", "warning", "info", "debug" };
	enum verbosity verbosity = VERBOSITY_WARNING;
	unsigned verbose = count_verbose(argc, argv);
	const char *level = arguments_scan(argc, argv, "verbosity", false);

	if (verbose > 0)
		verbosity = verbose > 1 ? VERBOSITY_DEBUG : VERBOSITY_INFO;
	for (size_t i = 0; level != NULL && i < 5; i++)
		if (strcmp(level, levels[i]) == 0)
			verbosity = (enum verbosity)i;
	if (arguments_scan(argc, argv, "quiet,q", true) != NULL)
		verbosity = VERBOSITY_QUIET;
	diagnostic_setup(verbosity,
	                 colour_wanted(arguments_scan(argc, argv, "color,colour", false)));
}

static int dispatch(const struct command *command, int argc, const char *const argv[])
{
	struct invocation *invocation = calloc(1, sizeof(*invocation));
	enum arguments_request request = ARGUMENTS_RUN;

	if (invocation == NULL)
		return EXIT_BUG;
	invocation->command = command;
	invocation->argc = argc;
	invocation->argv = argv;
	/* A command that evaluates the configuration parses when it knows the keys. */
	int status = command->takes_keys || command->parses_itself
	                     ? EXIT_OK
	                     : invocation_parse(invocation, NULL, 0, &request);
	if (status == EXIT_OK && request == ARGUMENTS_RUN)
		status = command->run(invocation);
	else if (status == EXIT_OK)
		status = page_for_request(request, command, NULL);
	invocation_free(invocation);
	free(invocation);
	return status;
}

/* What was printed must have arrived. */
static int finish(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	if (errno == 0) /* it was an earlier write */
		errno = EIO;
	(void)diagnostic_failure(errno == ENOSPC ? "is the disk full?" : NULL,
	                         "cannot write to standard output: %s", strerror(errno));
	return status == EXIT_OK ? EXIT_ERROR : status;
}

static int run(int argc, char *argv[])
{
	const char *const *arguments = (const char *const *)argv;
	int first = 1;

	setlocale(LC_CTYPE, "");
	set_up_messages(argc - 1, arguments + 1);
	if (page_take_format(argc, argv) != 0)
		return EXIT_USAGE;
	if (argc < 2)
		return page_main();
	if (strcmp(argv[first], "--version") == 0) {
		puts(MIRAGE_VERSION);
		return EXIT_OK;
	}
	if (strcmp(argv[first], "--help") == 0 || strcmp(argv[first], "-h") == 0)
		return page_main();
	if (argv[first][0] == '-') {
		(void)diagnostic_failure("write it as `mirage COMMAND [OPTION]…`",
		                         "'%s' comes before the command", argv[first]);
		return EXIT_USAGE;
	}
	const struct command *command = command_find(argv[first]);
	return command != NULL ? dispatch(command, argc - first, arguments + first) : EXIT_USAGE;
}

int main(int argc, char *argv[])
{
	return finish(run(argc, argv));
}
