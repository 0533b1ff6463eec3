/* SPDX-License-Identifier: ISC */
/*
 * What the two files that write parsers share.
 */
#ifndef MPLC_EMIT_PARSE_H
#define MPLC_EMIT_PARSE_H

#include "mplc/emit.h"

/* "ipv4.ihl", quoted: what a failure names. */
const char *fault_name(struct emitter *emitter, const struct field *field);

/* Fail with `error` at the field if the condition holds and the walk checks. */
void emit_failure(struct emitter *emitter, const char *indent, const char *condition,
                  const char *error, const struct field *field);

/* A field whose size only the packet knows: its end, and the checks of what is in it. */
void emit_variable(struct emitter *emitter, const struct field *field, const char *indent);

/* A list whose elements x_parse_each_LIST() can show on the way. */
bool is_visited(const struct field *field);

/*
 * What x_walk() calls for the elements of each such list: as its parameters, or as the arguments that
 * show those of `shown` (NULL: of none).
 */
const char *visitors_text(struct emitter *emitter, const struct packet *packet,
                          const struct field *shown, bool parameters);

#endif
