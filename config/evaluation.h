/* SPDX-License-Identifier: ISC */
/*
 * One evaluation of config.c: the target, the options given, and what was registered. Private to
 * config/.
 */
#ifndef CONFIG_EVALUATION_H
#define CONFIG_EVALUATION_H

#include <jansson.h>
#include <mirage/config.h>

/* What the tool asked for, from the program's own command line. */
void evaluation_begin(const char *target, int option_count, const char *const options[]);

/* The value given for an option of this name on the command line, or NULL. */
const char *evaluation_option(const char *names, bool is_flag);

/* The keys declared so far, the environment read, and the unikernel, as JSON. New references. */
json_t *keys_to_json(void);
json_t *environment_to_json(void);
json_t *unikernel_to_json(void);

/* Write one JSON document to the descriptor the tool listens on, and end. */
no_return void evaluation_finish(json_t *document, int status);

#endif
