// SPDX-License-Identifier: ISC
#include "engine/target.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

enum target_kind target_kind(const char *name)
{
	static const char *const solo5[] = { "hvt", "spt" };

	for (size_t i = 0; i < sizeof(solo5) / sizeof(solo5[0]); i++)
		if (strcmp(name, solo5[i]) == 0)
			return TARGET_SOLO5;
	return TARGET_HOSTED;
}

void bare_folder(const struct installation *installation, char folder[], size_t size)
{
	struct utsname machine;

	if (uname(&machine) != 0)
		snprintf(machine.machine, sizeof(machine.machine), "unknown");
	snprintf(folder, size, "%s/lib/mirage/bare/%s", installation->root, machine.machine);
}
