// SPDX-License-Identifier: ISC
/* --help=FORMAT: a page as plain text, in a pager, or as roff. */
#include "cli/pages.h"
#include "engine/diagnostic.h"
#include "engine/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const formats[] = { "auto", "pager", "groff", "plain" };

static enum page_format {
	FORMAT_AUTO,
	FORMAT_PAGER,
	FORMAT_ROFF,
	FORMAT_PLAIN,
} format;

/* With one value allowed or none, --help is no option like others: its value is taken here. */
int page_take_format(int argc, char *argv[])
{
	static const char option[] = "--help=";

	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *value = argv[i] + strlen(option);
		size_t found = 0;

		if (strncmp(argv[i], option, strlen(option)) != 0)
			continue;
		while (found <= FORMAT_PLAIN && strcmp(formats[found], value) != 0)
			found++;
		if (found > FORMAT_PLAIN)
			return diagnostic_failure("write --help=plain, --help=pager, --help=groff "
			                          "or --help",
			                          "--help has no format '%s'", value);
		format = (enum page_format)found;
		argv[i][strlen("--help")] = '\0';
	}
	return 0;
}

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* What shows a page by the screen, as a command line for the shell; NULL: nothing here can. */
static const char *find_pager(void)
{
	const char *given = getenv("MANPAGER");

	if (!is_set(given))
		given = getenv("PAGER");
	if (is_set(given))
		return given;
	return process_exists("less") ? "less" : process_exists("more") ? "more" : NULL;
}

static bool wants_pager(void)
{
	const char *terminal = getenv("TERM");

	return format == FORMAT_PAGER ||
	       (isatty(STDOUT_FILENO) != 0 && is_set(terminal) && strcmp(terminal, "dumb") != 0);
}

static bool show_in_pager(const struct page *page)
{
	const char *pager = find_pager();
	FILE *file;

	if (pager == NULL)
		return false;
	fflush(stdout);
	setenv("LESS", "FRX", 0); /* a page that fits the screen is only printed */
	signal(SIGPIPE, SIG_IGN); /* whoever leaves the pager has seen enough */
	file = popen(pager, "w");
	if (file == NULL)
		return false;
	page_print(page, file);
	int status = pclose(file);

	return !(WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127));
}

void page_show(const struct page *page)
{
	if (format == FORMAT_ROFF)
		page_print_roff(page, 1, stdout);
	else if (format == FORMAT_PLAIN || !wants_pager() || !show_in_pager(page))
		page_print(page, stdout);
}
