/* SPDX-License-Identifier: ISC */
/*
 * Pieces of Lua as strings, for the dissector. In the functions of packets, `at` is where the packet
 * begins, `value`, `finish` and `count` have what is known of each field by its local name,
 * and `given` the packet's parameters.
 */
#ifndef MPLC_EMIT_LUA_H
#define MPLC_EMIT_LUA_H

#include "mplc/emit.h"

const char *lua_string(struct emitter *emitter, const char *text, size_t length);
const char *lua_number(struct emitter *emitter, wide value);

/* "at + 34", "finish["options"]": an offset in the bytes that are dissected. */
const char *lua_position(struct emitter *emitter, struct position position);

/* The value of an expression; `here` is where remaining() counts from. */
const char *lua_expression(struct emitter *emitter, const struct expression *expression,
                           struct position here);

/* True if Lua computes what C does: its numbers are exact up to 53 bits. */
bool lua_is_exact(const struct expression *expression);

/* What is classified, and the condition of an arm. */
const char *lua_subject(struct emitter *emitter, const struct classify *classify);
const char *lua_condition(struct emitter *emitter, const struct classify *classify,
                          const struct arm *arm);

#endif
