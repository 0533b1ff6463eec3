/* A local library: a folder beside config.c. */
#ifndef GREETING_H
#define GREETING_H

#include <stddef.h>

/* Write a greeting for `name` into `text`; what does not fit is cut off. */
void greeting(const char *name, char *text, size_t size);

#endif
