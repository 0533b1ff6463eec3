/* SPDX-License-Identifier: ISC */
/*
 * Function attributes that every public header uses.
 */
#ifndef MIRAGE_ATTRIBUTES_H
#define MIRAGE_ATTRIBUTES_H

/* The result carries an error: the compiler warns when a caller drops it. */
#define must_check __attribute__((warn_unused_result))

/* The function takes a printf format at argument `string` and its values from `first` on. */
#define printf_like(string, first) __attribute__((__format__(__printf__, string, first)))

/* The function does not return. */
#define no_return __attribute__((noreturn))

/*
 * Drop a result on purpose. `why` is a string literal that tells the reader the reason; it takes
 * no space in the program.
 */
#define error_ignore(call, why)                                                          \
	do {                                                                             \
		_Static_assert(sizeof("" why) > 1, "say why the error does not matter"); \
		if (call) {                                                              \
		}                                                                        \
	} while (0)

#endif
