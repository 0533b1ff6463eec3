/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <unistd.h>

#include "tenders/launch/launch.h"

void launch_forget_environment(void)
{
	if (environ == NULL)
		return;
	/* The strings themselves: they stay on the stack otherwise. */
	for (char **variable = environ; *variable != NULL; variable++)
		explicit_bzero(*variable, strlen(*variable));
	*environ = NULL;
}
