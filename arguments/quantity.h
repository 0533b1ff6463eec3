/* SPDX-License-Identifier: ISC */
/*
 * Numbers with units, private to arguments/. -EINVAL: not of the form; -ERANGE: too large.
 */
#ifndef ARGUMENTS_QUANTITY_H
#define ARGUMENTS_QUANTITY_H

#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

must_check int integer_parse(const char *text, int64_t *integer);
must_check int size_parse(const char *text, uint64_t *bytes);
must_check int duration_parse(const char *text, nanoseconds *duration);

#endif
