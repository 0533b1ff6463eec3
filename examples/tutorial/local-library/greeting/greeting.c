#include "greeting.h"

#include <stdio.h>

void greeting(const char *name, char *text, size_t size)
{
	snprintf(text, size, "Greetings, %s!", name);
}
