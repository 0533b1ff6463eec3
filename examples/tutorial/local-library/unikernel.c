#include <mirage/console.h>

#include "greeting.h"

int greet_start(const struct console *console)
{
	char text[64];

	greeting("unikernel", text, sizeof(text));
	console_log(console, text);
	return 0;
}
