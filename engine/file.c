// SPDX-License-Identifier: ISC
#include "engine/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *file_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (file == NULL)
		return NULL;
	/* A NUL ends what is used of the text, but not the reading. */
	ssize_t length = getdelim(&text, &size, EOF, file);
	fclose(file);
	if (length >= 0)
		return text;
	free(text);
	return strdup("");
}

char *build_variable(const char *name)
{
	FILE *file = fopen("mirage/build.mk", "re");
	size_t length = strlen(name);
	char *line = NULL, *value = NULL;
	size_t size = 0;

	while (file != NULL && value == NULL && getline(&line, &size, file) >= 0) {
		if (strncmp(line, name, length) != 0 || strncmp(line + length, " :=", 3) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		value = strdup(line + length + 3 + strspn(line + length + 3, " "));
	}
	free(line);
	if (file != NULL)
		fclose(file);
	return value;
}
