// SPDX-License-Identifier: ISC
/* Command lines of other programs. */
#include "cli/run_command.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void out_of_memory(void)
{
	fprintf(stderr, "mirage: out of memory\n");
	exit(EXIT_BUG);
}

static void add_owned(struct words *words, char *word)
{
	char **items = realloc(words->items, (words->count + 2) * sizeof(*items));

	if (items == NULL || word == NULL)
		out_of_memory();
	words->items = items;
	words->items[words->count++] = word;
	words->items[words->count] = NULL;
}

void words_add(struct words *words, const char *format, ...)
{
	va_list arguments;
	char *word;

	va_start(arguments, format);
	if (vasprintf(&word, format, arguments) < 0)
		out_of_memory();
	va_end(arguments);
	add_owned(words, word);
}

void words_add_image_argument(struct words *words, const char *argument)
{
	char *word = malloc(2 * strlen(argument) + 3), *end = word;

	if (word == NULL)
		out_of_memory();
	if (argument[0] == '\0')
		end = stpcpy(end, "''");
	for (; *argument != '\0'; argument++) {
		if (strchr(" \t\n\r\v\f'\"\\", *argument) != NULL)
			*end++ = '\\';
		*end++ = *argument;
	}
	*end = '\0';
	add_owned(words, word);
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct words){ .items = NULL };
}

static void print_word(const char *word)
{
	if (word[0] != '\0' && strpbrk(word, " \t\n'\"\\$`*?[]{}()<>|&;~#!") == NULL) {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

void words_print(const struct words *words, const char *prefix)
{
	fputs(prefix, stdout);
	for (size_t i = 0; i < words->count; i++) {
		putchar(' ');
		print_word(words->items[i]);
	}
	putchar('\n');
}

static int report_failure(const struct words *words, int error)
{
	return diagnostic_failure(error == ENOENT ? "run `mirage doctor`" : "run `mirage build`",
	                          "cannot run %s: %s", words->items[0], strerror(error));
}

static sigset_t signals_for_wait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	return set;
}

int program_start(const struct words *words, bool apart, pid_t *pid)
{
	sigset_t waited = signals_for_wait(), none;
	posix_spawnattr_t attributes;

	fflush(NULL);
	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &waited, NULL);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(
		&attributes, (short)(POSIX_SPAWN_SETSIGMASK | (apart ? POSIX_SPAWN_SETPGROUP : 0)));
	int error = posix_spawnp(pid, words->items[0], NULL, &attributes, words->items, environ);
	posix_spawnattr_destroy(&attributes);
	return error == 0 ? 0 : report_failure(words, error);
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool program_ends_at_once(pid_t pid, int *status)
{
	enum {
		MOMENT_MS = 200,
		STEP_MS = 10
	};

	for (int waited = 0; waited < MOMENT_MS; waited += STEP_MS) {
		if (waitpid(pid, status, WNOHANG) == pid) {
			*status = status_of(*status);
			return true;
		}
		usleep(STEP_MS * 1000);
	}
	return false;
}

int program_wait(pid_t pid)
{
	sigset_t waited = signals_for_wait();
	int status = 0, number = 0;

	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended < 0 && errno != EINTR)
			return EXIT_BUG;
		if (ended == pid)
			return status_of(status);
		/* The terminal sends what the keyboard says to the program, too. */
		if (sigwait(&waited, &number) == 0 && (number == SIGTERM || number == SIGHUP))
			kill(pid, number);
	}
}

int words_become(const struct words *words)
{
	fflush(NULL);
	execvp(words->items[0], words->items);
	(void)report_failure(words, errno);
	return EXIT_ERROR;
}
