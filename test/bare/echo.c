/* SPDX-License-Identifier: ISC */
/* Standard input, line by line, to standard output; the last line without its end. */
#include <stdio.h>
#include <string.h>

int libc_program_start(void);

int libc_program_start(void)
{
	char line[32];
	int count = 0;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		printf("%s<%s>", count == 0 ? "" : "\n", line);
		count++;
	}
	return feof(stdin) ? count : 100;
}
