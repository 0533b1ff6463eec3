// SPDX-License-Identifier: ISC
/* The version constraint of a configuration. */
#include "cli/version.h"
#include "engine/diagnostic.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int version_compare(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		char *a_end, *b_end;
		unsigned long x = strtoul(a, &a_end, 10);
		unsigned long y = strtoul(b, &b_end, 10);

		if (x != y)
			return x < y ? -1 : 1;
		if (a_end == a && b_end == b)
			return 0;
		a = *a_end == '.' ? a_end + 1 : a_end;
		b = *b_end == '.' ? b_end + 1 : b_end;
	}
	return 0;
}

/* Whether a version that compares as `order` satisfies the relation; -EINVAL: there is no such. */
static int satisfies(const char *relation, int order)
{
	if (strcmp(relation, ">=") == 0)
		return order >= 0;
	if (strcmp(relation, ">") == 0)
		return order > 0;
	if (strcmp(relation, "<=") == 0)
		return order <= 0;
	if (strcmp(relation, "<") == 0)
		return order < 0;
	if (strcmp(relation, "=") == 0)
		return order == 0;
	return strcmp(relation, "!=") == 0 ? order != 0 : -EINVAL;
}

/* Check "OP VERSION" clauses joined by &. */
static int check_clauses(char *clauses, struct place place)
{
	for (char *save = NULL, *clause = strtok_r(clauses, "&", &save); clause != NULL;
	     clause = strtok_r(NULL, "&", &save)) {
		char relation[3], version[32];
		int used = 0;
		bool read = sscanf(clause, " %2[<>=!] %31[0-9.] %n", relation, version, &used) == 2;
		int order = read ? version_compare(MIRAGE_VERSION, version) : 0;

		if (!read || clause[used] != '\0' || satisfies(relation, order) < 0)
			return diagnostic_error(
				place,
				"write it as `mirage >= 0.1.0 & < 1.0.0`; operators "
				"are < <= > >= = !=",
				"this version constraint cannot be read");
		if (!satisfies(relation, order))
			return diagnostic_error(
				place,
				relation[0] == '>' || order < 0
					? "install a newer mirage, or relax the "
					  "constraint"
					: "install an older mirage, or port the "
					  "configuration and relax the constraint",
				"this project wants mirage %s %s; this is " MIRAGE_VERSION,
				relation, version);
	}
	return 0;
}

int version_check(const char *file)
{
	char line[256] = "";
	FILE *stream = fopen(file, "r");

	if (stream == NULL)
		return diagnostic_failure(NULL, "cannot read %s: %s", file, strerror(errno));
	char *read = fgets(line, sizeof(line), stream);
	fclose(stream);
	char *text = read != NULL ? line + strspn(line, " \t/*") : line;
	if (text - line < 2 || strncmp(text, "mirage", 6) != 0)
		return 0;
	text += 6;
	/* "mirage's hello" and the like are no constraint. */
	if (text[strspn(text, " \t")] == '\0' || !strchr("<>=!", text[strspn(text, " \t")]))
		return 0;
	text[strcspn(text, "\r\n")] = '\0';
	char *end = strstr(text, "*/");
	if (end != NULL)
		*end = '\0';
	return check_clauses(
		text, (struct place){ .file = file, .line = 1, .column = (int)(text - line) + 1 });
}
