// SPDX-License-Identifier: ISC
/* Reading what gcc prints with -fno-diagnostics-show-caret in the C locale. */
#include "engine/compile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Split "file:line:column: rest"; NULL if the line has another form. */
static char *split_place(char *line, struct place *place)
{
	char *colon = strchr(line, ':');
	char *end;

	if (colon == NULL || !isdigit((unsigned char)colon[1]))
		return NULL;
	place->file = line;
	place->line = (int)strtol(colon + 1, &end, 10);
	place->column = 0;
	if (*end != ':')
		return NULL;
	if (isdigit((unsigned char)end[1]))
		place->column = (int)strtol(end + 1, &end, 10);
	if (*end != ':')
		return NULL;
	*colon = '\0';
	return end + 1 + strspn(end + 1, " ");
}

/* Copy what is between the first pair of quotes at or after `text`; return what follows them. */
static const char *quoted(const char *text, char copy[], size_t size)
{
	const char *open = text != NULL ? strchr(text, '\'') : NULL;
	const char *close = open != NULL ? strchr(open + 1, '\'') : NULL;

	copy[0] = '\0';
	if (close == NULL)
		return NULL;
	snprintf(copy, size, "%.*s", (int)(close - open - 1), open + 1);
	return close + 1;
}

/* "expected 'time_impl *' {aka …} but argument is of type 'console_impl *' {aka …}" */
static void note_types(const char *note, struct compiler_message *message)
{
	const char *given = strstr(note, "but argument is of type");

	if (strncmp(note, "expected '", 10) != 0 || given == NULL)
		return;
	quoted(note, message->expected, sizeof(message->expected));
	quoted(given, message->given, sizeof(message->given));
}

static void read_note(const char *note, struct place place, const char *user_file,
                      struct compiler_message *message)
{
	bool expansion = strncmp(note, "in expansion of macro", 21) == 0;

	if (expansion && strcmp(place.file, user_file) == 0 &&
	    strcmp(message->place.file, user_file) != 0)
		message->place = place;
	if (message->expected[0] == '\0')
		note_types(note, message);
}

/* Drop the " [-Werror=…]" behind a message: it is the tool that asked for it, not the user. */
static void strip_option(char *text)
{
	char *option = strstr(text, " [-W");

	if (option != NULL)
		*option = '\0';
}

bool compiler_first_error(char *output, const char *user_file, struct compiler_message *message)
{
	bool found = false;

	*message = (struct compiler_message){ .text = "" };
	for (char *save = NULL, *line = strtok_r(output, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		struct place place = { .file = NULL };
		char *rest = split_place(line, &place);

		if (rest == NULL)
			continue;
		bool error = strncmp(rest, "error: ", 7) == 0;
		bool fatal = strncmp(rest, "fatal error: ", 13) == 0;
		if ((error || fatal) && found)
			break;
		if (error || fatal) {
			found = true;
			message->place = place;
			snprintf(message->text, sizeof(message->text), "%s",
			         rest + (fatal ? 13 : 7));
			strip_option(message->text);
		} else if (found && strncmp(rest, "note: ", 6) == 0) {
			read_note(rest + 6, place, user_file, message);
		}
	}
	return found;
}
