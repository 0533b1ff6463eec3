#include <mirage/console.h>
#include <mirage/image.h>

#include <stdio.h>

int info_start(const struct console *console)
{
	char line[128];

	snprintf(line, sizeof(line), "name: %s", image.name);
	console_log(console, line);
	snprintf(line, sizeof(line), "target: %s", image.target);
	console_log(console, line);
	console_log(console, "linked in:");
	for (const char *const *item = image.contents; *item != NULL; item++) {
		snprintf(line, sizeof(line), "  %s", *item);
		console_log(console, line);
	}
	return 0;
}
