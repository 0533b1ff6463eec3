/* SPDX-License-Identifier: ISC */
/*
 * Files that mplc writes.
 */
#ifndef MPLC_OUTPUT_H
#define MPLC_OUTPUT_H

#include "mplc/emit.h"

/* The files of one specification: written under other names first, so that a disk that is full
   leaves all of the old ones. */
struct output {
	struct emitter *emitter;
	const char *folder;
	struct output_pending {
		const char *path, *written;
	} pending[8];
	size_t count;
};

/*
 * Write FOLDER/NAME+ending with what `write` emits, to be there after output_finish(). False after an
 * error, which was reported on standard error.
 */
bool output_file(struct output *output, const char *ending, void (*write)(struct emitter *emitter));

/* The same for a make rule for the module's outputs and all that was read, into `path`. */
bool output_dependencies(struct output *output, const char *path);

/* Put what was written into its place, or with `good` false remove it. False after an error. */
bool output_finish(struct output *output, bool good);

#endif
