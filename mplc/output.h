/* SPDX-License-Identifier: ISC */
/*
 * Files that mplc writes.
 */
#ifndef MPLC_OUTPUT_H
#define MPLC_OUTPUT_H

#include "mplc/emit.h"

/*
 * Write FOLDER/NAME+ending with what `write` emits, all or nothing. False after an error, which was
 * reported on standard error.
 */
bool output_file(struct emitter *emitter, const char *folder, const char *ending,
                 void (*write)(struct emitter *emitter));

/* A make rule for the module's outputs and all that was read, into `path`. */
bool output_dependencies(struct emitter *emitter, const char *folder, const char *path);

#endif
