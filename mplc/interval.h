/* SPDX-License-Identifier: ISC */
/*
 * Bounds of arithmetic: what an expression can be, from what its parts can be.
 */
#ifndef MPLC_INTERVAL_H
#define MPLC_INTERVAL_H

#include "mplc/syntax.h"

/*
 * Of + - * / % << >> &. The caller has made sure that a divisor cannot be 0 nor change its sign, that
 * shifts are by 0..63, and that operands of & and >> are not negative. False if the result may not
 * fit in 128 bits.
 */
bool interval_binary(int symbol, struct interval a, struct interval b, struct interval *result);

/* Of a comparison: 0..1, or the one that it always is. */
struct interval interval_compare(int symbol, struct interval a, struct interval b);

#endif
