/* SPDX-License-Identifier: ISC */
/*
 * What the linker says of an image, told by the project's own lines.
 *
 * Optimisation at link time hides which file a function was in, so a message that knows only a line
 * and a name gets the source that has that name there.
 */
#ifndef ENGINE_LINK_MESSAGES_H
#define ENGINE_LINK_MESSAGES_H

#include <stddef.h>

#include "engine/graph.h"

/*
 * Report each message in `text` (cut up in the process) once: functions that are nowhere as errors,
 * those of the C library that cannot work in an image as warnings, anything else as it is.
 * `sources` are the project's. Returns how many were errors.
 */
size_t link_messages_report(char *text, const struct texts *sources);

#endif
