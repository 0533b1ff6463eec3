/* SPDX-License-Identifier: ISC */
/*
 * The end of an instance that broke an invariant. Private to the runtime.
 */
#ifndef RUNTIME_BUG_H
#define RUNTIME_BUG_H

#include <mirage/attributes.h>

/*
 * Say on the console what is wrong, as one line `BUG: …`, and abort: through the current runtime's
 * target, or the C library outside of runtime_run().
 */
no_return void bug(const char *format, ...) printf_like(1, 2);

#endif
