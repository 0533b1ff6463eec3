/* SPDX-License-Identifier: ISC */
/*
 * Lines of the target itself: above the application's log, below nothing. The prefix and where they
 * go are the target's.
 */
#ifndef TARGETS_BARE_REPORT_H
#define TARGETS_BARE_REPORT_H

#include <mirage/attributes.h>

/* Write one line about the end of the instance; it appears whatever the log level. No heap. */
void report(const char *format, ...) printf_like(1, 2);

#endif
